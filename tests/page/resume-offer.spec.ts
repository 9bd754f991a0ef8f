/**
 * What was cut off is offered to be gone on with: with the file where it lies, or chosen again and compared; after a reload,
 * a tab that crashed and a browser that was killed. The words are those of a run that was not cut.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { launchOptions } from '../chromium.mjs';
import { expect, fixture, test, type App } from '../browser.ts';
import { lineOf } from '../fault-table.ts';
import { killBrowser, poison } from './harm.ts';
import { addFiles, heard, repeated, useInputPicker } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const WORDS = Array<string>(3).fill('two eight six seven zero four four zero').join(' ');
const LONG = { timeout: 60_000 };

const row = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
const firstWords = (page: Page) => page.getByRole('region', { name: 'Transcript' }).getByRole('textbox').first();
const offer = (page: Page) => page.getByRole('status').filter({ hasText: 'stopped at' });

function recording(): Buffer {
  const long = repeated(fixture('windows/synthetic_en_10s_0.wav'), 3);
  if (typeof long === 'string') throw new Error('a buffer was expected');
  return long.buffer;
}

/** The picker gives a file of the page's own file system, whose handles can be kept as those of the disk are. */
const PICKER = `
  globalThis.showOpenFilePicker = async () => [
    await (await navigator.storage.getDirectory()).getFileHandle('tape.wav'),
  ];
  FileSystemHandle.prototype.queryPermission = async () => 'prompt';
  FileSystemHandle.prototype.requestPermission = async () => 'granted';
`;

async function writeTape(page: Page, bytes: Buffer): Promise<void> {
  await page.evaluate(async (base64) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle('tape.wav', { create: true });
    const stream = await handle.createWritable();
    await stream.write(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
    await stream.close();
  }, bytes.toString('base64'));
}

/** A recording from the picker, whose engine stands still behind the first window. */
async function begun(app: App): Promise<void> {
  await app.addInitScript({ content: PICKER });
  await poison(app, 'engine', 'writing the second window', 'hangs', 2);
  await app.open(QUERY);
  await writeTape(app, recording());
  await app.getByLabel('Add files').click();
  await expect(firstWords(app)).toBeVisible(LONG);
}

function survived(fault: string, how: string): void {
  const lost = `0 of ${WORDS.split(' ').length} words`;
  const description = lineOf({ fault, phase: 'writing the second window', lost, how });
  test.info().annotations.push({ type: 'fault matrix', description });
}

test('a reload in the middle: one press goes on with the file where it lies', async ({ app }) => {
  await begun(app);
  await app.unrouteAll();
  await app.reload();
  await expect(offer(app)).toContainText(/tape\.wav stopped at 0:0[5-9], and can go on from there\./);
  await offer(app).getByRole('button', { name: 'Go on' }).click();
  await expect(offer(app)).toHaveCount(0);
  await expect(row(app)).toContainText('Done', LONG);
  await expect(row(app)).toHaveCount(1);
  expect(await heard(app)).toBe(WORDS);
  survived('the page is reloaded', 'asks: Go on');
});

test('Retry of a file that was cut off takes it from where it lies, and asks nothing', async ({ app }) => {
  await begun(app);
  await app.unrouteAll();
  await app.reload();
  await offer(app).getByRole('button', { name: 'Not now' }).click();
  await expect(row(app)).toContainText('Stopped at');
  await row(app).getByRole('button', { name: 'Retry' }).click();
  await expect(row(app)).toContainText('Done', LONG);
  await expect(row(app)).toHaveCount(1);
  await expect(app.getByRole('status').filter({ hasText: 'again to go on' })).toHaveCount(0);
  expect(await heard(app)).toBe(WORDS);
});

test('Retry asks for a file that lies there no more', async ({ app }) => {
  await begun(app);
  await app.unrouteAll();
  await app.reload();
  await offer(app).getByRole('button', { name: 'Not now' }).click();
  await app.evaluate(async () => (await navigator.storage.getDirectory()).removeEntry('tape.wav'));
  await row(app).getByRole('button', { name: 'Retry' }).click();
  await expect(app.getByRole('status').filter({ hasText: 'Add tape.wav again to go on.' })).toBeVisible();
  await expect(row(app)).toContainText('Stopped at');
});

test('a file that was changed meanwhile is not gone on with: it is asked for', async ({ app }) => {
  await begun(app);
  await app.unrouteAll();
  await app.reload();
  await expect(offer(app).getByRole('button', { name: 'Go on' })).toBeVisible();
  const other = recording();
  other.fill(0, 1000, 2000);
  await writeTape(app, other);
  await offer(app).getByRole('button', { name: 'Go on' }).click();
  await expect(offer(app)).toContainText('Add it again, and it goes on from there.');
  await expect(offer(app).getByRole('button', { name: 'Go on' })).toHaveCount(0);
  await expect(offer(app).getByRole('button', { name: 'Choose the file' })).toBeVisible();
  await expect(row(app)).toContainText('Stopped at');
});

test('files that were not begun are still known after a tab that was closed', async ({ app }) => {
  await useInputPicker(app);
  await poison(app, 'engine', 'preparing a window', 'hangs');
  const harmed = app.waitForEvent('console', (message) => message.text() === 'harmed');
  const paths = [0, 1].map((nth) => fixture(`windows/synthetic_en_10s_${nth}.wav`));
  await app.open(QUERY);
  await addFiles(app, ...paths);
  await harmed;
  await app.goto('about:blank');
  await app.open(QUERY);
  await expect(row(app)).toHaveCount(2);
  await expect(row(app).first()).toContainText('Nothing was transcribed yet.');
  const both = app.getByRole('status').filter({ hasText: '2 files were not finished.' });
  const [picker] = await Promise.all([
    app.waitForEvent('filechooser'),
    both.getByRole('button', { name: 'Choose the files' }).click(),
  ]);
  await picker.setFiles(paths);
  await expect(row(app).getByText('Done in')).toHaveCount(2, LONG);
  await expect(row(app)).toHaveCount(2);
  await expect(both).toHaveCount(0);
  // They are in the library with their words, and once.
  await app.getByRole('link', { name: 'Library' }).click();
  await expect(app.getByRole('region', { name: 'Library' }).getByRole('listitem')).toHaveCount(2);
});

test('the tab crashes: the next one offers to go on', async ({ app, site }) => {
  await begun(app);
  const crashed = app.waitForEvent('crash');
  const session = await app.context().newCDPSession(app);
  // There is nobody left to answer.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  const next = await app.context().newPage();
  await next.addInitScript({ content: PICKER });
  await next.goto(site.url + QUERY);
  await offer(next).getByRole('button', { name: 'Go on' }).click();
  await expect(row(next)).toContainText('Done', LONG);
  expect(await heard(next)).toBe(WORDS);
  survived('the tab crashes', 'asks: Go on');
  await next.close();
});

test('the browser is killed: the next start offers to go on with the same file, and with no other', async ({
  site,
}) => {
  test.skip(process.platform !== 'linux', 'the process is found in /proc');
  test.setTimeout(180_000);
  const profile = mkdtempSync(join(tmpdir(), 'earshot-killed-'));
  const path = test.info().outputPath('tape.wav');
  writeFileSync(path, recording());
  const opened: BrowserContext[] = [];
  const open = async (): Promise<Page> => {
    const options = { ...launchOptions({ gpu: false }), serviceWorkers: 'block' as const };
    const context = await chromium.launchPersistentContext(profile, options);
    opened.push(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await useInputPicker(page);
    return page;
  };
  try {
    const first = await open();
    await poison(first, 'engine', 'writing the second window', 'hangs', 2);
    await first.goto(site.url + QUERY);
    await addFiles(first, path);
    await expect(firstWords(first)).toBeVisible(LONG);
    await killBrowser(profile, opened[0]);

    const second = await open();
    await second.goto(site.url + QUERY);
    await expect(offer(second)).toContainText(/tape\.wav stopped at 0:0[5-9]\. Add it again/, LONG);
    const other = test.info().outputPath('other.wav');
    const bytes = recording();
    writeFileSync(other, bytes.fill(0, bytes.length - 9000));
    await addFiles(second, other);
    await expect(row(second)).toHaveCount(2);
    await addFiles(second, path);
    await expect(row(second).filter({ hasText: 'tape.wav' })).toContainText('Done', LONG);
    await expect(row(second)).toHaveCount(2);
    await expect.poll(() => heard(second)).toBe(WORDS);
    survived('the browser is killed', 'asks: Choose the file');
  } finally {
    for (const context of opened) await context.close().catch(() => undefined);
    rmSync(profile, { recursive: true, force: true });
  }
});
