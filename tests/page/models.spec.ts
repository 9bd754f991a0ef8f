/** Models as a person handles them: bring, check, take along, delete, pause, and what is said when it does not work. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Page, Route } from 'playwright/test';
import { expect, fixture, repository, test, type App } from '../browser.ts';
import { addFiles, heard } from './words.ts';

const DIGITS = 'Spoken digits';
const FOLDER = join(repository, 'public/models/whisper-digits-10s');
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const LONG = { timeout: 60_000 };

const section = (page: Page) => page.getByRole('region', { name: 'Models' });
const row = (page: Page, name = DIGITS) =>
  section(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name, exact: true }) });
const button = (page: Page, name: string) => section(page).getByRole('button', { name, exact: true });
const filePicker = (page: Page) => section(page).getByLabel('Import from files or a zip');

async function openModels(app: App): Promise<void> {
  await app.open('?model=whisper-digits-10s&backend=cpu#engine');
  await expect(row(app)).toBeVisible();
}

/** Drops a file on the page, or on the first element that matches. */
async function drop(page: Page, name: string, bytes: Uint8Array, target = 'body'): Promise<void> {
  const base64 = Buffer.from(bytes).toString('base64');
  await page.evaluate(
    ([fileName, text, place]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(text), (char) => char.charCodeAt(0))], fileName));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        const event = new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector(place)?.dispatchEvent(event);
      }
    },
    [name, base64, target] as const,
  );
}

test('a model goes from machine to machine by disk: imported, checked, exported, deleted, dropped, used', async ({
  app,
}) => {
  await openModels(app);
  await expect(row(app)).toContainText('comes with the page');
  await expect(row(app)).toContainText(
    'From this page. GPU or CPU, several languages. Checked against a pinned SHA-256.',
  );
  await expect(row(app, 'Whisper base, from the hub')).toContainText('209 MB to download');
  const bundled = row(app, 'Whisper base');
  await expect(bundled).toContainText('MB, comes with the page');
  await expect(bundled).toContainText('From this page.');
  await expect(bundled).toContainText('Licence: MIT, Copyright (c) 2022 OpenAI.');
  await bundled.getByText('Licence notice of Whisper base').click();
  await expect(bundled.getByText('Permission is hereby granted, free of charge')).toBeVisible();
  await section(app).getByLabel('Import from a folder').setInputFiles(FOLDER);
  await expect(section(app).getByText('Spoken digits is here: checked and ready.')).toBeVisible(LONG);
  await expect(row(app)).toContainText('on this device');
  await expect(row(app)).toContainText('not read again since it came');

  await button(app, 'Verify Spoken digits').click();
  await expect(row(app).getByRole('status')).toContainText(
    'All right: every byte of Spoken digits was read again',
    LONG,
  );
  await expect(row(app)).toContainText(/last read and checked \d+ \w+ \d{4}, \d\d:\d\d/);

  const saved = app.waitForEvent('download');
  await button(app, 'Export Spoken digits').click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('whisper-digits-10s.zip');
  const archive = readFileSync(await file.path());
  await expect(row(app).getByRole('status')).toContainText('whisper-digits-10s.zip goes to your downloads.');

  // Asked once, here; keeping it gives the focus back.
  await button(app, 'Delete Spoken digits').click();
  await expect(button(app, 'Keep it')).toBeFocused();
  await app.keyboard.press('Enter');
  await expect(button(app, 'Delete Spoken digits')).toBeFocused();
  await app.keyboard.press('Enter');
  await button(app, 'Delete').click();
  await expect(row(app)).toContainText('comes with the page');

  await app.getByRole('link', { name: 'Transcribe' }).click();
  const asked = app.requestLog.length;
  await drop(app, file.suggestedFilename(), archive);
  const news = app.getByRole('status').filter({ hasText: 'Spoken digits is here: checked and ready.' });
  await expect(news).toBeVisible(LONG);
  await news.getByRole('button', { name: 'OK' }).click();
  await addFiles(app, CLIP);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', LONG);
  expect(await heard(app)).toBe('two eight six seven zero four four zero');
  expect(app.requestLog.slice(asked).filter((url) => url.includes('/models/'))).toEqual([]);

  // In memory at rest it can go as well.
  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  await expect(row(app)).toContainText('In memory');
  await button(app, 'Delete Spoken digits').click();
  await button(app, 'Delete').click();
  await expect(row(app)).toContainText('comes with the page');
  await expect(row(app)).not.toContainText('In memory');
});

test('a download goes on while the engine ends and another one starts', async ({ app }) => {
  const held: Route[] = [];
  await app.context().route('**/models/whisper-digits-10s/onnx/decoder*', (route) => void held.push(route));
  await openModels(app);
  await section(app)
    .getByRole('button', { name: /^Load Spoken digits \(/ })
    .click();
  await expect.poll(() => held.length).toBe(1);
  const engines = () => app.workers().filter((worker) => worker.url().includes('engine.worker'));
  await expect.poll(() => engines().length).toBe(1);
  const [first] = engines();
  await first.evaluate(() => {
    setTimeout(() => {
      throw new Error('the engine stopped in the middle');
    });
  });
  await expect.poll(() => engines().includes(first)).toBe(false);
  await expect(row(app).getByRole('progressbar', { name: 'Spoken digits download' })).toBeVisible();
  // The file waits for the same bytes, in a fresh engine.
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await addFiles(app, CLIP);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Loading the model', LONG);
  await expect.poll(() => engines().length).toBe(1);
  await held[0].continue();
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', LONG);
  expect(await heard(app)).toBe('two eight six seven zero four four zero');
  // One request a file: nothing was begun anew.
  const asked = app.requestLog.filter((url) => url.includes('/models/whisper-digits-10s/'));
  expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted());
  expect(held).toHaveLength(1);
  app.consoleErrors = app.consoleErrors.filter((error) => !error.includes('the engine stopped in the middle'));
});

test('a download is paused, resumed, and cancelled; a full disk is told of', async ({ app }) => {
  const held: Route[] = [];
  let holding = true;
  await app.context().route('**/models/whisper-digits-10s/onnx/decoder*', async (route) => {
    if (holding) held.push(route);
    else await route.continue();
  });
  await openModels(app);
  const begin = section(app).getByRole('button', { name: /^Load Spoken digits \(/ });
  const resume = section(app).getByRole('button', { name: /^Resume Spoken digits \(/ });
  const progress = row(app).getByRole('progressbar', { name: 'Spoken digits download' });
  const done = () => progress.getAttribute('aria-valuenow').then(Number);

  // First of all: Chromium remembers for a while how much room there was.
  const { origin } = new URL(app.url());
  const cdp = await app.context().newCDPSession(app);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 500_000 });
  await begin.click();
  await expect(row(app).getByRole('alert')).toContainText('The browser has no room for the model');
  await expect(row(app).getByRole('alert')).toContainText('Free some space, then try again.');
  await cdp.send('Storage.overrideQuotaForOrigin', { origin });

  await section(app)
    .getByRole('button', { name: /^(Load|Resume) Spoken digits \(/ })
    .click();
  await expect(row(app).getByRole('alert')).toHaveCount(0);
  await expect.poll(done).toBeGreaterThan(20);
  // One thing at a time, and nothing is taken from under it.
  await expect(
    section(app).getByRole('button', { name: 'Download Whisper base, from the hub (206 MB)', exact: true }),
  ).toBeDisabled();
  await button(app, 'Pause Spoken digits').click();
  await expect(resume).toBeEnabled();
  await expect(row(app)).toContainText(/[\d.]+ MB of [\d.]+ MB here/);
  await expect(row(app).getByRole('alert')).toHaveCount(0);

  await resume.click();
  await expect(progress).toBeVisible();
  await button(app, 'Cancel Spoken digits').click();
  await expect(begin).toBeEnabled();
  await expect(row(app)).toContainText('comes with the page');

  holding = false;
  await begin.click();
  await expect(row(app)).toContainText('on this device', LONG);
});

test('what is no model, or means harm, is refused in words, and the page goes on', async ({ app }) => {
  await openModels(app);
  const alert = section(app).getByRole('alert');
  const zip = (files: Record<string, string>) =>
    Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))));
  const give = (name: string, buffer: Buffer) =>
    filePicker(app).setInputFiles({ name, mimeType: 'application/octet-stream', buffer });

  await give('harm.zip', zip({ '../../../etc/passwd': 'root', '..\\evil.onnx': 'x' }));
  await expect(alert).toContainText('harm.zip was refused: there is no model in this archive that this page knows.');
  await give('cut.zip', zip({ 'encoder_model.onnx': 'x' }).subarray(0, 40));
  await expect(alert).toContainText('cut.zip was refused: this archive is cut off or damaged.');
  await give('cat.onnx', Buffer.from('a network that knows cats'));
  await expect(section(app).getByText('No model that Earshot knows was in that.')).toBeVisible();
  await expect(alert).toHaveCount(0);

  // The right name and the right length, with one bit turned.
  const encoder = readFileSync(join(FOLDER, 'onnx/encoder_model.onnx'));
  encoder[1000] ^= 1;
  await drop(app, 'encoder_model.onnx', encoder, '[aria-labelledby=models-heading]');
  await expect(alert).toContainText('1 file is damaged and not kept.');
  await expect(row(app)).toContainText('comes with the page');

  // On the page at large, with a recording: each goes where it belongs.
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await drop(app, 'photos.zip', zip({ 'beach.jpg': 'sand' }));
  const news = app.getByRole('alert').filter({ hasText: 'photos.zip was refused' });
  await expect(news).toContainText('Recordings in a zip have to be unpacked first.');
  await expect(app.getByRole('list', { name: 'Queue' })).toHaveCount(0);
  await news.getByRole('button', { name: 'OK' }).click();
  await addFiles(app, CLIP);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', LONG);
});

/** A mirror in a folder of the page that has the digits model under a name of its own. */
async function mirrorDigits(app: App, id: string): Promise<void> {
  const revision = 'a'.repeat(40);
  const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(json|onnx)$/.test(path),
  );
  const siblings = paths.map((rfilename) => {
    const bytes = readFileSync(join(FOLDER, rfilename));
    const blobId = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const lfs = rfilename.endsWith('.onnx') ? { lfs: { sha256, size: bytes.length } } : {};
    return { rfilename, size: bytes.length, blobId, ...lfs };
  });
  await app.context().route('**/hub/**', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname.endsWith(`/api/models/${id}/revision/main`)) {
      return route.fulfill({ json: { sha: revision, siblings } });
    }
    const file = join(FOLDER, pathname.split(`/${id}/resolve/${revision}/`)[1] ?? 'none');
    return existsSync(file) ? route.fulfill({ path: file }) : route.fulfill({ status: 404, body: 'no' });
  });
}

test('a mirror, and a model of the hub by its name: refused in words or taken, marked unverified, used, gone', async ({
  app,
}) => {
  await mirrorDigits(app, 'someone/digits');
  await openModels(app);
  await section(app).getByText('For experts').click();
  const alert = section(app).getByRole('alert');
  const mirror = section(app).getByLabel('Download models from');
  await mirror.fill('mirror.example');
  await button(app, 'Use this address').click();
  await expect(alert).toContainText('The address of a mirror begins with https://');
  await mirror.fill('./hub');
  await button(app, 'Use this address').click();
  await expect(section(app).getByText(/^Models are downloaded from http.*\/hub\/ from now on\.$/)).toBeVisible();
  await expect(alert).toHaveCount(0);

  const hubId = section(app).getByLabel('Add a model from the hub');
  await hubId.fill('digits');
  await button(app, 'Add').click();
  await expect(alert).toContainText('A model of the hub is called owner/name');
  await hubId.fill('someone/cats');
  await button(app, 'Add').click();
  await expect(alert).toContainText('The hub has no model called someone/cats');
  await hubId.fill('someone/digits');
  await button(app, 'Add').click();
  await expect(row(app, 'someone/digits')).toContainText('Not verified by Earshot');
  await section(app)
    .getByRole('button', { name: /^(Download|Resume) someone\/digits \(/ })
    .click();
  await expect(row(app, 'someone/digits')).toContainText('on this device', LONG);

  await app.getByRole('link', { name: 'Transcribe' }).click();
  await app.getByRole('combobox', { name: 'Model' }).selectOption('someone/digits');
  await addFiles(app, CLIP);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', LONG);
  expect(await heard(app)).toBe('two eight six seven zero four four zero');

  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  await button(app, 'Delete someone/digits').click();
  await expect(section(app).getByText('It also leaves this list.')).toBeVisible();
  await button(app, 'Delete').click();
  await expect(row(app, 'someone/digits')).toHaveCount(0);
  await section(app).getByText('For experts').click();
  await expect(mirror).toHaveValue(/\/hub\/$/);
  await button(app, 'Back to huggingface.co').click();
  await expect(mirror).toHaveValue('');
});

test('a model that is dropped while another is downloaded waits for its turn, and how it ended is said', async ({
  app,
}) => {
  const held: Route[] = [];
  let holding = true;
  await app.context().route('**/models/whisper-digits-10s/onnx/decoder*', async (route) => {
    if (holding) held.push(route);
    else await route.continue();
  });
  await openModels(app);
  await section(app)
    .getByRole('button', { name: /^Load Spoken digits/ })
    .click();
  await expect.poll(() => held.length).toBeGreaterThan(0);
  await drop(app, 'strange.zip', zipSync({ 'model/encoder_model.onnx': strToU8('x') }));
  const news = app.locator('main .messages').getByText(/This looks like a model/);
  await expect(news).toHaveText('This looks like a model. It is read when the model store has finished what it is at.');
  holding = false;
  for (const route of held) await route.continue();
  await expect(row(app)).toContainText('on this device', LONG);
  await expect(app.locator('main .messages')).toContainText('strange.zip was refused', LONG);
});
