/** Nothing that hangs holds a person up: a cancel works while a model is loaded and while a GPU is tested for the first time. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { addFiles, heard } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };

const row = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');

/** A GPU whose adapter looks like a real one and which never gives a device. */
const DEAD_GPU = `{
  const info = { vendor: 'acme', architecture: 'x', device: '', description: 'Acme 1', isFallbackAdapter: false };
  const adapter = {
    info, features: new Set(), limits: {}, isFallbackAdapter: false,
    requestDevice: () => new Promise(() => {}),
  };
  const gpu = { requestAdapter: () => Promise.resolve(adapter), wgslLanguageFeatures: new Set() };
  Object.defineProperty(navigator, 'gpu', { configurable: true, value: gpu });
}`;

async function withDeadGpu(page: Page): Promise<void> {
  await page.route(/\/engine\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${DEAD_GPU}\n${await response.text()}` });
  });
}

test('a load that hangs: the cancel works, and a retry does not wait for the same load', async ({ app }) => {
  let hangs = true;
  await app.route(/\/models\/.*encoder_model/, (route) => (hangs ? undefined : route.continue()));
  await app.clock.install();
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, CLIP);
  await expect(row(app)).toContainText('Loading the model', LONG);
  await app.clock.fastForward(10_000);
  await row(app).getByRole('button', { name: 'Cancel' }).click();
  await expect(row(app)).toContainText('Stopped.', { timeout: 5000 });
  hangs = false;
  await row(app).getByRole('button', { name: 'Retry' }).click();
  await expect(row(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
});

test('a load that nobody cancels is given up after two silent minutes, in words', async ({ app }) => {
  await app.route(/\/models\/.*encoder_model/, () => undefined);
  await app.clock.install();
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, CLIP);
  await expect(row(app)).toContainText('Loading the model', LONG);
  // The first load and the fresh try after it.
  await expect(async () => {
    await app.clock.runFor(121_000);
    await expect(row(app).getByRole('alert')).toContainText('The engine stopped.', { timeout: 1000 });
  }).toPass(LONG);
  await expect(row(app).getByRole('button', { name: 'Retry' })).toBeVisible();
});

test('a GPU that hangs in its first self-test: the cancel works at once', async ({ app }) => {
  await withDeadGpu(app);
  await app.open('?model=whisper-digits-10s&backend=auto');
  await addFiles(app, { name: 'a.wav', mimeType: 'audio/wav', buffer: readFileSync(CLIP) });
  await expect(row(app)).toContainText('Loading the model', LONG);
  await row(app).getByRole('button', { name: 'Cancel' }).click();
  await expect(row(app)).toContainText('Stopped.', { timeout: 5000 });
  // The person goes on with the CPU.
  await app.getByRole('combobox', { name: 'Backend' }).selectOption('cpu');
  await row(app).getByRole('button', { name: 'Retry' }).click();
  await expect(row(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
});

test('a storage that never answers is told of, and nobody waits without knowing why', async ({ app }) => {
  await app.route(/\/store\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const hangs = 'IDBFactory.prototype.open = () => new EventTarget();';
    await route.fulfill({ response, body: `${hangs}\n${await response.text()}` });
  });
  await app.clock.install();
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, CLIP);
  await expect(row(app)).toContainText('Waiting', LONG);
  await app.clock.fastForward(11_000);
  await expect(app.getByRole('status').filter({ hasText: 'storage does not answer' })).toBeVisible();
});
