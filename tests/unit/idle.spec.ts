/** Idle release on a clock of its own: what goes when, and what is said of it. */
import { expect, test } from 'playwright/test';
import { emptied } from '../../src/engine/emptied.ts';
import { deadlines, due, idleWords, nextAt, type Released, type Rest, type Rules } from '../../src/idle/idle.ts';
import type { Gauge } from '../../workers/protocol.ts';

const MINUTE = 60_000;
const rules: Rules = { model: 2 * MINUTE, engine: 10 * MINUTE };
const both: Rest = { sinceMs: 1000, holds: { model: true, engine: true } };
const engineOnly: Rest = { sinceMs: 1000, holds: { model: false, engine: true } };
const atWork: Rest = { sinceMs: null, holds: { model: true, engine: true } };

test('first the model, then the engine; what is not held is not given back', () => {
  const ends = deadlines(both, rules);
  expect(ends).toEqual({ model: 1000 + 2 * MINUTE, engine: 1000 + 10 * MINUTE });
  expect(nextAt(ends)).toBe(1000 + 2 * MINUTE);
  expect(due(ends, 1000 + 2 * MINUTE - 1)).toBeNull();
  expect(due(ends, 1000 + 2 * MINUTE)).toBe('model');
  const later = deadlines(engineOnly, rules);
  expect(nextAt(later)).toBe(1000 + 10 * MINUTE);
  expect(due(later, 1000 + 10 * MINUTE - 1)).toBeNull();
  expect(due(later, 1000 + 10 * MINUTE)).toBe('engine');
  const gone = deadlines({ sinceMs: 1000, holds: { model: false, engine: false } }, rules);
  expect(nextAt(gone)).toBeNull();
  expect(due(gone, Infinity)).toBeNull();
});

test('nothing is due while there is work, however late it is', () => {
  const ends = deadlines(atWork, rules);
  expect(nextAt(ends)).toBeNull();
  expect(due(ends, Infinity)).toBeNull();
});

test('a timer that comes hours late gives back everything at once', () => {
  expect(due(deadlines(both, rules), 5 * 3600_000)).toBe('engine');
});

test('never means never, for each on its own', () => {
  expect(due(deadlines(both, { model: null, engine: null }), Infinity)).toBeNull();
  expect(nextAt(deadlines(both, { model: null, engine: 5 * MINUTE }))).toBe(1000 + 5 * MINUTE);
  expect(nextAt(deadlines(both, { model: 2 * MINUTE, engine: null }))).toBe(1000 + 2 * MINUTE);
});

test('the panel says what will go, what has gone, and nothing while there is work', () => {
  const say = (rest: Rest, nowMs: number, released: Released = null, by = rules) =>
    idleWords(deadlines(rest, by), released, rest, nowMs);
  expect(say(both, 41_000)).toBe('Model leaves memory in 1:20, the engine ends in 9:20.');
  expect(say(both, 41_400), 'whole seconds, never too few').toBe(
    'Model leaves memory in 1:20, the engine ends in 9:20.',
  );
  expect(say(both, 41_000, null, { model: 2 * MINUTE, engine: null })).toBe('Model leaves memory in 1:20.');
  expect(say(both, 41_000, null, { model: null, engine: 2 * MINUTE })).toBe(
    'Model stays in memory until you unload it or the engine ends in 1:20.',
  );
  expect(say(both, 41_000, null, { model: null, engine: null })).toBe('Model stays in memory until you unload it.');
  expect(say(both, 1000, null, { model: 10 * MINUTE, engine: 5 * MINUTE })).toBe(
    'Model and engine leave memory in 5:00.',
  );
  expect(say(engineOnly, 121_000, { tier: 'model', afterMs: 2 * MINUTE })).toBe(
    'Model released after 2 minutes idle, the engine ends in 8:00.',
  );
  const gone: Rest = { sinceMs: 1000, holds: { model: false, engine: false } };
  expect(say(gone, 999_000, { tier: 'engine', afterMs: 10 * MINUTE })).toBe(
    'Engine ended after 10 minutes idle. The next file starts it again.',
  );
  expect(say(atWork, 999_000, { tier: 'model', afterMs: MINUTE })).toBe('');
  expect(say(engineOnly, 5000), 'nothing was in memory, nothing is said').toBe('');
});

test('the gauge of an engine that ended holds nothing, and what was measured stays', () => {
  const stages = { mediaMs: 1, speechMs: 2, melMs: 3, encodeMs: 4, decodeMs: 5, wordsMs: 6 };
  const gauge: Gauge = {
    adapter: null,
    backend: 'gpu',
    runtime: 'jspi',
    threads: 2,
    modelId: 'm',
    modelBytesInMemory: 10,
    memoryForm: 'fp32',
    gpuBytesNow: 20,
    gpuKinds: { weights: 15, keyValues: 2, activations: 2, other: 1 },
    gpuBytesPeak: 30,
    gpuBytesTotal: 40,
    gpuBuffers: 5,
    gpuBusy: 0.5,
    gpuBusyMs: 400,
    gpuCompile: 0.5,
    clockCheck: null,
    runBusy: 0.5,
    runBusyMs: 400,
    modelInstances: 1,
    modelsMade: 1,
    memoryHits: 2,
    jobs: 3,
    windows: 4,
    doneSeconds: 10,
    wasmHeapBytes: 60,
    loadMs: 7,
    loadSource: 'network',
    realTimeFactor: 0.1,
    tokensPerSecond: 80,
    stages,
  };
  expect(emptied(gauge)).toMatchObject({
    modelId: null,
    modelBytesInMemory: 0,
    memoryForm: null,
    gpuBytesNow: 0,
    gpuKinds: { weights: 0, keyValues: 0, activations: 0, other: 0 },
    modelInstances: 0,
    runBusy: 0,
    jobs: 0,
    gpuBuffers: 0,
    wasmHeapBytes: 0,
    gpuBytesPeak: 30,
    realTimeFactor: 0.1,
    stages,
  });
});
