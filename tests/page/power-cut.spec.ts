/**
 * A power cut, as far as it can be made here: the browser's processes are killed at moments that nobody chose, and what was on
 * the disk at such a moment, copied from under the running browser, is opened by a fresh one of another version. Both go on,
 * and end with the words of a run that was not cut.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { launchOptions } from '../chromium.mjs';
import { expect, fixture, test } from '../browser.ts';
import { lineOf } from '../fault-table.ts';
import { randomFrom } from '../unit/random.ts';
import { killBrowser } from './harm.ts';
import { keepCues } from './kept-transcript.ts';
import { addFiles, allHeard, heard, repeated, useInputPicker } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
/** So many that a quick machine is not through before it is killed. */
const TIMES = 20;
const WORDS = Array<string>(TIMES).fill('two eight six seven zero four four zero').join(' ');
const LONG = { timeout: 60_000 };

const row = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
const boxes = (page: Page) => page.getByRole('region', { name: 'Transcript' }).getByRole('textbox');
const offer = (page: Page) => page.getByRole('status').filter({ hasText: 'stopped at' });

const opened: BrowserContext[] = [];
const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'earshot-power-'));
  folders.push(made);
  return made;
}

async function open(profile: string, args: readonly string[] = []): Promise<Page> {
  const { args: usual, ...options } = launchOptions({ gpu: false });
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    args: [...usual, ...args],
    serviceWorkers: 'block',
  });
  opened.push(context);
  const page = context.pages()[0] ?? (await context.newPage());
  await useInputPicker(page);
  return page;
}

function tape(): string {
  const path = test.info().outputPath('tape.wav');
  writeFileSync(path, repeated(fixture('windows/synthetic_en_10s_0.wav'), TIMES).buffer);
  return path;
}

/** So many cues more are on the screen, and then a moment. */
async function more(page: Page, cues: number, ms: number): Promise<void> {
  const before = await boxes(page).count();
  // Asked often: a quick machine would be done before a slow question.
  await expect.poll(() => boxes(page).count(), { ...LONG, intervals: [50] }).toBeGreaterThanOrEqual(before + cues);
  // Somewhere between two windows: the moment is what is tried here.
  await new Promise((resolve) => setTimeout(resolve, ms));
}

test.afterEach(async () => {
  for (const context of opened.splice(0)) await context.close().catch(() => undefined);
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

/** Given the file again, the job goes on, and ends with the words of a run that was not cut. */
async function expectWhole(page: Page, path: string): Promise<void> {
  await addFiles(page, path);
  await expect(row(page)).toContainText('Done', LONG);
  await expect(row(page)).toHaveCount(1);
  expect(await allHeard(page)).toBe(WORDS);
}

function survived(fault: string, phase: string): void {
  const lost = `0 of ${WORDS.split(' ').length} words`;
  const description = lineOf({ fault, phase, lost, how: 'asks: Choose the file' });
  test.info().annotations.push({ type: 'fault matrix', description });
}

test('the browser is killed again and again at random moments: each start goes on where it was', async ({ site }) => {
  test.skip(process.platform !== 'linux', 'the process is found in /proc');
  test.setTimeout(240_000);
  const seed = 20261126;
  const random = randomFrom(seed);
  const profile = folder();
  const path = tape();
  let page = await open(profile);
  await page.goto(site.url + QUERY);
  for (let cuts = 0; cuts < 2; cuts++) {
    await addFiles(page, path);
    await more(page, random.whole(1, 2), random.whole(0, 400));
    const before = await heard(page);
    await killBrowser(profile, opened.at(-1)!);
    page = await open(profile);
    await page.goto(site.url + QUERY);
    await expect(offer(page)).toContainText(/tape\.wav stopped at \d:\d\d\. Add it again/, LONG);
    // What was on the screen was on the disk.
    await expect.poll(async () => (await heard(page)).startsWith(before)).toBe(true);
  }
  await expectWhole(page, path);
  survived(`the browser is killed, twice (seed ${seed})`, 'at random moments between windows');
});

test('the disk as it was at a moment of the run, opened by a browser of another version', async ({ site }) => {
  test.skip(process.platform !== 'linux', 'the process is found in /proc');
  test.setTimeout(240_000);
  const random = randomFrom(26112026);
  const profile = folder();
  const path = tape();
  const first = await open(profile);
  await first.goto(site.url + QUERY);
  await addFiles(first, path);
  await more(first, random.whole(1, 2), random.whole(0, 400));
  const before = await heard(first);
  const copy = join(folder(), 'profile');
  // Files come and go meanwhile, as on a disk whose power is cut: what is missed is missed.
  spawnSync('cp', ['-r', profile, copy]);
  // The copy is of the middle of the run.
  expect((await heard(first)).split(' ').length).toBeLessThan(WORDS.split(' ').length);
  await killBrowser(profile, opened[0]);
  for (const lock of ['SingletonLock', 'SingletonSocket', 'SingletonCookie']) rmSync(join(copy, lock), { force: true });

  const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/999.0.0.0 Safari/537.36';
  const second = await open(copy, [`--user-agent=${agent}`]);
  await second.goto(site.url + QUERY);
  expect(await second.evaluate(() => navigator.userAgent)).toBe(agent);
  await expect(offer(second)).toContainText(/tape\.wav stopped at \d:\d\d\. Add it again/, LONG);
  await expect.poll(async () => (await heard(second)).startsWith(before)).toBe(true);
  await expectWhole(second, path);
  survived('the power is cut, and the browser is updated', 'writing the words');
});

/** All that is kept of transcripts, as it is on the disk. */
const journal = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const open = indexedDB.open('earshot-transcripts');
        open.onsuccess = () => {
          const all = open.result.transaction('jobs').objectStore('jobs').getAll();
          all.onsuccess = () => (open.result.close(), resolve(JSON.stringify(all.result)));
        };
      }),
  );

test('what an earlier version of the page left is read, and gone on with', async ({ app }) => {
  const path = test.info().outputPath('tape.wav');
  const { buffer } = repeated(fixture('windows/synthetic_en_10s_0.wav'), 3);
  writeFileSync(path, buffer);
  const seconds = 1_700_000_000;
  utimesSync(path, seconds, seconds);
  const known = { name: 'tape.wav', size: buffer.length, lastModified: seconds * 1000 };
  await app.open(QUERY);
  await addFiles(app, path);
  await expect(row(app)).toContainText('Done', LONG);
  const words = (await heard(app)).split(' ');
  await row(app).getByRole('button', { name: 'Remove' }).click();
  // A record of the first version: without title, first words, fault, folder, track, makings, speakers, and its windows
  // without a bookmark.
  await keepCues(app, [{ start: 0.4, end: 4, text: words.slice(0, 8).join(' ') }], {
    ...known,
    phase: 'cancelled',
    doneSeconds: 4,
  });
  await app.reload();
  await expect(offer(app)).toContainText('tape.wav stopped at 0:04.');
  await addFiles(app, path);
  await expect(row(app)).toContainText('Done', LONG);
  await expect(row(app)).toHaveCount(1);
  expect((await heard(app)).split(' ').slice(0, 8)).toEqual(words.slice(0, 8));
  survived('the page is updated', 'after the first window');
});

test('what a later version of the page has written is left as it is', async ({ app }) => {
  await app.open(QUERY);
  await keepCues(app, [{ start: 0, end: 1, text: 'of tomorrow' }], {
    version: 2,
    id: 'later',
    name: { of: 'another kind' },
  });
  await keepCues(app, [{ start: 0, end: 1, text: 'of today' }], { id: 'now', added: 2 });
  const before = await journal(app);
  await app.reload();
  await expect(row(app)).toHaveCount(1);
  await expect.poll(() => heard(app)).toBe('of today');
  await app.getByRole('link', { name: 'Library' }).click();
  await expect(app.getByRole('list', { name: 'Transcripts' }).getByRole('listitem')).toHaveCount(1);
  await expect(app.getByRole('status').filter({ hasText: 'They are kept, and come back with it.' })).toBeVisible();
  expect(await journal(app)).toBe(before);
  expect(app.consoleErrors).toEqual([]);
});
