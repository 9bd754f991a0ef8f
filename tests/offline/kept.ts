/** What the service worker has put away on this device. */
import type { Page } from 'playwright/test';
import { expect } from '../browser.ts';

/** Addresses this origin keeps in its caches, without revisions. */
export function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => url.replace(/\?__WB_REVISION__=.*/, ''));
  });
}

/** Until the service worker is in control and keeps so many files of ORT: two a build. */
export async function settled(page: Page, runtimeFiles: number): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect
    .poll(async () => (await kept(page)).filter((url) => url.includes('ort-wasm')).length, { timeout: 60_000 })
    .toBe(runtimeFiles);
}
