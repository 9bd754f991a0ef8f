/** Speakers whose names are longer than the place for them, and more speakers than there is place for. */
import { expect, test } from '../browser.ts';
import { expectAccessible } from './accessible.ts';
import { walkTo } from './by-keys.ts';
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

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, contextOptions: { reducedMotion: 'reduce' } });

  test('twelve speakers are a line each, which opens for what is seldom done', async ({ app }) => {
    const ids = Array.from({ length: 12 }, (_, index) => `${index + 1}`);
    await app.open('?model=whisper-digits-10s&backend=cpu');
    await keepCues(
      app,
      ids.map((speaker, index) => ({ start: 3 * index, end: 3 * index + 2.5, text: `words ${speaker}`, speaker })),
      { speakers: ids.map((id) => ({ id, name: id === '3' ? LONG : `Speaker ${id}` })) },
    );
    await app.reload();
    const region = app.getByRole('region', { name: 'Transcript' });
    await region.getByRole('button', { name: 'Speakers', exact: true }).click();
    const list = region.getByRole('list', { name: 'Speakers' });
    const rows = list.getByRole('listitem');
    await expect(rows).toHaveCount(12);
    expect((await list.boundingBox())!.height).toBeLessThan(12 * 52);
    // Read out whole where only a number is seen.
    await expect(rows.nth(1)).toContainText('8 % of the time, 8 % of the words');
    const merge = region.getByRole('combobox', { name: 'Make Speaker 2 one with' });
    await expect(merge).toBeHidden();
    await expectAccessible(app);

    const more = region.getByRole('button', { name: 'More on Speaker 2', exact: true });
    await walkTo(app, more);
    await app.keyboard.press('Enter');
    await expect(more).toHaveAttribute('aria-expanded', 'true');
    await expectAccessible(app, { pictures: 'twelve-phone' });
    await app.keyboard.press('Tab');
    await expect(merge).toBeFocused();
    await merge.selectOption('Speaker 1');
    await expect(rows).toHaveCount(11);
  });
});
