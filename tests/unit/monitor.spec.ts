import { expect, test } from 'playwright/test';
import { engineReport } from '../../src/monitor/engine-report.ts';
import {
  adapterFigure,
  backendFigure,
  busyFigure,
  bytesFigure,
  factorFigure,
  loadFigure,
  modelFigure,
  NOT_YET,
  tokensFigure,
} from '../../src/monitor/figures.ts';
import { after, area, axisTop, lines, MOST_READINGS, type Reading } from '../../src/monitor/readings.ts';
import type { AdapterReport, Gauge, JobReport } from '../../workers/protocol.ts';

const adapter: AdapterReport = {
  vendor: 'apple',
  architecture: 'metal-3',
  device: '',
  description: 'Apple M2',
  fallback: false,
  features: ['shader-f16'],
  limits: { maxBufferSize: 4294967296 },
};

const idle: Gauge = {
  adapter,
  backend: null,
  runtime: null,
  threads: 4,
  modelId: null,
  modelBytesInMemory: 0,
  gpuBytesNow: 0,
  gpuBytesPeak: 0,
  gpuBytesTotal: 0,
  gpuBuffers: 0,
  gpuBusy: 0,
  wasmHeapBytes: 0,
  loadMs: null,
  loadSource: null,
  realTimeFactor: null,
  tokensPerSecond: null,
  stages: { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 },
};

const at = (atMs: number, gpuBytes: number | null, gpuBusy = 0): Reading => ({ atMs, gpuBytes, gpuBusy });

test('keeps the newest readings and no more than it may', () => {
  let readings: readonly Reading[] = [];
  for (let index = 0; index < MOST_READINGS + 50; index += 1) {
    readings = after(readings, { ...idle, gpuBytesNow: index }, index * 500);
  }
  expect(readings).toHaveLength(MOST_READINGS);
  expect(readings[0]).toEqual(at(50 * 500, 50));
  expect(readings.at(-1)).toEqual(at((MOST_READINGS + 49) * 500, MOST_READINGS + 49));
});

test('notes a gap once, and none before the first reading', () => {
  expect(after([], null, 1)).toEqual([]);
  const broken = after(after(after([], idle, 1), null, 2), null, 3);
  expect(broken).toEqual([at(1, 0), at(2, null)]);
});

test('a reading holds until the next one, and a gap breaks the line', () => {
  const readings = [at(0, 50), at(250, 100), at(500, null), at(750, 25)];
  expect(lines(readings, 0, 1000, 100)).toEqual([
    [
      { x: 0, y: 0.5 },
      { x: 0.25, y: 0.5 },
      { x: 0.25, y: 1 },
      { x: 0.5, y: 1 },
    ],
    [
      { x: 0.75, y: 0.25 },
      { x: 1, y: 0.25 },
    ],
  ]);
});

test('what is older than the chart gives its left edge a height', () => {
  expect(lines([at(0, 80), at(2000, 40)], 1000, 3000, 100)).toEqual([
    [
      { x: 0, y: 0.8 },
      { x: 0.5, y: 0.8 },
      { x: 0.5, y: 0.4 },
      { x: 1, y: 0.4 },
    ],
  ]);
  expect(lines([at(0, 80), at(500, null)], 1000, 3000, 100)).toEqual([]);
  expect(lines([], 0, 1, 1)).toEqual([]);
});

test('the area stands on the base line', () => {
  expect(
    area(
      [
        [
          { x: 0, y: 0.5 },
          { x: 1, y: 1 },
        ],
      ],
      100,
      40,
    ),
  ).toBe('M0.0 40.0L0.0 20.0L100.0 0.0L100.0 40.0Z');
  expect(area([], 100, 40)).toBe('');
});

test('the axis ends at a round figure above the bytes', () => {
  expect(axisTop(0)).toBe(1e6);
  expect(axisTop(499e6)).toBe(600e6);
  expect(axisTop(600e6)).toBe(600e6);
  expect(axisTop(2.1e9)).toBe(4e9);
  for (const bytes of [1, 1e5, 3.3e6, 99e6, 101e6, 987e6, 7.7e9]) {
    expect(axisTop(bytes)).toBeGreaterThanOrEqual(bytes);
    expect(axisTop(bytes)).toBeLessThan(Math.max(2.1e6, bytes * 2.1));
  }
});

test('what was not measured is not a figure', () => {
  for (const figure of [
    adapterFigure(undefined),
    backendFigure(null),
    backendFigure(idle),
    modelFigure(null, undefined),
    bytesFigure(undefined),
    busyFigure(null),
    loadFigure(idle),
    factorFigure(idle),
    tokensFigure(idle),
  ]) {
    expect(figure).toEqual({ value: NOT_YET });
  }
});

test('says what was measured', () => {
  const gauge: Gauge = {
    ...idle,
    backend: 'gpu',
    modelId: 'whisper-base',
    modelBytesInMemory: 206e6,
    loadMs: 1300,
    loadSource: 'indexeddb',
    gpuBusy: 0.784,
    realTimeFactor: 0.0417,
    tokensPerSecond: 97.4,
  };
  expect(adapterFigure(adapter)).toEqual({ value: 'Apple M2', note: 'hardware' });
  expect(adapterFigure({ ...adapter, description: '', fallback: true })).toEqual({
    value: 'apple metal-3',
    note: 'software, slow',
  });
  expect(adapterFigure(null)).toEqual({ value: 'none offered' });
  expect(backendFigure(gauge)).toEqual({ value: 'GPU', note: 'Apple M2' });
  expect(backendFigure({ ...gauge, backend: 'cpu' })).toEqual({ value: 'CPU', note: '4 threads' });
  expect(modelFigure(gauge, 'Whisper base')).toEqual({ value: 'Whisper base', note: '206 MB' });
  expect(modelFigure(idle, undefined)).toEqual({ value: 'none' });
  expect(bytesFigure(474e6)).toEqual({ value: '474 MB' });
  expect(bytesFigure(0)).toEqual({ value: '0 MB' });
  expect(busyFigure(gauge)).toEqual({ value: '78 %' });
  expect(loadFigure(gauge)).toEqual({ value: '1.3 s', note: 'from this device, no request' });
  expect(factorFigure(gauge)).toEqual({ value: '0.042', note: '24×' });
  expect(factorFigure({ ...gauge, realTimeFactor: 2.5 })).toEqual({ value: '2.50', note: '0.4×' });
  expect(tokensFigure(gauge)).toEqual({ value: '97' });
});

test('the report holds the measurements and no name of a file', () => {
  const report: JobReport = {
    outcome: 'done',
    doneSample: 160000,
    audioSeconds: 10,
    wallMs: 900,
    language: 'en',
    languageProbability: 0.98,
    windows: 1,
    cues: 2,
    tokens: 20,
    encoderPasses: 1,
    decoderSteps: 21,
    cpuRetries: 0,
    truncated: false,
    firstTextMs: 200,
    stages: idle.stages,
  };
  const written = engineReport({
    date: new Date(Date.UTC(2026, 10, 23, 10)),
    device: { userAgent: 'A browser', hardwareConcurrency: 8 },
    isolated: true,
    adapter,
    gauge: idle,
    load: null,
    jobs: [report],
    models: [
      {
        id: 'whisper-base',
        name: 'Whisper base',
        source: 'hub',
        weightBytes: 206_190_057,
        totalBytes: 2,
        storedBytes: 1,
        ready: false,
        host: 'huggingface.co',
        multilingual: true,
        backends: ['gpu', 'cpu'],
        trust: 'pinned',
        checkedAt: null,
        custom: false,
      },
    ],
    history: [at(1, 2)],
  });
  expect(JSON.parse(JSON.stringify(written))).toEqual({
    format: 'earshot-engine-report',
    version: 1,
    date: '2026-11-23T10:00:00.000Z',
    browser: 'A browser',
    logicalCores: 8,
    crossOriginIsolated: true,
    adapter,
    gauge: idle,
    load: null,
    jobs: [report],
    models: [{ id: 'whisper-base', totalBytes: 2, storedBytes: 1, ready: false }],
    history: [at(1, 2)],
  });
});
