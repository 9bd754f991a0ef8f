/** What the page says of its engine, and what "Unload model" and "Save report" do. */
import { expect, fixture, test } from '../browser.ts';
import { figure, openPanel, region, savedReport, transcribed, WORDS } from './gauge.ts';
import { addFiles, heard } from './words.ts';

const NAMES = [
  'Adapter',
  'Backend',
  'Model in memory',
  'GPU memory now',
  'GPU memory peak',
  'GPU busy',
  'Load time',
  'Real-time factor',
  'Tokens per second',
];

test('before anything ran no figure is made up', async ({ app }) => {
  await app.open();
  await expect(region(app)).toHaveCount(1);
  await expect(region(app).locator('dt')).toHaveText(NAMES);
  for (const name of ['Backend', 'Load time', 'Real-time factor', 'Tokens per second']) {
    await expect(figure(app, name)).toHaveText('none yet');
  }
  await expect(figure(app, 'Adapter')).toHaveText('none offered');
  await expect(figure(app, 'Model in memory')).toHaveText('none');
});

test('on the CPU: the strip, the panel, unload, the report', async ({ app }) => {
  await transcribed(app, 'cpu', 60_000);
  await expect(figure(app, 'Backend')).toHaveText(/^CPU\s\d+ threads?$/);
  await expect(figure(app, 'Model in memory')).toContainText('Spoken digits');
  await expect(figure(app, 'Real-time factor')).toHaveText(/^\d+\.\d+\s[\d.]+×$/);
  await expect(figure(app, 'Tokens per second')).toHaveText(/^[\d.]+$/);

  await openPanel(app);
  await expect(region(app)).toHaveCount(1);
  for (const name of NAMES) await expect(figure(app, name)).toBeVisible();
  await expect(figure(app, 'Load time')).toHaveText(
    /^[\d.]+ s\s(downloaded|from this device, no request|from memory)$/,
  );
  await expect(region(app)).toContainText('Nothing was on the GPU in this visit.');
  const stages = region(app).getByRole('table').filter({ hasText: 'Stage' });
  for (const stage of ['Decode the file', 'Mel spectrogram', 'Encoder', 'Decoder']) {
    await expect(stages.getByRole('row', { name: stage })).toHaveText(new RegExp(`^${stage}\\s*[\\d.]+ s$`));
  }

  const report = await savedReport(app);
  expect(report).toMatchObject({
    format: 'earshot-engine-report',
    version: 1,
    adapter: null,
    crossOriginIsolated: true,
    gauge: { backend: 'cpu', modelId: 'whisper-digits-10s' },
    load: { modelId: 'whisper-digits-10s', backend: 'cpu' },
    jobs: [{ outcome: 'done', audioSeconds: 10, language: 'en' }],
  });
  expect(report.browser).toBe(await app.evaluate(() => navigator.userAgent));
  expect(report.history.length).toBeGreaterThan(0);
  expect(JSON.stringify(report)).not.toContain('synthetic_en');
  expect(JSON.stringify(report)).not.toContain('eight');

  await region(app).getByRole('button', { name: 'Unload model' }).click();
  await expect(figure(app, 'Model in memory')).toHaveText('none');
  await expect(region(app).getByRole('status')).toContainText('The model is out of memory and still on this device.');
  await expect(region(app).getByRole('button', { name: 'Unload model' })).toBeDisabled();

  // The strip is back where it was, and the transcript too.
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await expect(region(app)).toHaveCount(1);
  await expect(figure(app, 'Model in memory')).toHaveText('none');
  expect(await heard(app)).toBe(WORDS);

  // A picker opens: the model gets ready while the person looks for the file.
  const picker = app.waitForEvent('filechooser');
  await app.getByLabel('Add files', { exact: true }).first().click();
  await picker;
  await expect(figure(app, 'Model in memory')).toContainText('Spoken digits');
});

test('the self-test hears the clip that comes with the page, and a file added meanwhile waits its turn', async ({
  app,
}) => {
  await app.open('?model=whisper-digits-10s&backend=cpu#engine');
  const test = app.getByRole('region', { name: 'Self-test' });
  await test.getByRole('button', { name: 'Run self-test' }).click();
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await addFiles(app, fixture('windows/synthetic_en_10s_1.wav'));
  await expect(app.getByRole('list', { name: 'Queue' }).getByRole('listitem')).toContainText('Done', {
    timeout: 60_000,
  });
  expect(await heard(app)).toBe('one nine zero two seven zero five');
  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  await expect(test.getByRole('list')).toContainText(/CPU: 17 of 17 words right, \d+\.\d s/, { timeout: 60_000 });
});
