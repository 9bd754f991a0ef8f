/** The page on WebGPU: dropped digits come out as words; a GPU that dies in the middle does not take them along. */
import { readFileSync } from 'node:fs';
import { expect, fixture, test } from '../browser.ts';
import { references } from '../engine.ts';
import { lineOf } from '../fault-table.ts';
import { addFiles, heard, repeated } from '../page/words.ts';

const clip = 'synthetic_en_10s_0.wav';
const words = references().find((one) => one.file === clip)!.text;

test('dropped digits come out as words on the GPU, and as the same words on the CPU', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=gpu&language=en');
  await addFiles(app, fixture(`windows/${clip}`));
  const items = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  const engine = app.getByRole('region', { name: 'Engine' });
  await expect(items.first()).toContainText('Done', { timeout: 240_000 });
  expect(await heard(app)).toBe(words);
  await expect(engine).toContainText('GPU');

  await app.getByRole('combobox', { name: 'Backend' }).selectOption({ label: 'CPU' });
  await addFiles(app, { name: 'again.wav', mimeType: 'audio/wav', buffer: readFileSync(fixture(`windows/${clip}`)) });
  await expect(items.nth(1)).toContainText('Done', { timeout: 60_000 });
  await expect(items.nth(1)).toContainText('again.wav');
  await expect.poll(() => heard(app)).toBe(words);
  await expect(engine).toContainText('CPU');
});

test('the GPU process dies in the middle: the CPU goes on, said in words, nothing lost', async ({ app, browser }) => {
  await app.open('?model=whisper-digits-10s&backend=gpu&language=en');
  await addFiles(app, repeated(fixture(`windows/${clip}`), 3));
  const transcript = app.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByRole('textbox').first()).toBeVisible({ timeout: 200_000 });
  const cdp = await browser.newBrowserCDPSession();
  await cdp.send('Browser.crashGpuProcess');
  await expect(app.getByText(/CPU has taken over/).first()).toBeVisible({ timeout: 60_000 });
  const item = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(item).toContainText('Done', { timeout: 120_000 });
  expect(await heard(app)).toBe([words, words, words].join(' '));
  await expect(app.getByText(/From here on: CPU/)).toBeVisible();
  const lost = `0 of ${3 * words.split(' ').length} words`;
  const survived = { fault: 'the GPU process dies', phase: 'writing the words', lost, how: 'by itself, on the CPU' };
  test.info().annotations.push({ type: 'fault matrix', description: lineOf(survived) });
});
