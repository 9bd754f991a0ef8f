/**
 * The service worker's promises, on the production build: one visit is enough to work with the network off, on any
 * static host, and a new version never interrupts anything.
 */
import { appendFileSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Page } from 'playwright/test';
import { dist, expect, fixture, hostHeaders, test } from '../browser.ts';
import { addFiles, heard } from '../page/words.ts';
import { serve, type Site } from '../serve.mjs';
import { kept, settled } from './kept.ts';

const DIGITS = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const OTHER = fixture('windows/synthetic_en_10s_1.wav');
const OTHER_WORDS = 'one nine zero two seven zero five';

async function cutOff(page: Page, site: Site): Promise<void> {
  await page.context().setOffline(true);
  await site.close();
}

/** What the page needs, without ORT and the models. */
function shellFiles(): string[] {
  const wanted = (path: string) => /^(index\.html|manifest\.webmanifest|(assets|icons|demo)[\\/].*)$/.test(path);
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)))
    .filter((path) => wanted(path) && !basename(path).startsWith('ort-wasm'));
}

test.describe('one visit', () => {
  let site: Site;

  test.beforeEach(async () => {
    site = await serve(dist, { headers: hostHeaders() });
  });
  test.afterEach(async () => {
    await site.close();
  });

  test('and one model, and the page transcribes with the network off', async ({ app }) => {
    app.allowed.push(site.url);
    await app.goto(site.url + DIGITS);
    await addFiles(app, CLIP);
    await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(WORDS);
    await settled(app, 2);

    await cutOff(app, site);
    await app.reload();
    expect(await app.evaluate(() => crossOriginIsolated)).toBe(true);
    await addFiles(app, OTHER);
    await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(OTHER_WORDS);
  });

  test('keeps the whole shell, and of ORT the CPU build only where there is no adapter', async ({ app }) => {
    app.allowed.push(site.url);
    await app.goto(site.url);
    await settled(app, 2);
    const urls = await kept(app);
    const missing = shellFiles().filter((path) => !urls.includes(site.url + path.replaceAll('\\', '/')));
    expect(missing).toEqual([]);
    expect(urls.filter((url) => url.includes('ort-wasm')).filter((url) => /jspi|asyncify|jsep/.test(url))).toEqual([]);
    expect(urls.filter((url) => url.includes('/models/'))).toEqual([]);
  });

  test('keeps the page installable: its manifest names pictures of the sizes it says', async ({ app }) => {
    app.allowed.push(site.url);
    await app.goto(site.url);
    const wrong = await app.evaluate(async () => {
      type Picture = { src: string; sizes: string; type: string };
      const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
      const manifest = (await (await fetch(link?.href ?? '')).json()) as { icons: Picture[]; screenshots: Picture[] };
      const wrong: string[] = [];
      for (const { src, sizes, type } of [...manifest.icons, ...manifest.screenshots]) {
        const image = new Image();
        image.src = new URL(src, link?.href).href;
        await image.decode();
        const real = `${image.naturalWidth}x${image.naturalHeight}`;
        if (type === 'image/png' && sizes !== real) wrong.push(`${src}: ${sizes} is ${real}`);
      }
      return wrong;
    });
    expect(wrong).toEqual([]);
  });
});

test('a sub-path of a host without headers: isolated after one reload, and offline', async ({ app }) => {
  const site = await serve(dist, { prefix: '/some/where/' });
  app.allowed.push(site.url);
  let loads = 0;
  app.on('load', () => (loads += 1));
  await app.goto(site.url + DIGITS);
  await app.waitForFunction(() => crossOriginIsolated);
  await expect(app.getByLabel('Add files')).toBeAttached();
  expect(loads).toBeLessThanOrEqual(2);
  // The query survived the reload.
  expect(app.url()).toBe(site.url + DIGITS);

  await addFiles(app, CLIP);
  await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(WORDS);
  await settled(app, 2);
  await cutOff(app, site);
  await app.reload();
  expect(await app.evaluate(() => crossOriginIsolated)).toBe(true);
  // Another one: the words of the first are on the screen already.
  await addFiles(app, OTHER);
  await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(OTHER_WORDS);
});

test('a page in use is not reloaded for isolation', async ({ app }) => {
  const site = await serve(dist);
  app.allowed.push(site.url);
  await app.addInitScript(() => {
    // As early as a person could be: before the service worker can be in control.
    addEventListener('DOMContentLoaded', () =>
      document.body.dispatchEvent(new Event('pointerdown', { bubbles: true })),
    );
  });
  await app.goto(site.url + DIGITS);
  await app.evaluate(async () => {
    Object.assign(window, { sameVisit: true });
    if (!navigator.serviceWorker.controller) {
      await new Promise((controlled) => navigator.serviceWorker.addEventListener('controllerchange', controlled));
    }
  });
  await expect(app.getByLabel('Add files')).toBeAttached();
  expect(await app.evaluate(() => 'sameVisit' in window && !crossOriginIsolated)).toBe(true);
  // One thread, and it works.
  await addFiles(app, CLIP);
  await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(WORDS);
  expect(await app.evaluate(() => 'sameVisit' in window)).toBe(true);
  await site.close();
});

test('a new version waits until the page asks for it', async ({ app }) => {
  const copy = join(dist, '../tests/.out/updated');
  rmSync(copy, { recursive: true, force: true });
  cpSync(dist, copy, { recursive: true, filter: (path) => !/[\\/]models$/.test(path) });
  const site = await serve(copy, { headers: hostHeaders() });
  app.allowed.push(site.url);
  await app.goto(site.url);
  await settled(app, 2);
  await expect.poll(() => app.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);

  appendFileSync(join(copy, 'sw.js'), '\n// next version\n');
  await app.evaluate(async () => {
    Object.assign(window, { sameVisit: true });
    const registration = await navigator.serviceWorker.getRegistration();
    await registration?.update();
  });
  const states = () =>
    app.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return {
        waiting: registration?.waiting?.state,
        active: registration?.active?.state,
        same: 'sameVisit' in window,
      };
    });
  await expect.poll(states).toEqual({ waiting: 'installed', active: 'activated', same: true });

  await app.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    registration?.waiting?.postMessage({ type: 'SKIP_WAITING' });
  });
  // Chromium lets the old one finish what it is at first.
  await expect.poll(async () => (await states()).waiting, { timeout: 60_000 }).toBeUndefined();
  await site.close();
});
