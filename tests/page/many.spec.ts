/** Many files at once, folders of all sorts, names of all sorts, and files that change while they wait. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { wav } from '../fixtures/wav.ts';
import { inWords, longest, longTasks, seesAHold } from './long-tasks.ts';
import { addFiles, heard, repeated } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const OTHER = fixture('windows/synthetic_en_10s_1.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };

const items = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
const item = (page: Page, name: string) => items(page).filter({ hasText: name });
const names = (page: Page) => page.getByRole('list', { name: 'Queue' }).locator('.name').allTextContents();

test('three hundred files in one go: in a person’s order, and nobody is held up', async ({ app }) => {
  const folder = test.info().outputPath('clips');
  mkdirSync(folder);
  const sound = wav({ samples: [new Float32Array(1600)] });
  const paths = Array.from({ length: 300 }, (_, index) => join(folder, `clip ${300 - index}.wav`));
  for (const path of paths) writeFileSync(path, sound);
  await app.open(QUERY);
  // The model is in memory, so that what is measured is the queue.
  await addFiles(app, CLIP);
  await expect(items(app)).toContainText('Done', LONG);
  // How many rows come in one task: reading the size of each file takes time, but none of the processor.
  await app.getByRole('list', { name: 'Queue' }).evaluate((list) => {
    const rows = { atOnce: 0 };
    Object.assign(window, { rows });
    let before = list.childElementCount;
    new MutationObserver(() => {
      rows.atOnce = Math.max(rows.atOnce, list.childElementCount - before);
      before = list.childElementCount;
    }).observe(list, { childList: true });
  });
  const tasks = await longTasks(app);
  await addFiles(app, ...paths);
  await expect.poll(() => app.evaluate(() => document.querySelectorAll('.job').length), LONG).toBe(301);
  const added = await tasks();
  const { atOnce } = await app.evaluate(() => (window as unknown as { rows: { atOnce: number } }).rows);
  console.log(`three hundred files: longest task ${inWords(added)}, ${atOnce} rows at most in one`);
  // None of the page's is over 50 ms where the machine does nothing else, and handing the files over takes the browser 70.
  expect(longest(added)).toBeLessThan(100);
  await seesAHold(app, tasks);
  expect(atOnce).toBeGreaterThan(0);
  expect(atOnce).toBeLessThan(100);
  // Their headers are read meanwhile, and the first of them have run.
  await expect(items(app).nth(300)).toContainText(/Waiting\. 1 s|Done/, LONG);
  expect((await names(app)).slice(1)).toEqual(Array.from({ length: 300 }, (_, index) => `clip ${index + 1}.wav`));
});

test('what lies in a folder beside its recordings is listed by kind', async ({ app }) => {
  const folder = test.info().outputPath('tapes');
  mkdirSync(join(folder, 'side b'), { recursive: true });
  for (const path of ['talk.wav', 'side b/talk.wav']) cpSync(CLIP, join(folder, path));
  for (const path of ['cover.jpg', 'back.png', 'notes.txt', '.DS_Store', 'side b/old.xyz'])
    writeFileSync(join(folder, path), 'x');
  await app.open(QUERY);
  await app.getByLabel('Add a folder').setInputFiles(folder);
  const said = app.getByRole('status').filter({ hasText: 'Left out' });
  await expect(said).toContainText('Left out: 2 pictures, 1 document, 1 hidden file, 1 other file (.xyz).');
  await said.getByText('Details').click();
  await expect(said).toContainText('tapes/side b/old.xyz');
  // The same name twice: told apart by where they lie.
  await expect(items(app)).toHaveCount(2);
  expect((await names(app)).map((name) => name.replace(/\s+/g, ' '))).toEqual([
    'talk.wav tapes/side b',
    'talk.wav tapes',
  ]);
  await app.getByRole('button', { name: 'OK' }).click();
  await expect(said).toHaveCount(0);
});

test('any name is one readable line with its true extension', async ({ app }) => {
  const buffer = readFileSync(CLIP);
  const file = (name: string) => ({ name, mimeType: 'audio/wav', buffer });
  await app.open(QUERY);
  await addFiles(
    app,
    file('\u{1F3A4} interview \u{1F468}\u200D\u{1F469}\u200D\u{1F467}.wav'),
    file('invoice\u202Evaw.mp3'),
    file('two\nlines.wav'),
    file(`${'very long '.repeat(24)}name.wav`),
    file('CON.wav'),
  );
  await expect(items(app)).toHaveCount(5);
  const shown = await names(app);
  expect(shown.filter((name) => /[\n\u202E]/.test(name))).toEqual([]);
  expect(shown).toContain('invoicevaw.mp3');
  expect(shown).toContain('two lines.wav');
  // Measured as it is drawn: one line high, and the extension inside its row.
  const boxes = await items(app).evaluateAll((rows) =>
    rows.map((row) => {
      const [name, last] = [row.querySelector('.name')!, row.querySelector('.name bdi:last-of-type')!];
      const end = last.getBoundingClientRect();
      const room = row.getBoundingClientRect();
      const height = name.getBoundingClientRect().height / parseFloat(getComputedStyle(name).lineHeight);
      return { inside: end.width > 0 && end.right <= room.right, lines: Math.round(height) };
    }),
  );
  expect(boxes).toEqual(Array(5).fill({ inside: true, lines: 1 }));
  expect(await app.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);

  await expect(item(app, 'CON.wav')).toContainText('Done', { timeout: 80_000 });
  await item(app, 'CON.wav').getByRole('button', { name: 'Open' }).click();
  await app.getByRole('button', { name: 'Export' }).click();
  const download = app.waitForEvent('download');
  await app.getByRole('menuitem', { name: /Plain text/ }).click();
  expect((await download).suggestedFilename()).toBe('_CON.txt');
});

test('a file that is replaced while it waits says so, the others go on, and chosen again it is heard', async ({
  app,
}) => {
  const folder = test.info().outputPath('waiting');
  mkdirSync(folder);
  const [first, second, third] = ['1 long.wav', '2 replaced.wav', '3 last.wav'].map((name) => join(folder, name));
  const long = repeated(CLIP, 40);
  if (typeof long === 'string') throw new Error('a buffer was expected');
  writeFileSync(first, long.buffer);
  cpSync(OTHER, second);
  cpSync(CLIP, third);
  await app.open(QUERY);
  await addFiles(app, first, second, third);
  // Its headers are read; now another program writes to it.
  await expect(item(app, '2 replaced.wav')).toContainText('Waiting. 10 s', LONG);
  cpSync(first, second);
  await expect(item(app, '2 replaced.wav').getByRole('alert')).toContainText(
    /The file (can't be read any more\. Choose it again|was written to or replaced after it was added\. Add it again)/,
    LONG,
  );
  await expect(item(app, '3 last.wav')).toContainText('Done', LONG);

  cpSync(CLIP, second);
  await addFiles(app, second);
  await expect(item(app, '2 replaced.wav')).toContainText('Done', LONG);
  await expect(items(app)).toHaveCount(3);
  await item(app, '2 replaced.wav').getByRole('button', { name: 'Open' }).click();
  await expect.poll(() => heard(app)).toBe(WORDS);
  // The player was given a file that was not there any more: the browser says so itself.
  app.consoleErrors = app.consoleErrors.filter((error) => !/ERR_\w+ \(blob:/.test(error));
});
