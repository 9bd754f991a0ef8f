/** "CPU against GPU" when the GPU is lost in the middle: each side is heard once more, and what else waits is not touched. */
import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright/test';
import { expect, fixture, test, type App } from '../browser.ts';
import { lineOf } from '../fault-table.ts';
import { openPanel, region, savedReport, transcribed, WORDS } from '../page/gauge.ts';
import { addFiles, heard } from '../page/words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORD_COUNT = WORDS.split(' ').length;

/** A file heard on the CPU, and the panel, on which the same file is compared until the GPU writes its words. */
async function comparing(app: App): Promise<Locator> {
  await transcribed(app, 'cpu', 60_000);
  await openPanel(app);
  const compare = app.getByRole('region', { name: 'CPU against GPU' });
  await compare.getByRole('button', { name: 'Compare' }).click();
  await writing(app);
  return compare;
}

/** A K/V cache is on the GPU: the decoder runs there. */
async function writing(app: App): Promise<void> {
  const cache = region(app)
    .getByRole('list', { name: 'What is in memory now' })
    .getByText(/^K\/V cache/);
  await expect(cache).toHaveText(/[1-9]/, { timeout: 120_000 });
}

test('the GPU is lost while it listens: it is heard once more, beside a file that waits', async ({ app, browser }) => {
  const compare = await comparing(app);
  await addFiles(app, { name: 'second.wav', mimeType: 'audio/wav', buffer: readFileSync(CLIP) });
  const cdp = await browser.newBrowserCDPSession();
  await cdp.send('Browser.crashGpuProcess');
  await expect(compare).toContainText(/The [CG]PU is [\d.]+ times as fast\. Both heard the same words\./, {
    timeout: 200_000,
  });
  await expect(compare.getByRole('row', { name: /^Words/ })).toHaveText(`Words${WORD_COUNT}${WORD_COUNT}`);
  const { gauge, history } = await savedReport(app);
  expect(gauge).toMatchObject({ backend: 'cpu', gpuBytesNow: 0, modelInstances: 1 });
  // Nothing was there before, between the two tries, and in the end.
  const onGpu = history.map(({ gpuBytes }) => (gpuBytes ?? 0) > 0);
  const turns = onGpu.filter((now, index) => index === 0 || now !== onGpu[index - 1]);
  expect(turns).toEqual([false, true, false, true, false]);
  await app.getByRole('link', { name: 'Transcribe', exact: true }).click();
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('Done', { timeout: 60_000 });
  await expect.poll(() => heard(app)).toBe(WORDS);
  const survived = { fault: 'the GPU process dies', phase: 'CPU against GPU', lost: `0 of ${WORD_COUNT} words` };
  const row = lineOf({ ...survived, how: 'by itself, both are compared' });
  test.info().annotations.push({ type: 'fault matrix', description: row });
});
