/** "Offline ready" is never remembered: each part is taken away in turn, and the page sees it and says which. */
import { cpSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { dist, expect, fixture, hostHeaders, test } from '../browser.ts';
import { addFiles, heard } from '../page/words.ts';
import { serve } from '../serve.mjs';

const DIGITS = '?model=whisper-digits-10s&backend=cpu';
const LONG = { timeout: 60_000 };

const sign = (page: Page) => page.getByRole('banner').getByRole('button', { name: /offline/i });
/** As when the person comes back to the tab: the page looks again at once. */
const comeBack = (page: Page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));

/** What a browser short of room does. @returns how many were thrown away */
function evict(page: Page, cacheName: RegExp, url: RegExp): Promise<number> {
  return page.evaluate(
    async ([nameSource, urlSource]) => {
      let gone = 0;
      for (const name of await caches.keys()) {
        if (!new RegExp(nameSource).test(name)) continue;
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          if (new RegExp(urlSource).test(request.url) && (await cache.delete(request))) gone += 1;
        }
      }
      return gone;
    },
    [cacheName.source, url.source] as const,
  );
}

function deleteModels(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const open = indexedDB.open('earshot-models');
        open.onerror = () => reject(new Error('open'));
        open.onsuccess = () => {
          const names = [...open.result.objectStoreNames];
          const change = open.result.transaction(names, 'readwrite');
          for (const name of names) change.objectStore(name).clear();
          change.oncomplete = () => {
            open.result.close();
            resolve();
          };
        };
      }),
  );
}

test('the sign names what is missing, part by part, and with nothing missing the page works without network', async ({
  app,
}) => {
  const copy = join(dist, '../tests/.out/ready');
  rmSync(copy, { recursive: true, force: true });
  cpSync(dist, copy, { recursive: true, filter: (path) => !/asyncify|jspi\.[^/\\]*\.(wasm|mjs)$/.test(path) });
  for (const name of readdirSync(join(dist, 'assets')).filter((one) => /asyncify|ort-wasm.*jspi/.test(one))) {
    // The browser is never asked to keep them here, but the list of what there is names them.
    cpSync(join(dist, 'index.html'), join(copy, 'assets', name));
  }
  const site = await serve(copy, { headers: hostHeaders() });
  app.allowed.push(site.url);

  // Everything but the model.
  await app.goto(site.url + DIGITS);
  await expect(sign(app)).toHaveText('Not offline yet: model not loaded yet', LONG);
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  await expect(sign(app)).toHaveText('Offline ready', LONG);
  await expect.poll(() => heard(app), LONG).toBe('two eight six seven zero four four zero');

  // The parts with their sizes.
  await sign(app).click();
  const parts = app.getByRole('region', { name: 'Offline' });
  await expect(parts.getByRole('heading', { name: 'Offline' })).toBeFocused();
  const row = (name: string) => parts.getByRole('row').filter({ hasText: name });
  await expect(row('The page').getByRole('cell')).toHaveText(/^[\d.]+ MB$/);
  await expect(row('The engine').getByRole('cell')).toHaveText('14 MB');
  await expect(row('The model').getByRole('cell')).toHaveText('5.5 MB');

  // The engine is gone, and its host too: it is said, and put right as soon as the host has it again.
  const runtime = readdirSync(join(copy, 'assets')).filter((name) => /^ort-wasm-simd-threaded-/.test(name));
  for (const name of runtime) renameSync(join(copy, 'assets', name), join(copy, name));
  expect(await evict(app, /runtime/, /ort-wasm/)).toBe(2);
  await comeBack(app);
  await expect(sign(app)).toHaveText(/Not offline yet: the engine is (missing|still being fetched)$/);
  await expect(row('The engine').getByRole('cell')).toHaveText('no');
  for (const name of runtime) renameSync(join(copy, name), join(copy, 'assets', name));
  await expect(sign(app)).toHaveText('Offline ready', LONG);

  // A part of the page.
  renameSync(join(copy, 'index.html'), join(copy, 'put-away.html'));
  expect(await evict(app, /precache/, /index\.html/)).toBe(1);
  await comeBack(app);
  await expect(sign(app)).toHaveText('Not offline yet: parts of the page are missing');
  renameSync(join(copy, 'put-away.html'), join(copy, 'index.html'));
  await expect(sign(app)).toHaveText('Offline ready', LONG);

  // The model.
  await deleteModels(app);
  await comeBack(app);
  await expect(sign(app)).toHaveText('Not offline yet: model not loaded yet');
  await expect(row('The model').getByRole('cell')).toHaveText('no');
  await app.reload();
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await addFiles(app, fixture('windows/synthetic_en_10s_1.wav'));
  await expect.poll(() => heard(app), LONG).toBe('one nine zero two seven zero five');
  await expect(sign(app)).toHaveText('Offline ready', LONG);

  await app.context().setOffline(true);
  await site.close();
  await app.reload();
  await expect(sign(app)).toHaveText('Offline ready');
  await addFiles(app, fixture('windows/synthetic_de_10s_0.wav'));
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(rows.filter({ hasText: 'synthetic_de' })).toContainText('Done in', LONG);
  // The panel is not part of the first load, and is here all the same. The ledger says that nobody was asked.
  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  const network = app.getByRole('region', { name: 'Network' });
  await expect(network).toContainText('Nothing has left this device since you opened the page.');
  await expect(network).toContainText('0 requests during the last job.');
  app.consoleErrors.length = 0;
});
