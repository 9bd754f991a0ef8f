/** Speakers whose names are longer than the place for them. */
import { expect, test } from '../browser.ts';
import { keepCues } from './kept-transcript.ts';

const LONG = 'Donaudampfschifffahrtsgesellschaftskapitän';

test('a name of one long word stays out of the words of a cue, and can be read where its box is too narrow', async ({
  app,
}) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await keepCues(
    app,
    [{ start: 0, end: 4, text: 'This is said while somebody else speaks.', speaker: '1', alsoSpeaking: ['2'] }],
    { speakers: ['Ada', LONG].map((name, index) => ({ id: `${index + 1}`, name })) },
  );
  await app.reload();
  const region = app.getByRole('region', { name: 'Transcript' });
  const words = await region.getByRole('textbox', { name: 'Text at 0:00, Ada' }).boundingBox();
  const note = await region.getByText(`With ${LONG}`).boundingBox();
  expect(note!.x).toBeGreaterThanOrEqual(words!.x + words!.width - 1);
  await region.getByRole('button', { name: 'Speakers', exact: true }).click();
  await expect(region.getByRole('combobox', { name: 'Name of speaker 2' })).toHaveAttribute('title', LONG);
});
