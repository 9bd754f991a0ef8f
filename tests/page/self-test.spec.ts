/** The self-test in the page: a real sentence heard by the Whisper that comes with it, and what its verdicts do to Automatic. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { verdictKey, type KeptVerdicts, type Verdict } from '../../src/engine/verdict.ts';
import type { AdapterReport, Backend } from '../../workers/protocol.ts';
import { expect, fixture, test, type App } from '../browser.ts';
import { runFirst } from './taken.ts';
import { addFiles, heard } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };
const SENTENCE = (
  JSON.parse(readFileSync(fixture('../../public/demo/sentence.json'), 'utf8')) as { words: { text: string }[] }
).words.map(({ text }) => text);

const rows = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');

test('a sentence of a person, heard by Whisper base: its words, its times, the verdict, a row of the table', async ({
  app,
  context,
}) => {
  test.setTimeout(240_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.open('?model=whisper-base&backend=cpu&language=en');
  await addFiles(app, fixture('../../public/demo/sentence.wav'));
  await expect(rows(app)).toContainText('Done', { timeout: 120_000 });
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z ]/g, '');
  expect(plain(await heard(app))).toBe(SENTENCE.join(' '));

  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  const panel = app.getByRole('region', { name: 'Self-test' });
  await expect(panel).toContainText('A sentence is heard with Whisper base, too.');
  await panel.getByRole('button', { name: 'Run self-test' }).click();
  const results = panel.getByRole('list', { name: 'Results of the self-test' }).getByRole('listitem');
  await expect(panel).toContainText('The CPU hears the words right.', { timeout: 120_000 });
  const total = SENTENCE.length;
  await expect(results).toHaveText([
    /^\s*CPU: 17 of 17 words right, \d+\.\d s\s*$/,
    new RegExp(`^\\s*CPU, a sentence: ${total} of ${total} words right, \\d+\\.\\d s\\s*$`),
  ]);
  expect(plain(await panel.locator('.heard').innerText())).toBe(SENTENCE.join(' '));

  await panel.getByRole('button', { name: 'Copy benchmark row' }).click();
  await expect(panel).toContainText('Copied: a row for each backend');
  const row = await app.evaluate(() => navigator.clipboard.readText());
  test.info().annotations.push({ type: 'figures', description: row });
  const [, date, device, browser, backend, clip, loadTime, encoder, decoder, factor, memory] = row
    .split('|')
    .map((cell) => cell.trim());
  expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(device).toMatch(/^CPU, \d+ cores?$/);
  expect(browser).toMatch(/^Chrome \d+$/);
  expect([backend, clip]).toEqual(['CPU', 'sentence.wav, 11 s, Whisper base']);
  for (const time of [loadTime, encoder, decoder]) expect(time).toMatch(/^(?!0\.00)\d+\.\d\d s$/);
  expect(Number(factor)).toBeGreaterThan(0);
  expect(memory).toMatch(/^[\d.]+ [MG]B$/);
});

/** An adapter that says it is a graphics card; asked for a device it has none. */
const ADAPTER: AdapterReport = {
  ...{ vendor: 'acme', architecture: 'x', device: '', description: 'Acme 1', fallback: false },
  ...{ features: [], limits: {} },
};
const GPU = `{
  const info = { vendor: 'acme', architecture: 'x', device: '', description: 'Acme 1', isFallbackAdapter: false };
  const adapter = {
    info, features: new Set(), limits: {}, isFallbackAdapter: false,
    requestDevice: () => (console.log('a device was asked for'), Promise.reject(new Error('none'))),
  };
  const gpu = { requestAdapter: () => Promise.resolve(adapter), wgslLanguageFeatures: new Set() };
  Object.defineProperty(navigator, 'gpu', { configurable: true, value: gpu });
}`;
const verdict = (backend: Backend, right: number, wallMs: number): Verdict => ({
  ...{ backend, right, total: 20, heard: '', wallMs },
});
const GOOD = { digits: verdict('gpu', 20, 500), gpu: verdict('gpu', 20, 1000), cpu: verdict('cpu', 20, 4000) };

/** Hears a file with the backend left to the page. @returns whether the GPU was asked for a device */
async function automatic(app: App, kept: KeptVerdicts, key: string): Promise<boolean> {
  let asked = false;
  app.on('console', (message) => (asked ||= message.text() === 'a device was asked for'));
  await runFirst(app, GPU);
  await app.addInitScript(([name, text]) => localStorage.setItem(name, text), [key, JSON.stringify(kept)] as const);
  await app.open('?model=whisper-digits-10s&backend=auto');
  await addFiles(app, CLIP);
  await expect(rows(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
  return asked;
}

const keyHere = async (app: App, adapter = ADAPTER) =>
  verdictKey(await app.evaluate(() => navigator.userAgent), adapter);
const said = (app: App, words: string) => app.getByRole('status').filter({ hasText: words });

test('Automatic leaves a GPU alone that got words wrong, without asking it for anything', async ({ app }) => {
  expect(await automatic(app, { ...GOOD, gpu: verdict('gpu', 3, 1000) }, await keyHere(app))).toBe(false);
  await expect(said(app, 'wrong')).toBeVisible();
});

test('Automatic leaves a GPU alone that is slower than the CPU', async ({ app }) => {
  expect(await automatic(app, { ...GOOD, gpu: verdict('gpu', 20, 9000) }, await keyHere(app))).toBe(false);
  await expect(said(app, 'faster')).toBeVisible();
});

// This one has no device to give: the CPU takes over, and that it was asked shows what Automatic chose.
test('Automatic takes a GPU that hears right', async ({ app }) => {
  expect(await automatic(app, GOOD, await keyHere(app))).toBe(true);
});

for (const [where, key] of [
  ['in another version of the browser', () => verdictKey('another version', ADAPTER)],
  ['on another adapter', (app: App) => keyHere(app, { ...ADAPTER, description: 'Acme 2' })],
] as const)
  test(`what was found ${where} does not count`, async ({ app }) => {
    const wrong = { ...GOOD, digits: verdict('gpu', 0, 500) };
    expect(await automatic(app, wrong, await key(app))).toBe(true);
  });
