/** One instance while there is work, and none of it left when there has been none for a while. */
import { expect, fixture, test, type App } from '../browser.ts';
import { figure, openPanel, region } from './gauge.ts';
import { addFiles } from './words.ts';

const FIRST = fixture('windows/synthetic_en_10s_0.wav');
const SECOND = fixture('windows/synthetic_en_10s_1.wav');
const LONG = { timeout: 60_000 };

const workers = (app: App) => app.workers().filter((worker) => worker.url().includes('engine.worker'));

/** Adds a clip, lets `meanwhile` happen while it is heard, and opens the panel when it is done. */
async function hear(app: App, clip: string, files: number, meanwhile = async () => {}): Promise<void> {
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await addFiles(app, clip);
  await meanwhile();
  await expect(app.getByRole('list', { name: 'Queue' }).getByText(/^Done/)).toHaveCount(files, LONG);
  await openPanel(app);
}

test('never during a job; idle, the model leaves memory, then the engine ends; a file brings both back', async ({
  app,
}) => {
  await app.clock.install();
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await hear(app, FIRST, 1, async () => {
    await expect(app.getByRole('progressbar')).toBeVisible(LONG);
    await app.clock.fastForward('01:00:00');
  });
  expect(workers(app)).toHaveLength(1);
  await expect(figure(app, 'Load time')).toContainText('downloaded');
  // The same model on the same backend: the one that is there.
  await hear(app, SECOND, 2);
  await expect(figure(app, 'Load time')).toContainText('from memory');
  expect(workers(app)).toHaveLength(1);
  await expect(region(app)).toContainText(/Model leaves memory in [12]:\d\d, the engine ends in \d+:\d\d\./);

  await app.clock.fastForward('01:30');
  await expect(region(app)).toContainText(/Model leaves memory in 0:\d\d/);
  await expect(figure(app, 'Model in memory')).toContainText('Spoken digits');
  await app.clock.fastForward('00:30');
  await expect(region(app)).toContainText('Model released after 2 minutes idle, the engine ends in');
  await expect(figure(app, 'Model in memory')).toHaveText('none');
  await expect(figure(app, 'WebAssembly memory')).not.toHaveText('0 MB');

  await app.clock.fastForward('08:00');
  await expect(region(app)).toContainText('Engine ended after 10 minutes idle. The next file starts it again.');
  await expect(figure(app, 'WebAssembly memory')).toHaveText('0 MB');
  await expect(figure(app, 'GPU memory now')).toHaveText('0 MB');
  await expect.poll(() => workers(app).length).toBe(0);
  await expect(app.getByRole('alert')).toHaveCount(0);

  const asked = app.requestLog.length;
  await hear(app, FIRST, 3);
  await expect(figure(app, 'Load time')).toContainText('from this device, no request');
  expect(app.requestLog.slice(asked).filter((url) => url.includes('/models/'))).toEqual([]);

  await app.getByRole('button', { name: 'Settings' }).click();
  await app.getByRole('combobox', { name: 'End engine after' }).selectOption('Never');
  await openPanel(app);
  await expect(region(app)).toContainText(/Model leaves memory in [12]:\d\d\./);
});
