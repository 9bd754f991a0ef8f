/** GPU memory as the page shows it: live, at its peak, and gone after unloading. */
import { expect, test } from '../browser.ts';
import { figure, openPanel, region, savedReport, transcribed } from '../page/gauge.ts';

test('live bytes, their chart, and none of them after unloading', async ({ app }) => {
  await transcribed(app, 'gpu', 240_000);
  await expect(figure(app, 'Backend')).toHaveText(/^GPU\s\S/);
  await openPanel(app);
  await expect(figure(app, 'Adapter')).toContainText('software');
  await expect(figure(app, 'GPU memory now')).toHaveText(/^[\d.]+ [kM]B$/);
  const before = await savedReport(app);
  expect(before.adapter).toMatchObject({ fallback: true });
  expect(before.adapter?.limits['maxBufferSize']).toBeGreaterThan(0);
  expect(before.gauge?.gpuBytesNow).toBeGreaterThan(0);
  expect(before.gauge?.gpuBytesPeak).toBeGreaterThanOrEqual(before.gauge?.gpuBytesNow ?? Infinity);
  await expect(region(app).getByRole('img', { name: /^GPU memory over the last .* at its peak/ })).toBeVisible();

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
});
