/** Two speakers whom a person has made one stay one, whatever is counted later, until that is undone. */
import type { Page } from 'playwright/test';
import { createCut } from '../../workers/speakers/assign.ts';
import { expect, test } from '../browser.ts';
import { conversation, forgedTable } from '../unit/forged-voices.ts';
import { labelledCues } from '../unit/label-as-told.ts';
import { keepCues, type KeptCue } from './kept-transcript.ts';
import { keepVoices } from './kept-voices.ts';

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const panel = (page: Page) => region(page).getByRole('region', { name: 'Speakers' });
const names = (page: Page) =>
  panel(page)
    .getByRole('combobox', { name: /^Name of speaker/ })
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
const said = (page: Page) =>
  region(page)
    .locator('[data-cue]')
    .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['speaker'] ?? '?'));

test('made one by hand they stay one with more labels, another number and in a later visit; undone they are two', async ({
  app,
}) => {
  const { table, truth } = forgedTable(conversation(3, 90, 5), 5);
  const turns = createCut(table)(null);
  const cues = truth.map(({ start, end }, index): KeptCue => ({ start, end, text: `words ${index}` }));
  // The last third has no labels yet, as of a recording that was stopped.
  const heard = labelledCues(cues.slice(0, 60), turns);
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await keepCues(app, [...heard, ...cues.slice(60)], {
    speakers: [1, 2, 3].map((id) => ({ id: `${id}`, name: `Speaker ${id}` })),
  });
  await keepVoices(app, table, turns);
  await app.reload();
  const all = labelledCues(cues, turns).map(({ speaker }) => `Speaker ${speaker}`);
  expect(new Set(all.slice(60)).size).toBe(3);
  const open = region(app).getByRole('button', { name: 'Speakers', exact: true });
  await open.click();
  const status = panel(app).getByRole('status');
  await expect(status).toContainText('3 speakers told apart.');

  await panel(app).getByRole('combobox', { name: 'Make Speaker 2 one with' }).selectOption('Speaker 1');
  await expect.poll(() => names(app)).toEqual(['Speaker 1', 'Speaker 3']);
  const count = panel(app).getByRole('group', { name: 'How many speakers?' });
  // A number is of people: the two are one of them.
  await count.getByRole('radio', { name: '2', exact: true }).check();
  const joined = all.map((name) => name.replace('Speaker 2', 'Speaker 1'));
  await expect.poll(() => said(app)).toEqual(joined);
  await expect(status).toContainText('2 speakers told apart.');
  expect(await names(app)).toEqual(['Speaker 1', 'Speaker 3']);

  await app.reload();
  await open.click();
  await expect(status).toContainText('2 speakers told apart.');
  await count.getByRole('radio', { name: 'Automatic' }).check();
  await expect(count.getByRole('radio', { name: 'Automatic' })).toBeChecked();
  await expect.poll(() => said(app)).toEqual(joined);

  // Made one and undone in one visit: they are two again in all that is told then.
  await panel(app).getByRole('combobox', { name: 'Make Speaker 3 one with' }).selectOption('Speaker 1');
  await expect.poll(() => names(app)).toEqual(['Speaker 1']);
  await region(app).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => names(app)).toEqual(['Speaker 1', 'Speaker 3']);
  await count.getByRole('radio', { name: '2', exact: true }).check();
  await expect.poll(() => said(app)).toEqual(joined);
});
