/** What the page says of its engine, and what "Unload model" and "Save report" do. */
import { expect, fixture, test } from '../browser.ts';
import { expectChartOf, figure, idleAfter, openPanel, region, savedReport, transcribed, WORDS } from './gauge.ts';
import { preciseSize } from '../../src/clock.ts';
import { seconds } from '../../src/monitor/figures.ts';
import { poison } from './harm.ts';
import { addFiles, heard, useInputPicker } from './words.ts';

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
  await useInputPicker(app);
  await transcribed(app, 'cpu', 60_000);
  await expect(figure(app, 'Backend')).toHaveText(/^CPU\s\d+ threads?$/);
  await expect(figure(app, 'Model in memory')).toContainText('Spoken digits');
  await expect(figure(app, 'Real-time factor')).toHaveText(/^\d+\.\d+\s[\d.]+×$/);
  await expect(figure(app, 'Tokens per second')).toHaveText(/^[\d.]+$/);

  // On a CPU the strip shows the CPU's figures, and idle means 0 % as soon as the job is over.
  await expect(figure(app, 'CPU memory')).toHaveText(/^[\d.]+ MB$/);
  await expect(figure(app, 'CPU busy')).toHaveText(/^0 %/);

  await openPanel(app);
  await expect(region(app)).toHaveCount(1);
  await expect(figure(app, 'Threads')).toHaveText(/^\d+$/);
  for (const name of NAMES) await expect(figure(app, name)).toBeVisible();
  await expect(figure(app, 'Load time')).toHaveText(
    /^[\d.]+ s\s(downloaded|from this device, no request|from memory)$/,
  );
  const stages = region(app).getByRole('table').filter({ hasText: 'Stage' });
  for (const stage of ['Decode the file', 'Mel spectrogram', 'Encoder', 'Decoder']) {
    await expect(stages.getByRole('row', { name: stage })).toHaveText(
      new RegExp(`^${stage}\\s*[\\d.]+ s\\s*[\\d.]+ s$`),
    );
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
  // The chart and the figures show what the engine counted.
  const { gauge } = report;
  expect(gauge?.wasmHeapBytes).toBeGreaterThan(0);
  await expect(figure(app, 'CPU memory')).toHaveText(preciseSize(gauge?.wasmHeapBytes ?? 0));
  const chart = region(app).getByRole('img', { name: /^Memory of the CPU’s engine over the last/ });
  await expect(chart).toHaveAccessibleName(new RegExp(`: ${preciseSize(gauge?.wasmHeapBytes ?? 0)} now`));
  // What comes between two readings shares a line.
  await expect(chart.getByText(/^load(, file)?$/)).toBeVisible();
  await expect(chart.locator('.window')).not.toHaveCount(0);
  expect(report.history.some(({ runBusyMs }) => runBusyMs > 0)).toBe(true);
  await expectChartOf(app, 'cpu', report);
  // Half a second where the machine has time; at rest it is read every five.
  expect(idleAfter('cpu', report)).toBeLessThan(3000);
  expect(gauge).toMatchObject({ modelInstances: 1, jobs: 1, windows: 1, gpuBytesNow: 0 });
  await expect(region(app)).toContainText(`Idle. ${preciseSize(gauge?.wasmHeapBytes ?? 0)} at rest.`);
  await app.getByRole('button', { name: 'Whole visit' }).click();
  await expect(chart).toHaveAccessibleName(/ now, .* at its peak/);
  const perMinute = Number(((gauge?.stages.encodeMs ?? 0) * 6) / 1000);
  await expect(stages.getByRole('row', { name: 'Encoder' })).toContainText(seconds(perMinute * 1000));
  expect(report.browser).toBe(await app.evaluate(() => navigator.userAgent));
  expect(report.history.length).toBeGreaterThan(0);
  expect(JSON.stringify(report)).not.toContain('synthetic_en');
  expect(JSON.stringify(report)).not.toMatch(/\beight\b/);

  await region(app).getByRole('button', { name: 'Unload model' }).click();
  await expect(figure(app, 'Model in memory')).toHaveText('none');
  await expect(region(app).getByRole('status')).toContainText('The model is out of memory and still on this device.');
  await expect(region(app).getByRole('button', { name: 'Unload model' })).toBeDisabled();

  await region(app).getByRole('button', { name: 'Clear memory' }).click();
  await expect(figure(app, 'CPU memory')).toHaveText('0 MB');
  await expect(region(app).getByRole('status')).toContainText('of WebAssembly memory are free again.');
  await expect(region(app).getByRole('button', { name: 'Clear memory' })).toBeDisabled();
  expect((await savedReport(app)).history.at(-1)).toMatchObject({ wasmBytes: 0, model: null });

  // The strip is back where it was, and the transcript too.
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await expect(region(app)).toHaveCount(1);
  await expect(figure(app, 'Model in memory')).toHaveText('none');
  expect(await heard(app)).toBe(WORDS);

  // A picker opens: the model gets ready while the person looks for the file.
  const picker = app.waitForEvent('filechooser');
  await app.getByLabel('Add files', { exact: true }).first().click();
  await picker;
  await expect(figure(app, 'Model in memory')).toContainText('Spoken digits', { timeout: 60_000 });
});

test('a worker that is too busy to answer is at work, and one that was ended holds nothing', async ({ app }) => {
  await poison(app, 'engine', 'writing the words', 'hangs');
  const harmed = app.waitForEvent('console', (message) => message.text() === 'harmed');
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  await harmed;
  await openPanel(app);
  await expect(figure(app, 'CPU busy')).toHaveText('100 %');
  await expect(region(app)).toContainText('Working, 100 % busy.');

  await app.getByRole('link', { name: 'Transcribe' }).click();
  await app.getByRole('button', { name: 'Cancel' }).first().click();
  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  await expect(figure(app, 'CPU memory')).toHaveText('0 MB');
  await expect(figure(app, 'CPU busy')).toHaveText('0 %');
  await expect(region(app)).toContainText('Idle. Nothing is in memory.');
  await expect(region(app).getByRole('img', { name: /^Memory of the CPU’s engine .*: 0 B now/ })).toBeVisible();
});

test('on a phone the chart stays at its newest end, also when the screen turns, and not when a person looks back', async ({
  app,
}) => {
  await transcribed(app, 'cpu', 60_000);
  await openPanel(app);
  const frame = region(app).getByRole('group', { name: 'Chart, scrolls sideways' });
  const toEnd = () => frame.evaluate((box) => Math.round(box.scrollWidth - box.clientWidth - box.scrollLeft));
  const hidden = () => frame.evaluate((box) => box.scrollWidth - box.clientWidth);
  for (const width of [390, 320, 700]) {
    await app.setViewportSize({ width, height: 700 });
    await expect.poll(hidden).toBeGreaterThan(300);
    await expect.poll(toEnd, { message: `${width} pixels wide` }).toBe(0);
  }
  await frame.evaluate((box) => (box.scrollLeft = 100));
  await app.setViewportSize({ width: 390, height: 700 });
  await expect.poll(hidden).toBeGreaterThan(700);
  // Whoever hears of the new size has heard of it by the second frame.
  const left = frame.evaluate(async (box) => {
    for (let at = 0; at < 3; at += 1) await new Promise(requestAnimationFrame);
    return box.scrollLeft;
  });
  expect(await left).toBe(100);
});

test('“All files” are those of the visit, also when they are off the list, and not those of an earlier one', async ({
  app,
}) => {
  await transcribed(app, 'cpu', 60_000);
  const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await addFiles(app, fixture('windows/synthetic_en_10s_1.wav'));
  await expect(row.nth(1)).toContainText('Done', { timeout: 60_000 });
  await row.first().getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(1);
  await openPanel(app);
  const time = region(app).getByRole('region', { name: 'Time' });
  await expect(time).toContainText('“All files” the 2 finished ones of this visit.');

  await app.reload();
  await expect(time).toContainText('No file has run in this visit yet.');
});

test('where each operation runs is asked of ONNX Runtime, and the report goes into a bug report', async ({
  app,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await transcribed(app, 'cpu', 60_000);
  await openPanel(app);
  await app.getByRole('button', { name: 'Show where each operation runs' }).click();
  await expect(region(app)).toContainText(/Encoder: (\d+) of \1 operations on the CPU \(100 %\)/, { timeout: 60_000 });
  await expect(region(app)).toContainText(/Decoder: (\d+) of \1 operations on the CPU \(100 %\)/);
  await app.getByRole('button', { name: 'Copy report' }).click();
  await expect(region(app).getByRole('status')).toContainText('The report is in the clipboard');
  const text = await app.evaluate(() => navigator.clipboard.readText());
  expect(text).toMatch(/- Decoder of whisper-digits-10s: (\d+) of \1 operations on the CPU/);
  expect(text).toMatch(/\| 1 \| 10 s \| done \| [\d.]+ s \|/);
  expect(text).not.toContain('synthetic_en');
  expect(text).not.toMatch(/\beight\b/);

  // The question leaves no model in memory; a file loads it again.
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await addFiles(app, fixture('windows/synthetic_en_10s_1.wav'));
  await expect.poll(() => heard(app), { timeout: 60_000 }).toContain('one nine zero two seven zero five');
});

test('the self-test hears the clip that comes with the page, and a file added meanwhile waits its turn', async ({
  app,
}) => {
  await app.open('?model=whisper-digits-10s&backend=cpu#engine');
  await expect(app.getByRole('region', { name: 'CPU against GPU' })).toContainText('This browser offers no GPU');
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
  await expect(test).toContainText('The CPU hears the words right.');
});

test('names of any length leave the other figures and the button their room', async ({ app }) => {
  await app.setViewportSize({ width: 1280, height: 800 });
  await transcribed(app, 'cpu', 60_000);
  const long = 'GPU NVIDIA GeForce RTX 4090 Laptop GPU (Direct3D 12, driver 31.0.15.3623), a name that goes on';
  await figure(app, 'Backend').evaluate((shown, text) => (shown.textContent = text), long);
  for (const width of [1280, 1024, 800]) {
    await app.setViewportSize({ width, height: 800 });
    const link = await region(app).getByRole('link', { name: 'Open engine panel' }).boundingBox();
    expect(link?.x ?? 0).toBeGreaterThan(0);
    expect((link?.x ?? 0) + (link?.width ?? 0), `${width}: the button is on the page`).toBeLessThanOrEqual(width);
    const list = await region(app).locator('dl').boundingBox();
    expect((list?.x ?? 0) + (list?.width ?? 0), `${width}: figures end before the button`).toBeLessThanOrEqual(
      link?.x ?? 0,
    );
  }
  // What does not fit is cut inside the list, and at this width nothing but the name is.
  await app.setViewportSize({ width: 1280, height: 800 });
  const right = await region(app)
    .locator('dl')
    .evaluate((list) => list.scrollWidth - list.clientWidth);
  expect(right, 'figures pushed out of the list').toBe(0);
});
