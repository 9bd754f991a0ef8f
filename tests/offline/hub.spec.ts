/**
 * The hub, on the production build: nobody but the page itself may be asked until a model of the hub is chosen; then the
 * service worker lets the hub in, for the store's worker alone, and nothing is lost by it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { dist, expect, fixture, hostHeaders, repository, test, type App } from '../browser.ts';
import { catalogue } from '../../workers/store/catalogue.ts';
import { keyOf } from '../../workers/store/shelf.ts';
import { listingOf } from '../page/hub.ts';
import { addFiles, heard } from '../page/words.ts';
import { serve } from '../serve.mjs';

const HUB = 'https://huggingface.co/';
const FOLDER = join(repository, 'public/models/whisper-digits-10s');
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };
/** Another person's model, by the name of one that this page has. */
const ID = 'someone/whisper-base';
const SHA = '9'.repeat(40);

/** The hub has the digits model under that name. */
async function startHub(app: App): Promise<void> {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(json|onnx)$/.test(path),
  );
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(join(FOLDER, path))]));
  app.allowed.push(HUB);
  await app.context().route(`${HUB}**`, (route) => {
    const { pathname } = new URL(route.request().url());
    const headers = { 'access-control-allow-origin': '*' };
    if (pathname === `/api/models/${ID}/revision/main`) return route.fulfill({ headers, json: listingOf(SHA, files) });
    const path = pathname.split(`/${ID}/resolve/${SHA}/`)[1] ?? 'none';
    return existsSync(join(FOLDER, path))
      ? route.fulfill({ headers, path: join(FOLDER, path), contentType: 'application/octet-stream' })
      : route.fulfill({ headers, status: 404, body: 'no' });
  });
}

const toHub = (app: App) => app.requestLog.filter((url) => url.startsWith(HUB));
const models = (page: Page) => page.getByRole('region', { name: 'Models' });
const row = (page: Page, name: string) =>
  models(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name, exact: true }) });

/** connect-src of what this page gets for a script of a worker, or for itself. */
function connectSource(page: Page, name: 'engine' | 'media' | 'store' | null): Promise<string> {
  const file = readdirSync(join(dist, 'assets')).find((file) => file.startsWith(`${name}.worker-`));
  return page.evaluate(
    async (url) => {
      const policy = (await fetch(url)).headers.get('content-security-policy') ?? '';
      return /connect-src[^;]*/.exec(policy)?.[0] ?? 'none';
    },
    name === null ? './' : `assets/${file}`,
  );
}

test('who chooses a model of the hub while the page is still being put on this device waits for that', async ({
  app,
}) => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  // Nobody but the service worker asks for it, and that is not ready before it has it.
  const before = (inside: string) => (inside === 'icons/maskable-512.png' ? gate : undefined);
  const site = await serve(dist, { headers: hostHeaders(), before });
  app.allowed.push(site.url);
  await startHub(app);
  await app.clock.install();
  await app.goto(`${site.url}?model=whisper-digits-10s&backend=cpu#engine`);
  await models(app).getByText('For experts').click();
  await models(app).getByLabel('Add a model from the hub').fill(ID);
  const add = models(app).getByRole('button', { name: 'Add', exact: true });
  await add.click();
  await expect(add).toHaveCount(0);
  // A slow line: ten seconds later it is still on its way.
  await app.clock.fastForward(10_000);
  await app.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  expect(await add.count()).toBe(0);
  expect(await app.evaluate(() => navigator.serviceWorker.controller)).toBe(null);
  open();
  await expect(row(app, ID)).toContainText('Not verified by Earshot', LONG);
  await site.close();
});

for (const [host, headers] of [
  ['a host that sends the headers', hostHeaders],
  ['a host that sends none', () => ({})],
] as const) {
  test(`${host}: the hub comes in with the first model of it, and goes with the last`, async ({ app }) => {
    const site = await serve(dist, { prefix: '/some/where/', headers: headers() });
    app.allowed.push(site.url);
    await startHub(app);
    // What is not a visit to the page itself comes from the host, with the headers that it sends.
    const others =
      'Content-Security-Policy' in headers() ? (['engine', 'media', null] as const) : (['engine', 'media'] as const);
    await app.goto(`${site.url}?model=whisper-digits-10s&backend=cpu#engine`);
    await app.waitForFunction(() => crossOriginIsolated && navigator.serviceWorker.controller !== null);
    await expect(row(app, 'Whisper base')).toBeVisible();
    for (const name of ['store', ...others] as const) expect(await connectSource(app, name)).toBe("connect-src 'self'");

    // The first wish to the hub: a fresh worker, and no reload.
    await app.evaluate(() => Object.assign(window, { sameVisit: true }));
    await models(app).getByText('For experts').click();
    await models(app).getByLabel('Add a model from the hub').fill(ID);
    await models(app).getByRole('button', { name: 'Add', exact: true }).click();
    await expect(row(app, ID)).toContainText('Not verified by Earshot', LONG);
    await models(app)
      .getByRole('button', { name: /^(Download|Resume) someone\/whisper-base \(/ })
      .click();
    await expect(row(app, ID)).toContainText('on this device', LONG);
    expect(await connectSource(app, 'store')).toBe(
      "connect-src 'self' https://huggingface.co https://*.huggingface.co https://*.hf.co",
    );
    for (const name of others) expect(await connectSource(app, name)).toBe("connect-src 'self'");

    // It hears with its own files, though another model has its name.
    await app.getByRole('link', { name: 'Transcribe' }).click();
    await app.getByRole('combobox', { name: 'Model' }).selectOption(ID);
    const asked = toHub(app).length;
    expect(asked).toBeGreaterThan(0);
    await addFiles(app, CLIP);
    await expect.poll(() => heard(app), LONG).toBe(WORDS);
    expect(toHub(app).length).toBe(asked);
    expect(await app.evaluate(() => 'sameVisit' in window)).toBe(true);

    await app.getByRole('link', { name: 'Engine', exact: true }).click();
    await expect(app.getByRole('region', { name: 'Network' })).toContainText(
      /came from huggingface\.co: .*someone\/whisper-base, because you asked\./,
    );
    await models(app)
      .getByRole('button', { name: `Delete ${ID}` })
      .click();
    await models(app).getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(row(app, ID)).toHaveCount(0);
    await expect.poll(() => connectSource(app, 'store')).toBe("connect-src 'self'");
    await site.close();
  });
}

/** As an earlier version of the page left this device: with the hub's Whisper base under the id it had then. */
async function comeFromEarlierVersion(app: App): Promise<void> {
  const base = catalogue.find(({ id }) => id === 'whisper-base-hub')!;
  const markers = base.files.map(({ path, bytes, sha256 }) => {
    const marker = { bytes, sha256, chunks: 0, chunkBytes: 4_194_304, savedAt: Date.now() };
    return [keyOf(base, path), marker] as const;
  });
  // Made by the store's worker; opened before that they would stay empty.
  await app.waitForFunction(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name);
    return names.includes('earshot-models') && names.includes('earshot-sources');
  });
  await app.evaluate(async (markers) => {
    localStorage.clear();
    const open = (name: string) =>
      new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error(name));
      });
    const models = await open('earshot-models');
    const sources = await open('earshot-sources');
    const change = models.transaction('chunks', 'readwrite');
    for (const [key, marker] of markers) change.objectStore('chunks').put(marker, key);
    await new Promise((done) => (change.oncomplete = done));
    const forget = sources.transaction('sources', 'readwrite');
    forget.objectStore('sources').clear();
    await new Promise((done) => (forget.oncomplete = done));
    models.close();
    sources.close();
  }, markers);
}

test('a device with the hub’s Whisper base from an earlier version goes on with it, and nothing is fetched', async ({
  app,
  site,
}) => {
  await app.goto(site.url);
  await app.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const model = app.getByRole('combobox', { name: 'Model' });
  await expect(model).toHaveValue('whisper-base');
  await comeFromEarlierVersion(app);
  await app.reload();
  await expect(model).toHaveValue('whisper-base-hub');
  const news = app.getByRole('status').filter({ hasText: 'Whisper base now comes with the page' });
  await expect(news).toContainText('This device goes on with the one it has from the hub.');
  await expect(app.getByText('Whisper base, from the hub is on this device: 209 MB, checked.')).toBeVisible();
  // The hub may be asked when its files need mending.
  await expect.poll(() => connectSource(app, 'store')).toContain(' https://huggingface.co ');

  // An address still means the one that comes with the page, and whoever chooses it by hand has it from then on.
  await app.goto(`${site.url}?model=whisper-base`);
  await expect(model).toHaveValue('whisper-base');
  await app.goto(site.url);
  await expect(model).toHaveValue('whisper-base-hub');
  await model.selectOption('whisper-base');
  await app.reload();
  await expect(app.getByText('Whisper base comes with the page:')).toBeVisible();
  await expect(model).toHaveValue('whisper-base');
  await expect(news).toHaveCount(0);
  expect(app.requestLog.filter((url) => url.includes('/models/'))).toEqual([]);
});
