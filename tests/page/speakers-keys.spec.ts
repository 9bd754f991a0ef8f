/** The panel and the strip of the speakers by keyboard alone, and without a fault on a phone and a desk, by day and by night. */
import { statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Page } from 'playwright/test';
import { expect, test } from '../browser.ts';
import { wav } from '../fixtures/wav.ts';
import { expectAccessible, onEveryDevice } from './accessible.ts';
import { walkTo } from './by-keys.ts';
import { keepCues, type KeptCue } from './kept-transcript.ts';
import { addFiles } from './words.ts';

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const panel = (page: Page) => region(page).getByRole('region', { name: 'Speakers' });
const boxes = (page: Page) => region(page).getByRole('list', { name: 'Cues' }).getByRole('textbox');
const said = (page: Page) => boxes(page).evaluateAll((all) => all.map((box) => box.dataset['speaker'] ?? '?'));
const names = (page: Page) =>
  panel(page)
    .getByRole('combobox', { name: /^Name of speaker/ })
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));

const SPEAKERS = [1, 2, 3].map((id) => ({ id: `${id}`, name: `Speaker ${id}` }));
/** Twelve cues of three seconds, two speakers in one of them. */
const CUES = Array.from({ length: 12 }, (_, index): KeptCue => ({
  ...{ start: 3 * index, end: 3 * index + 2.5, text: `words number ${index}`, speaker: `${(index % 3) + 1}` },
  ...(index === 4 && { alsoSpeaking: ['1'] }),
}));
const FIRST = CUES.map(({ speaker }) => `Speaker ${speaker}`);

async function openTalk(page: Page & { open(query?: string): Promise<void> }, path: string): Promise<void> {
  // Something to be heard, so that the clearest seconds can be played.
  const tone = Float32Array.from({ length: 36 * 16000 }, (_, at) => 0.05 * Math.sin(at / 8));
  writeFileSync(path, wav({ samples: [tone] }));
  const { size, mtimeMs } = statSync(path);
  await page.open('?model=whisper-digits-10s&backend=cpu');
  await keepCues(page, CUES, {
    ...{ name: basename(path), size, lastModified: Math.floor(mtimeMs), speakers: SPEAKERS },
  });
  await page.reload();
  await expect(boxes(page).first()).toBeVisible();
  await addFiles(page, path);
  await expect(region(page).getByRole('button', { name: 'Play', exact: true })).toBeEnabled();
}

test('by keyboard alone: opened, named, heard, made one, split, given by key, undone', async ({ app }, info) => {
  await openTalk(app, info.outputPath('talk.wav'));
  const open = region(app).getByRole('button', { name: 'Speakers', exact: true });
  await walkTo(app, open);
  await app.keyboard.press('Enter');
  await expect(open).toHaveAttribute('aria-expanded', 'true');
  await expect.poll(() => names(app)).toEqual(['Speaker 1', 'Speaker 2', 'Speaker 3']);

  // Named, everywhere.
  await walkTo(app, panel(app).getByRole('combobox', { name: 'Name of speaker 1' }));
  await app.keyboard.press('Control+A');
  await app.keyboard.type('Ada');
  await app.keyboard.press('Tab');
  const named = FIRST.map((name) => name.replace('Speaker 1', 'Ada'));
  await expect.poll(() => said(app)).toEqual(named);

  // Heard where she is alone, and still again.
  const hear = panel(app).getByRole('button', { name: 'Hear Ada' });
  await walkTo(app, hear);
  await app.keyboard.press('Enter');
  const pause = region(app).getByRole('button', { name: 'Pause', exact: true });
  await expect(pause).toBeVisible();
  await expect(pause).toHaveCount(0);

  // Made one: arrows walk over the others and change nothing until Enter says which.
  await walkTo(app, panel(app).getByRole('combobox', { name: 'Make Ada one with' }));
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('ArrowDown');
  await expect(panel(app).getByRole('combobox', { name: 'Make Ada one with' })).toHaveValue('3');
  expect(await said(app)).toEqual(named);
  await app.keyboard.press('Enter');
  await expect.poll(() => said(app)).toEqual(named.map((name) => (name === 'Ada' ? 'Speaker 3' : name)));
  // The focus is where the other has gone, not lost with the row.
  await expect(panel(app).locator('input:focus')).toHaveValue('Speaker 3');
  await walkTo(app, region(app).getByRole('button', { name: 'Undo' }), 'Shift+Tab');
  await app.keyboard.press('Enter');
  await expect.poll(() => said(app)).toEqual(named);

  // Walked over and left: nothing is made one.
  await walkTo(app, panel(app).getByRole('combobox', { name: 'Make Speaker 2 one with' }));
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('Tab');
  expect(await said(app)).toEqual(named);
  await expect(panel(app).getByRole('combobox', { name: 'Make Speaker 2 one with' })).toHaveValue('');

  // A cue is given by a key, and back by undo.
  await walkTo(app, boxes(app).nth(4));
  await app.keyboard.press('Alt+1');
  await expect.poll(() => said(app)).toEqual(named.map((name, index) => (index === 4 ? 'Ada' : name)));
  await app.keyboard.press('Control+Z');
  await expect.poll(() => said(app)).toEqual(named);

  // From this cue on its speaker is somebody else: by a key, since the way to the panel's button leads through other cues.
  await expect(boxes(app).nth(4)).toBeFocused();
  await app.keyboard.press('Alt+0');
  const split = named.map((name, index) => (name === 'Speaker 2' && index >= 4 ? 'Speaker 4' : name));
  await expect.poll(() => said(app)).toEqual(split);
  await expect(region(app).getByText('From this cue on it is Speaker 4.')).toBeAttached();
  await app.keyboard.press('Control+Z');
  await expect.poll(() => said(app)).toEqual(named);
  // The first cue of somebody has nothing before it.
  await walkTo(app, boxes(app).nth(1), 'Shift+Tab');
  await app.keyboard.press('Alt+0');
  await expect(region(app).getByText('This cue is the first of its speaker')).toBeAttached();
  expect(await said(app)).toEqual(named);
  // The button once more closes the panel.
  await walkTo(app, open, 'Shift+Tab');
  await app.keyboard.press('Enter');
  await expect(panel(app)).toHaveCount(0);
});

onEveryDevice(() => {
  test('the panel and the strip have no fault that axe can find', async ({ app }, info) => {
    await openTalk(app, info.outputPath('talk.wav'));
    await expect(region(app).getByRole('img', { name: /^Who speaks when: / })).toBeVisible();
    await region(app).getByRole('button', { name: 'Speakers', exact: true }).click();
    await expect(panel(app)).toBeVisible();
    await boxes(app).nth(4).focus();
    await expectAccessible(app, { pictures: 'panel' });
  });
});
