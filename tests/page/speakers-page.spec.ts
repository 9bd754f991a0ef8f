/** Speakers in the page, as a person meets them: told apart, counted, named, corrected, kept, by mouse and by keyboard. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Page } from 'playwright/test';
import type { SpeakerTurn } from '../../workers/protocol.ts';
import { expect, fixture, needsShared, test } from '../browser.ts';
import { parseRttm } from '../speakers/score.mjs';
import { expectAccessible } from './accessible.ts';
import { keepCues, type KeptCue } from './kept-transcript.ts';
import { addFiles, heard } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const boxes = (page: Page) => region(page).getByRole('list', { name: 'Cues' }).getByRole('textbox');
const panel = (page: Page) => region(page).getByRole('region', { name: 'Speakers' });
const people = (page: Page) => panel(page).getByRole('list', { name: 'Speakers' }).getByRole('listitem');
const names = (page: Page) =>
  people(page)
    .getByRole('combobox', { name: /^Name of speaker/ })
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
/** Who says each cue. */
const said = (page: Page) => boxes(page).evaluateAll((all) => all.map((box) => box.dataset['speaker'] ?? '?'));

/** Words all through each turn that nobody else disturbs, in cues of some fifteen seconds: as if it had been heard. */
function cuesOf(truth: readonly SpeakerTurn[]): { cues: KeptCue[]; speakers: string[] } {
  const clear = truth.filter(
    (turn) =>
      turn.end - turn.start > 0.8 &&
      truth.every((other) => other === turn || other.end <= turn.start || other.start >= turn.end),
  );
  const words = clear.flatMap(({ start, end, speaker }, turn) =>
    Array.from({ length: Math.max(1, Math.floor((end - start - 0.2) / 0.5)) }, (_, index) => {
      const from = start + 0.1 + index * 0.5;
      return { start: from, end: from + 0.45, text: `word${turn}-${index}`, probability: 0.9, speaker };
    }),
  );
  const groups = new Map<number, typeof words>();
  for (const word of words) {
    const group = Math.floor(word.start / 15);
    groups.set(group, [...(groups.get(group) ?? []), word]);
  }
  const cues = [...groups.values()].map((group) => ({
    start: group[0].start,
    end: group.at(-1)!.end,
    text: group.map(({ text }) => text).join(' '),
    words: group.map(({ speaker: _, ...word }) => word),
  }));
  return { cues, speakers: words.map(({ speaker }) => speaker) };
}

test('a finished transcript: told apart, counted anew, named, made one, split, undone, kept', async ({ app }) => {
  test.setTimeout(240_000);
  const path = needsShared(test, 'speech/conversations/two_short_turns.flac');
  const { size, mtimeMs } = statSync(path);
  const { cues, speakers: truth } = cuesOf(parseRttm(readFileSync(path.replace('.flac', '.rttm'), 'utf8')));
  await app.open(QUERY);
  await keepCues(app, cues, { name: basename(path), size, lastModified: Math.floor(mtimeMs) });
  await app.reload();
  await expect(boxes(app).first()).toBeVisible();
  const open = region(app).getByRole('button', { name: 'Speakers', exact: true });
  await open.focus();
  await app.keyboard.press('Enter');
  // Without the file it says which one is needed.
  await expect(panel(app)).toContainText(`add “${basename(path)}” again`);
  const tell = panel(app).getByRole('button', { name: 'Tell speakers apart' });
  await expect(tell).toBeDisabled();
  await addFiles(app, path);
  await expect(tell).toBeEnabled();

  await tell.focus();
  await app.keyboard.press('Enter');
  await expect(panel(app).getByRole('status')).toContainText('2 speakers told apart.', { timeout: 180_000 });
  await expect.poll(() => names(app)).toEqual(['Speaker 1', 'Speaker 2']);
  // Many rows are named in slices.
  await expect.poll(() => said(app)).not.toContain('?');
  // Each word has the speaker who says it.
  const told = await boxes(app).evaluateAll((all) =>
    all.flatMap((box) =>
      (box.textContent ?? '')
        .trim()
        .split(/\s+/)
        .map(() => box.dataset['speaker']),
    ),
  );
  expect(told).toHaveLength(truth.length);
  const alike = truth.filter((speaker, index) => (speaker === truth[0]) === (told[index] === told[0])).length;
  expect(Math.max(alike, truth.length - alike) / truth.length).toBeGreaterThan(0.9);
  await expect(
    region(app).getByRole('img', { name: /^Who speaks when: Speaker 1 \d+ %, Speaker 2 \d+ %$/ }),
  ).toBeVisible();
  await expect(people(app).first()).toContainText(/\d+ % of the time, \d+ % of the words/);
  await expectAccessible(app);

  // Cut again for another number, and back: at once, with the same words.
  const count = panel(app).getByRole('group', { name: 'How many speakers?' });
  const before = await heard(app);
  const labels = await said(app);
  await count.getByRole('combobox', { name: 'Other' }).fill('1');
  await app.keyboard.press('Enter');
  await expect(panel(app).getByRole('status')).toContainText('1 speaker told apart.');
  await count.getByRole('radio', { name: '2', exact: true }).check();
  await expect(panel(app).getByRole('status')).toContainText('2 speakers told apart.');
  await expect.poll(() => said(app)).toEqual(labels);
  expect(await heard(app)).toBe(before);

  // A name is given once, and goes to the disk.
  await people(app).nth(0).getByRole('combobox', { name: 'Name of speaker 1' }).fill('Ada');
  await app.keyboard.press('Tab');
  await expect.poll(() => said(app)).toEqual(labels.map((label) => label.replace('Speaker 1', 'Ada')));
  // Made one, and undone.
  await panel(app).getByRole('combobox', { name: 'Make Speaker 2 one with' }).selectOption('Ada');
  await expect.poll(async () => new Set(await said(app)).size).toBe(1);
  await expect(people(app).nth(0).getByRole('combobox', { name: 'Name of speaker 1' })).toBeFocused();
  await region(app).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => said(app)).toEqual(labels.map((label) => label.replace('Speaker 1', 'Ada')));
  // A cue is given by a key, and from a cue on somebody else speaks.
  const second = labels.indexOf('Speaker 2');
  await boxes(app).nth(second).focus();
  await app.keyboard.press('Alt+1');
  await expect(boxes(app).nth(second)).toHaveAttribute('data-speaker', 'Ada');
  await app.keyboard.press('Alt+9');
  await expect(region(app).getByText('There is no speaker 9 yet.')).toBeVisible();
  await app.keyboard.press('Alt+2');
  await expect(boxes(app).nth(second)).toHaveAttribute('data-speaker', 'Speaker 2');
  await boxes(app).nth(labels.lastIndexOf('Speaker 1')).focus();
  await panel(app).getByRole('button', { name: 'From this cue on it is somebody else' }).click();
  await expect.poll(() => names(app)).toEqual(['Ada', 'Speaker 2', 'Speaker 3']);
  await region(app).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => names(app)).toEqual(['Ada', 'Speaker 2']);

  // Where they are heard best: five seconds at most, then it is still again.
  await panel(app).getByRole('button', { name: 'Hear Ada' }).click();
  const pause = region(app).getByRole('button', { name: 'Pause', exact: true });
  await expect(pause).toBeVisible();
  await expect(pause).toHaveCount(0, { timeout: 20_000 });

  // A voice is kept where the person wants that, and can be deleted.
  const known = app.getByRole('checkbox', { name: 'Know voices again' });
  await expect(known).not.toBeChecked();
  await expect(known).toHaveAccessibleDescription(/biometric data.*stay on this device/);
  await known.check();
  await panel(app).getByRole('button', { name: 'Keep the voice of Ada' }).click();
  const voices = app.getByRole('list', { name: 'Voices kept on this device' });
  await expect(voices).toContainText('Ada');
  await expect(panel(app)).toContainText('Voice kept');

  // All of it is there after a reload, and nobody hears the file again to count anew.
  await app.reload();
  await expect.poll(() => said(app)).toEqual(labels.map((label) => label.replace('Speaker 1', 'Ada')));
  await open.click();
  await expect(panel(app).getByRole('status')).toContainText('2 speakers told apart.');
  await count.getByRole('combobox', { name: 'Other' }).fill('1');
  await app.keyboard.press('Enter');
  await expect(panel(app).getByRole('status')).toContainText('1 speaker told apart.');
  await voices.getByRole('button', { name: 'Delete the voice of Ada' }).click();
  await expect(voices).toHaveCount(0);
});

test('labels come while the recording is heard; stopped, they stay, and hearing all of it renames nobody', async ({
  app,
}) => {
  test.setTimeout(240_000);
  const path = needsShared(test, 'speech/conversations/five_panel.flac');
  const { size, mtimeMs } = statSync(path);
  const { cues } = cuesOf(parseRttm(readFileSync(path.replace('.flac', '.rttm'), 'utf8')));
  await app.open(QUERY);
  await keepCues(app, cues, { name: basename(path), size, lastModified: Math.floor(mtimeMs) });
  await app.reload();
  await expect(boxes(app).first()).toBeVisible();
  await addFiles(app, path);
  await region(app).getByRole('button', { name: 'Speakers', exact: true }).click();
  await panel(app).getByRole('button', { name: 'Tell speakers apart' }).click();
  // Stopped with the first label that comes, long before the end.
  await app.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const labelled = new MutationObserver(() => {
          if (document.querySelector('[data-cue][data-speaker]') === null) return;
          labelled.disconnect();
          [...document.querySelectorAll('button')].find((button) => button.textContent === 'Stop')!.click();
          resolve();
        });
        labelled.observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-speaker'] });
      }),
  );
  await expect(panel(app).getByRole('status')).toContainText('It was stopped before the end.', { timeout: 60_000 });
  const first = await said(app);
  expect(first[0]).toBe('Speaker 1');
  expect(first.at(-1)).toBe('?');

  const name = people(app).nth(0).getByRole('combobox', { name: 'Name of speaker 1' });
  await name.fill('Ada');
  await app.keyboard.press('Tab');
  await panel(app).getByRole('button', { name: 'Listen again' }).click();
  await expect(panel(app).getByRole('status')).toContainText('5 speakers told apart.', { timeout: 180_000 });
  await expect.poll(() => said(app)).not.toContain('?');
  expect((await said(app))[0]).toBe('Ada');
});

test('the switch: heard beside the transcription; where the networks do not come, the words stand without labels', async ({
  app,
}) => {
  test.setTimeout(150_000);
  await app.open(QUERY);
  let missing = true;
  await app.route('**/models/speakers/**', (route) => (missing ? route.abort() : route.continue()));
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  const items = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(items).toContainText('Done', { timeout: 60_000 });
  expect(new Set(await said(app))).toEqual(new Set(['?']));
  const wanted = app.getByRole('checkbox', { name: /^Tell speakers apart/ });
  await expect(wanted).not.toBeChecked();
  await wanted.check();
  await addFiles(app, fixture('windows/synthetic_en_10s_1.wav'));
  const second = items.filter({ hasText: 'synthetic_en_10s_1' });
  await expect(second).toContainText('Done', { timeout: 60_000 });
  await region(app).getByRole('button', { name: 'Speakers', exact: true }).click();
  await expect(panel(app).getByRole('status')).toContainText('The transcript stands without labels.', {
    timeout: 60_000,
  });
  expect(new Set(await said(app))).toEqual(new Set(['?']));
  // What was cut off on purpose is all that was complained of.
  expect(app.consoleErrors.filter((line) => !/ERR_FAILED/.test(line))).toEqual([]);
  app.consoleErrors.length = 0;

  missing = false;
  await app.reload();
  await expect(app.getByRole('list', { name: 'Queue' })).toBeVisible();
  await addFiles(app, fixture('windows/synthetic_en_30s_0.wav'));
  const third = items.filter({ hasText: 'synthetic_en_30s_0' });
  await expect(third).toContainText('Done', { timeout: 60_000 });
  // Its sound is heard ahead of its words: the last of them have a speaker all the same.
  await expect.poll(async () => [...new Set(await said(app))].sort(), { timeout: 60_000 }).toContain('Speaker 1');
  await expect.poll(() => said(app)).not.toContain('?');
});
