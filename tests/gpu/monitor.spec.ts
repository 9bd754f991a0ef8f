/** GPU memory as the page shows it: live, at its peak, and gone after unloading. */
import { expect, fixture, test } from '../browser.ts';
import type { GpuBytes } from '../../workers/protocol.ts';
import { expectChartOf, figure, idleAfter, openPanel, region, savedReport, WORDS } from '../page/gauge.ts';
import { addFiles, heard } from '../page/words.ts';

test('live bytes, their chart, and none of them after unloading', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=gpu');
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  // Whether it works is to be seen before the first program of a device runs on it.
  await openPanel(app);
  await expect(region(app)).toContainText('Working: the GPU’s programs are being compiled.', { timeout: 60_000 });
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await expect.poll(() => heard(app), { timeout: 240_000 }).toBe(WORDS);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', { timeout: 60_000 });
  await expect(figure(app, 'Backend')).toHaveText(/^GPU\s\S/);
  await openPanel(app);
  await expect(figure(app, 'Adapter')).toContainText('software');
  await expect(figure(app, 'GPU memory now')).toHaveText(/^[\d.]+ [kM]B$/);
  await expect(figure(app, 'GPU busy')).toHaveText('0 %');
  const before = await savedReport(app);
  expect(before.adapter).toMatchObject({ fallback: true });
  expect(before.adapter?.limits['maxBufferSize']).toBeGreaterThan(0);
  expect(before.gauge?.gpuBytesNow).toBeGreaterThan(0);
  expect(before.gauge?.gpuBytesPeak).toBeGreaterThanOrEqual(before.gauge?.gpuBytesNow ?? Infinity);
  // Each byte is for something, and a K/V cache was there while the file was heard and is gone.
  const sum = (kinds: GpuBytes) => Object.values(kinds).reduce((all, bytes) => all + bytes, 0);
  const counted = before.history.flatMap(({ kinds, gpuBytes }) => (kinds === null ? [] : [{ kinds, gpuBytes }]));
  expect(counted.length).toBeGreaterThan(0);
  for (const { kinds, gpuBytes } of counted) expect(sum(kinds)).toBe(gpuBytes);
  const atRest = before.gauge!.gpuKinds;
  console.log(`at rest ${JSON.stringify(atRest)}; clock ${JSON.stringify(before.gauge!.clockCheck)}`);
  expect(atRest.weights, 'weights are most of what stays').toBeGreaterThan(0.8 * before.gauge!.gpuBytesNow);
  expect(atRest.keyValues).toBe(0);
  expect(counted.some(({ kinds }) => kinds.keyValues > 0)).toBe(true);
  expect(before.history.some(({ gpuBusy }) => gpuBusy > 0)).toBe(true);
  expect(before.history.at(-1)?.gpuBusy, 'idle').toBe(0);
  const check = before.gauge!.clockCheck;
  if (before.adapter?.features.includes('timestamp-query')) {
    expect(check?.passes).toBeGreaterThan(0);
    // Work by the GPU's own clock lies within what was counted as busy, give or take its rounding to 0.1 ms a pass.
    expect(check!.passMs).toBeLessThanOrEqual(check!.busyMs + 0.1 * check!.passes);
  }
  await expect(region(app).getByRole('img', { name: /^GPU memory over the last .* at its peak/ })).toBeVisible();
  await expectChartOf(app, 'gpu', before);
  // Half a second where the machine has time; at rest it is read every five.
  expect(idleAfter('gpu', before)).toBeLessThan(3000);

  await region(app)
    .getByText(/^All limits and \d+ features$/)
    .click();
  await expect(region(app).getByRole('row', { name: /^maxStorageBufferBindingSize/ })).toBeVisible();

  await region(app).getByRole('button', { name: 'Unload model' }).click();
  await expect(figure(app, 'Model in memory')).toHaveText('none');
  await expect(figure(app, 'GPU memory now')).toHaveText('0 MB');
  await expect(figure(app, 'GPU memory peak')).not.toHaveText('0 MB');
  await expect(region(app).getByRole('status')).toContainText('of GPU memory are free again.');
  const after = await savedReport(app);
  expect(after.gauge).toMatchObject({ gpuBytesNow: 0, modelId: null, modelBytesInMemory: 0 });
  expect(after.history.some(({ gpuBytes }) => gpuBytes === before.gauge?.gpuBytesNow)).toBe(true);
  expect(after.history.at(-1)?.gpuBytes).toBe(0);

  await region(app).getByRole('button', { name: 'Clear memory' }).click();
  await expect(region(app).getByRole('button', { name: 'Clear memory' })).toBeDisabled();
  expect((await savedReport(app)).history.at(-1)).toMatchObject({ gpuBytes: 0, wasmBytes: 0 });

  // A fresh worker opens a new device, and ONNX Runtime says what runs there.
  await app.getByRole('button', { name: 'Show where each operation runs' }).click();
  await expect(region(app)).toContainText(/Encoder: (\d+) of \1 operations on the GPU \(100 %\)/, { timeout: 120_000 });
  await expect(region(app)).toContainText(/Decoder: \d+ of \d+ operations on the GPU \(\d+ %\)\. \d+ on the CPU: /);

  // The same file on the GPU again, and on the CPU.
  const compare = app.getByRole('region', { name: 'CPU against GPU' });
  await compare.getByRole('button', { name: 'Compare' }).click();
  await expect(region(app)).toContainText('Working: the model is being loaded.', { timeout: 60_000 });
  await expect(compare).toContainText(/The [CG]PU is [\d.]+ times as fast\. Both heard the same words\./, {
    timeout: 200_000,
  });
  const words = WORDS.split(' ').length;
  await expect(compare.getByRole('row', { name: /^Words/ })).toHaveText(`Words${words}${words}`);
  await expect(compare.getByRole('row', { name: /^Memory/ })).toHaveText(/[\d.]+ MB[\d.]+ MB$/);
});
