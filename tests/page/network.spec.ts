/** The ledger against Playwright's own list of requests: nothing during a job, and every byte of a download. */
import type { Route } from 'playwright/test';
import { catalogue } from '../../workers/store/catalogue.ts';
import { expect, fixture, test } from '../browser.ts';
import { noise } from './hub.ts';
import { addFiles, heard } from './words.ts';

const HUB = 'https://huggingface.co/';
const LONG = { timeout: 60_000 };

test('no request leaves while a file is transcribed: the ledger and the browser agree', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  // Somebody sets the clock before the file is added: a job and its requests have the same clock all the same.
  await app.evaluate(() => (Date.now = () => 0));
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  await expect.poll(() => heard(app), LONG).toBe('two eight six seven zero four four zero');
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(rows).toContainText('Done in');

  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  const network = app.getByRole('region', { name: 'Network' });
  // The first job fetched the engine, the model and the voice detector, and says so.
  await expect(network).toContainText(/\d+ requests during the last job, [\d.]+ MB: .*The engine/);
  await expect(network).toContainText('Nothing of yours has left this device since you opened the page.');
  const lines = network.getByRole('table').first().getByRole('row');
  for (const why of ['The page itself', 'The engine', 'The voice detector', 'Spoken digits, comes with this page']) {
    await expect(lines.filter({ hasText: why }).first()).toBeVisible();
  }
  await expect(network.getByRole('alert')).toHaveCount(0);
  // Every address the browser asked for is in the list.
  await network.getByText('Each of them').click();
  const unlisted = async () => {
    const listed = await network.getByRole('table').last().locator('td.code').allTextContents();
    const asked = [...new Set(app.requestLog.map((url) => new URL(url).pathname))];
    return asked.filter((path) => !listed.some((one) => one.trim() === path));
  };
  await expect.poll(unlisted).toEqual([]);

  await app.getByRole('link', { name: 'Transcribe' }).click();
  const before = app.requestLog.length;
  await addFiles(app, fixture('windows/synthetic_en_10s_1.wav'));
  await expect(rows.nth(1)).toContainText('Done in', LONG);
  // The browser asks for the page's icon when it draws its tab, which may be now.
  expect(app.requestLog.slice(before).filter((url) => !url.endsWith('/icons/icon.svg'))).toEqual([]);
  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  await expect(network).toContainText('0 requests during the last job.');
});

test.describe('with a service worker, which lets the hub in', () => {
  test.use({ serviceWorkers: 'allow' });

  test('a download is in the ledger byte for byte, with its host and its reason; what nobody asked for stands out', async ({
    app,
  }) => {
    const settings = catalogue
      .find(({ id }) => id === 'whisper-base-hub')!
      .files.find(({ path }) => path === 'config.json')!;
    let sent = 0;
    const held: Route[] = [];
    app.allowed.push(HUB);
    await app.context().route(`${HUB}**`, async (route) => {
      if (!route.request().url().endsWith(`/${settings.path}`)) return void held.push(route);
      // The right length, the wrong bytes: thrown away, fetched once more, then given up.
      sent += settings.bytes;
      await route.fulfill({
        headers: { 'access-control-allow-origin': '*', 'content-type': 'application/octet-stream' },
        body: noise(settings.bytes, 1),
      });
    });
    await app.open('?model=whisper-base-hub');
    await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
    await app.getByRole('button', { name: /^Download Whisper base/ }).click();
    await expect(app.getByRole('alert')).toContainText('damaged', LONG);
    expect(sent).toBe(2 * settings.bytes);
    await Promise.all(held.map((route) => route.abort().catch(() => {})));

    await app.getByRole('link', { name: 'Engine', exact: true }).click();
    const network = app.getByRole('region', { name: 'Network' });
    const line = network.getByRole('table').first().getByRole('row').filter({ hasText: 'huggingface.co' });
    await expect(line).toContainText('Whisper base, from the hub, because you asked');
    await expect(line.getByRole('cell').nth(2)).toHaveText(`${(sent / 1000).toFixed(1).replace(/\.0$/, '')} kB`);
    await expect(line.getByRole('cell').nth(1)).toHaveText(
      String(app.requestLog.filter((url) => url.startsWith(HUB)).length),
    );
    await expect(network).toContainText(/came from huggingface\.co: Whisper base, from the hub, because you asked\./);
    await expect(network.getByRole('alert')).toHaveCount(0);

    // An extension's request, which no part of the page made.
    await app.evaluate(() => fetch('somewhere/else').catch(() => {}));
    await expect(network.getByRole('alert')).toContainText("can't be explained by this page");
    app.consoleErrors.length = 0;
  });
});
