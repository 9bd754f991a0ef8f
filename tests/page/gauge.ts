/** Reads the engine's figures off the page, through the names of its definition list. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import type { EngineReport } from '../../src/monitor/engine-report.ts';
import { LAYERS, stackedTo } from '../../src/monitor/chart.ts';
import { preciseSize } from '../../src/clock.ts';
import type { Backend } from '../../workers/protocol.ts';
import { expect, fixture, type App } from '../browser.ts';
import { addFiles, heard } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
export const WORDS = 'two eight six seven zero four four zero';

export const region = (page: Page) => page.getByRole('region', { name: 'Engine', exact: true });

/** The figure under a name of the definition list. */
export function figure(page: Page, name: string) {
  const term = page.locator('dt').filter({ hasText: new RegExp(`^${name}$`) });
  return region(page).locator('dl > div').filter({ has: term }).locator('dd');
}

export async function transcribed(app: App, backend: 'cpu' | 'gpu', timeout: number): Promise<void> {
  await app.open(`?model=whisper-digits-10s&backend=${backend}`);
  await addFiles(app, CLIP);
  await expect.poll(() => heard(app), { timeout }).toBe(WORDS);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', { timeout });
}

export async function openPanel(app: App): Promise<void> {
  await region(app).getByRole('link', { name: 'Open engine panel' }).click();
  await expect(app.getByRole('heading', { level: 1, name: 'Engine' })).toBeVisible();
}

export async function savedReport(app: App): Promise<EngineReport> {
  const download = app.waitForEvent('download');
  await app.getByRole('button', { name: 'Save report' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^earshot-engine-\d{4}-\d\d-\d\d\.json$/);
  return JSON.parse(readFileSync(await file.path(), 'utf8')) as EngineReport;
}

/** Milliseconds from the last reading that shows work to the one that shows none: how long a job is over before it is said. */
export function idleAfter(backend: Backend, { history }: EngineReport): number {
  const busyMs = (one: (typeof history)[number]) => (backend === 'gpu' ? one.gpuBusyMs : one.runBusyMs);
  const last = history.findLastIndex((one, index) => index > 0 && busyMs(one) > busyMs(history[index - 1]));
  const idle = history[last + 1];
  expect(idle.gpuBusy).toBe(0);
  return idle.atMs - history[last].atMs;
}

/** What the chart draws, measured in its own units and turned back into figures. */
function drawn(app: App) {
  return app.locator('svg.chart').evaluate((svg) => {
    const [WIDTH, BUSY] = [1164 - 52, 262 - 230];
    const ticks = [...svg.querySelectorAll('text[x="44"]')].map((text) => Number(text.textContent));
    const top = 1e6 * Math.max(...ticks.filter((tick) => !Number.isNaN(tick)));
    const layers = [...svg.querySelectorAll('path[transform]')].map((path) => {
      // From the base up, along the top, and down to the base again: the last but one is the height now.
      const heights =
        (path.getAttribute('d') ?? '').match(/[\d.]+ [\d.]+/g)?.map((pair) => Number(pair.split(' ')[1])) ?? [];
      const base = heights.at(-1) ?? 1;
      return {
        kind: path.getAttribute('class')?.split(' ')[0] ?? '',
        bytes: top * (1 - (heights.at(-2) ?? base) / base),
      };
    });
    const busy = [...svg.querySelectorAll('rect.busy')].map((rect) => {
      const [width, height] = ['width', 'height'].map((name) => Number(rect.getAttribute(name)));
      return ((width + 0.5) / WIDTH) * (height / BUSY);
    });
    const peak = svg.querySelector('.lbl')?.textContent?.trim() ?? '';
    return { top, layers, peak, busyShare: busy.reduce((sum, one) => sum + one, 0) };
  });
}

/** The chart's layers, its peak and its busy time are what the meters counted, as the report has it. */
export async function expectChartOf(app: App, backend: Backend, report: EngineReport): Promise<void> {
  const { history, gauge } = report;
  const last = history.at(-1)!;
  const { top, layers, peak, busyShare } = await drawn(app);
  const counted =
    backend === 'gpu'
      ? LAYERS.map(({ kind }, layer) => ({ kind: kind, bytes: stackedTo(layer)(last) })).toReversed()
      : [{ kind: 'heap', bytes: last.wasmBytes }];
  expect(layers.map(({ kind }) => kind)).toEqual(counted.map(({ kind }) => kind));
  // A tenth of a unit of 174 is what the drawing rounds to.
  for (const [index, { kind, bytes }] of counted.entries())
    expect(Math.abs(layers[index].bytes - bytes), kind).toBeLessThanOrEqual(top / 1000);
  const most = Math.max(...history.map((reading) => (backend === 'gpu' ? (reading.gpuBytes ?? 0) : reading.wasmBytes)));
  expect(peak).toBe(`peak ${preciseSize(backend === 'gpu' ? Math.max(most, gauge!.gpuBytesPeak) : most)}`);
  const busyMs = (one: (typeof history)[number]) => (backend === 'gpu' ? one.gpuBusyMs : one.runBusyMs);
  const worked = busyMs(last) - busyMs(history[0]);
  const spanMs = Math.max(60_000, last.atMs - history[0].atMs);
  expect(worked).toBeGreaterThan(0);
  // A reading more or less moves the axis by its five seconds.
  expect(Math.abs(busyShare * spanMs - worked) / worked).toBeLessThan(0.1);
}
