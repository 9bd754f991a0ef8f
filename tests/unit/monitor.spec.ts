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
import {
  axisTop,
  busySpans,
  chartBackend,
  glance,
  marksOf,
  placed,
  restLevels,
  stackedTo,
} from '../../src/monitor/chart.ts';
import { placementWords } from '../../src/monitor/proof-words.ts';
import {
  after,
  area,
  intoVisit,
  lines,
  MOST_READINGS,
  NEW_VISIT,
  readingOf,
  type Reading,
} from '../../src/monitor/readings.ts';
import { reportMarkdown } from '../../src/monitor/report-markdown.ts';
import { perMinute, workOfJob, workOfVisit } from '../../src/monitor/stages.ts';
import { placementsIn } from '../../workers/onnx/placement.ts';
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
  memoryForm: null,
  gpuBytesNow: 0,
  gpuKinds: { weights: 0, keyValues: 0, activations: 0, other: 0 },
  gpuBytesPeak: 0,
  gpuBytesTotal: 0,
  gpuBuffers: 0,
  gpuBusy: 0,
  gpuBusyMs: 0,
  gpuCompile: 0,
  clockCheck: null,
  runBusy: 0,
  runBusyMs: 0,
  wasmHeapBytes: 0,
  modelInstances: 0,
  modelsMade: 0,
  memoryHits: 0,
  jobs: 0,
  windows: 0,
  loadMs: null,
  loadSource: null,
  realTimeFactor: null,
  tokensPerSecond: null,
  doneSeconds: 0,
  stages: { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 },
};

const at = (atMs: number, gpuBytes: number | null, rest: Partial<Reading> = {}): Reading => ({
  ...{ atMs, gpuBytes, gpuBusy: 0, kinds: null, wasmBytes: 0, gpuBusyMs: 0, runBusyMs: 0 },
  ...{ model: null, jobs: 0, windows: 0 },
  ...rest,
});
const kinds = (weights: number, keyValues = 0, activations = 0, other = 0) => ({
  ...{ weights, keyValues, activations, other },
});

test('keeps the newest readings and no more than it may', () => {
  let readings: readonly Reading[] = [];
  for (let index = 0; index < MOST_READINGS + 50; index += 1) readings = after(readings, at(index * 500, index));
  expect(readings).toHaveLength(MOST_READINGS);
  expect(readings[0]).toEqual(at(50 * 500, 50));
  expect(readings.at(-1)).toEqual(at((MOST_READINGS + 49) * 500, MOST_READINGS + 49));
});

test('a whole visit fits, whatever its length: its peak, its end and all that was counted stay', () => {
  let visit = NEW_VISIT;
  for (let index = 0; index < 10 * MOST_READINGS; index += 1) {
    const bytes = index === 4321 ? 900 : 100;
    visit = intoVisit(visit, at(index * 500, bytes, { kinds: kinds(bytes), jobs: index, gpuBusyMs: index }));
  }
  expect(visit.readings.length).toBeLessThanOrEqual(MOST_READINGS);
  expect(visit.readings.length).toBeGreaterThan(MOST_READINGS / 4);
  expect(Math.max(...visit.readings.map(({ gpuBytes }) => gpuBytes ?? 0))).toBe(900);
  expect(visit.readings.find(({ gpuBytes }) => gpuBytes === 900)?.kinds?.weights).toBe(900);
  expect(visit.readings.at(-1)).toMatchObject({ atMs: (10 * MOST_READINGS - 1) * 500, jobs: 10 * MOST_READINGS - 1 });
  const times = visit.readings.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});

test('notes a gap once, and none before the first reading', () => {
  expect(readingOf(null, undefined, 1)).toBe(null);
  const gap = readingOf(null, at(1, 5), 2)!;
  expect(gap).toMatchObject({ atMs: 2, gpuBytes: null, model: null });
  expect(readingOf(null, gap, 3)).toBe(null);
});

test('the layers stand on each other and reach what all buffers take', () => {
  const gauge = { ...idle, gpuBytesNow: 100, gpuKinds: kinds(60, 25, 10, 5) };
  const reading = readingOf(gauge, undefined, 1)!;
  expect([0, 1, 2, 3].map((layer) => stackedTo(layer)(reading))).toEqual([60, 85, 95, 100]);
  expect(stackedTo(3)(reading)).toBe(reading.gpuBytes);
});

test('a busy share is exact between any two readings, and a fresh worker counts from nothing', () => {
  const readings = [
    at(0, 1, { runBusyMs: 100, gpuBusyMs: 0 }),
    at(500, 1, { runBusyMs: 350, gpuBusyMs: 500 }),
    at(1000, 1, { runBusyMs: 350, gpuBusyMs: 500 }),
    at(2000, null),
    at(3000, 1, { runBusyMs: 250 }),
  ];
  expect(busySpans(readings, 'cpu')).toEqual([
    { fromMs: 0, toMs: 500, share: 0.5 },
    { fromMs: 2000, toMs: 3000, share: 0.25 },
  ]);
  expect(busySpans(readings, 'gpu')).toEqual([{ fromMs: 0, toMs: 500, share: 1 }]);
});

test('marks: loads, files, windows and unloads, also of a worker that was started anew', () => {
  const readings = [
    at(0, 0),
    at(1, 9, { model: 'base' }),
    at(2, 9, { model: 'base', jobs: 1 }),
    at(3, 9, { model: 'base', jobs: 1, windows: 2 }),
    at(4, 9, { model: 'digits', jobs: 1, windows: 2 }),
    at(5, 0, { jobs: 1, windows: 2 }),
    at(6, null),
    at(7, 9, { model: 'base', jobs: 1, windows: 1 }),
  ];
  expect(marksOf(readings).map(({ atMs, what }) => `${atMs} ${what}`)).toEqual([
    '1 load',
    '2 file',
    '3 window',
    '4 unload',
    '4 load',
    '5 unload',
    '7 load',
    '7 file',
    '7 window',
  ]);
});

test('marks of one moment share a line and its words, and no word lies over another', () => {
  const marks = marksOf([
    at(0, 0),
    at(100, 9, { model: 'a', jobs: 1 }),
    at(130, 9, { model: 'a', jobs: 2 }),
    at(600, 9, { model: 'a', jobs: 3, windows: 1 }),
    at(980, 0, { jobs: 3, windows: 1 }),
  ]);
  const words = placed(marks, (atMs) => atMs, { right: 1000, word: 56 }).map((mark) => [
    mark.at,
    mark.words,
    mark.left,
  ]);
  expect(words).toEqual([
    [100, ['load', 'file'], false],
    [100, [], false],
    [130, [], false],
    [600, ['file'], false],
    [600, [], false],
    [980, ['unload'], true],
  ]);
});

test('what the page says of a worker that cannot answer is no reading', () => {
  const counted = { ...idle, runBusy: 0.2, runBusyMs: 40 };
  const reading = readingOf(counted, undefined, 1)!;
  expect(readingOf({ ...counted, runBusy: 1 }, reading, 2)).toBe(null);
  expect(readingOf({ ...counted, runBusy: 1, runBusyMs: 90 }, reading, 2)).toMatchObject({ runBusyMs: 90 });
  expect(readingOf({ ...counted, runBusy: 0 }, reading, 2)).toMatchObject({ runBusyMs: 40 });
});

test('at a glance: working, idle, flat or growing', () => {
  const rest = (atMs: number, bytes: number, jobs: number, busyMs: number) =>
    at(atMs, bytes, { model: 'base', jobs, runBusyMs: busyMs, gpuBusyMs: busyMs });
  const flat = [
    rest(0, 200e6, 1, 5),
    rest(1, 200e6, 1, 5),
    rest(2, 400e6, 2, 9),
    rest(3, 200e6, 2, 12),
    rest(4, 200e6, 2, 12),
  ];
  expect(restLevels(flat, 'gpu')).toEqual([200e6, 200e6]);
  const still = { working: false, share: 0 };
  expect(glance(flat, 'gpu', still)).toBe('Idle. 200 MB at rest after each of 2 files: nothing is leaking.');
  expect(glance([...flat, rest(5, 230e6, 3, 20), rest(6, 230e6, 3, 20)], 'gpu', still)).toBe(
    'Idle. 30 MB more at rest than after the first file.',
  );
  expect(glance(flat.slice(0, 2), 'gpu', still)).toBe('Idle. 200 MB at rest.');
  expect(glance(flat.slice(0, 1), 'gpu', { working: true, share: 0.784 })).toBe('Working, 78 % busy.');
  const begins = { working: true, share: 0.02, compile: 0.9 };
  expect(glance(flat.slice(0, 1), 'gpu', begins)).toBe('Working: the GPU’s programs are being compiled.');
  expect(glance(flat.slice(0, 1), 'gpu', { ...begins, share: 0.95 })).toBe('Working, 95 % busy.');
  expect(glance(flat.slice(0, 1), 'gpu', { ...begins, working: false })).toBe('Idle.');
  const loads = { working: true, share: 0, loading: true };
  expect(glance([at(9, 5e6)], 'gpu', loads)).toBe('Working: the model is being loaded. 5 MB held.');
  expect(glance([at(9, 5e6)], 'gpu', { ...loads, share: 0.1 })).toBe('Working, 10 % busy. 5 MB held.');
  expect(glance([...flat, at(9, 0)], 'gpu', still)).toBe('Idle. Nothing is in memory.');
  expect(glance([], 'gpu', still)).toBe('');
});

test('the figures are those of where the model is, or was last', () => {
  expect(chartBackend([], null)).toBe(null);
  expect(chartBackend([], 'gpu')).toBe('gpu');
  expect(chartBackend([at(0, 5, { model: 'base' }), at(1, 0)], null)).toBe('gpu');
  expect(chartBackend([at(0, 0, { model: 'base', wasmBytes: 9 }), at(1, null)], null)).toBe('cpu');
});

test('work per minute of sound', () => {
  expect(perMinute(5000, 30)).toBe(10);
  expect(perMinute(0, 30)).toBe(null);
  expect(perMinute(5000, 0)).toBe(null);
  expect(workOfJob(idle)).toBe(null);
  const stages = { mediaMs: 1, speechMs: 2, melMs: 3, encodeMs: 4, decodeMs: 5, wordsMs: 6 };
  expect(workOfJob({ stages, doneSeconds: 20 })).toEqual({ stages, soundSeconds: 20 });
  expect(workOfVisit([])).toBe(null);
  const report = { stages, audioSeconds: 30 } as JobReport;
  expect(workOfVisit([report, report])).toEqual({
    stages: { mediaMs: 2, speechMs: 4, melMs: 6, encodeMs: 8, decodeMs: 10, wordsMs: 12 },
    soundSeconds: 60,
  });
});

/** What ONNX Runtime 1.31-dev wrote for the digits model on WebGPU (2026-11), shortened. */
const SAID = [
  '[V:onnxruntime:, graph_transformer_mgr.cc:55 ApplyTransformers] Applying graph transformer CPUExecutionProvider.',
  '[V:onnxruntime:, session_state.cc:1377 VerifyEachNodeIsAssignedToAnEp] Node placements',
  '[V:onnxruntime:, session_state.cc:1380 VerifyEachNodeIsAssignedToAnEp]  Node(s) placed on [CPUExecutionProvider]. Number of nodes: 3',
  '[V:onnxruntime:, session_state.cc:1385 VerifyEachNodeIsAssignedToAnEp]   Shape (f//Shape)',
  '[V:onnxruntime:, session_state.cc:1385 VerifyEachNodeIsAssignedToAnEp]   Gather (f//Gather)',
  '[V:onnxruntime:, session_state.cc:1385 VerifyEachNodeIsAssignedToAnEp]   Gather (f//Gather_1)',
  '[V:onnxruntime:, session_state.cc:1380 VerifyEachNodeIsAssignedToAnEp]  Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 5',
];

test('where each node runs, read from what ONNX Runtime says', () => {
  const all = placementsIn(
    ['x VerifyEachNodeIsAssignedToAnEp]  All nodes placed on [WebGpuExecutionProvider]. Number of nodes: 84'],
    'encoder',
  );
  expect(all).toEqual([{ session: 'encoder', provider: 'WebGpuExecutionProvider', nodes: 84, types: {} }]);
  const some = placementsIn(SAID, 'decoder');
  expect(some[0]).toEqual({
    session: 'decoder',
    provider: 'CPUExecutionProvider',
    nodes: 3,
    types: { Shape: 1, Gather: 2 },
  });
  expect(placementsIn(['something else'], 'encoder')).toEqual([]);
  expect(placementWords([...all, ...some])).toEqual([
    { session: 'Encoder', share: '84 of 84 operations on the GPU (100 %)', rest: '' },
    { session: 'Decoder', share: '5 of 8 operations on the GPU (63 %)', rest: '3 on the CPU: Gather 2, Shape 1' },
  ]);
  expect(placementWords([])).toEqual([]);
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
    memoryForm: 'fp32',
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
        licence: 'MIT',
        listed: true,
      },
    ],
    placed: null,
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
    placed: null,
    history: [at(1, 2)],
  });

  const text = reportMarkdown(
    { ...written, placed: { modelId: 'm', backend: 'gpu', placements: placementsIn(SAID, 'decoder') } },
    '0.1.0 (abc)',
  );
  for (const line of [
    '- Earshot: 0.1.0 (abc)',
    '- Browser: A browser',
    '- Adapter: Apple M2 (hardware)',
    '- Decoder of m: 5 of 8 operations on the GPU (63 %); 3 on the CPU: Gather 2, Shape 1',
    '| 1 | 10 s | done | 5.4 s |  |  |  |  |  |  |',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});
