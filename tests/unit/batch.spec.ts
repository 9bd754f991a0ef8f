/** How many windows at once: the budget, the device that refuses, the job that learns. */
import { expect, test } from 'playwright/test';
import { bySpeed, largestBatch, rowBytes, upTo } from '../../workers/whisper/batch.ts';
import type { WhisperModel } from '../../workers/whisper/model.ts';
import { forgedModel, logitsOf } from './forged-model.ts';
import { randomFrom } from './random.ts';

const MB = 2 ** 20;

test.beforeEach(() => {
  Reflect.set(globalThis, 'GPUBufferUsage', { STORAGE: 128 });
});
test.afterEach(() => {
  Reflect.deleteProperty(globalThis, 'GPUBufferUsage');
});

/** Whisper base's shape on a device that has so much to give. */
function base(maxBufferSize: number, room: number): { model: WhisperModel; asked: number[]; alive: () => number } {
  const asked: number[] = [];
  let alive = 0;
  let refused = false;
  const device = {
    limits: { maxBufferSize },
    pushErrorScope: () => (refused = false),
    createBuffer: ({ size }: GPUBufferDescriptor) => {
      asked.push(size);
      refused = size > room;
      alive += 1;
      return { destroy: () => (alive -= 1) };
    },
    popErrorScope: () => Promise.resolve(refused ? { message: 'out of memory' } : null),
  };
  const shape = { layers: 6, heads: 8, headSize: 64, width: 512, sourcePositions: 1500, targetPositions: 448 };
  const model = { ...forgedModel(() => logitsOf({})).model, ...shape, device: device as unknown as GPUDevice };
  return { model, asked, alive: () => alive };
}

test('a row of Whisper base takes what was measured: 37 MB of cross-attention K/V and a little more', () => {
  const bytes = rowBytes(base(0, 0).model);
  expect(bytes).toBeGreaterThan(36.8e6);
  expect(bytes).toBeLessThan(52e6);
});

test('the batch is what the budget allows and the device grants; nothing stays allocated', async () => {
  const roomy = base(4096 * MB, 4096 * MB);
  expect(await largestBatch(roomy.model)).toBe(8);
  expect(roomy.alive()).toBe(0);
  const small = base(256 * MB, 4096 * MB);
  expect(await largestBatch(small.model)).toBe(1);
  const tight = base(4096 * MB, 200 * MB);
  expect(await largestBatch(tight.model)).toBe(4);
  expect(tight.asked).toEqual([8, 4].map((rows) => rows * rowBytes(tight.model)));
  expect(tight.alive()).toBe(0);
  // The CPU has no budget to ask for: four windows are as long as anyone should wait.
  expect(await largestBatch({ ...tight.model, device: null })).toBe(4);
});

/** The sizes taken when a batch of `size` windows of 30 s takes `cost(size)` milliseconds. */
function sizes(limit: number, batches: number, cost: (size: number) => number): number[] {
  const batch = bySpeed(limit);
  return Array.from({ length: batches }, () => {
    const { size } = batch;
    batch.measured(30 * size, cost(size));
    return size;
  });
}

test('sizes double up to the limit while each window gets cheaper', () => {
  expect(sizes(8, 6, (size) => 1000 + 100 * size)).toEqual([1, 2, 4, 8, 8, 8]);
  expect(sizes(5, 5, (size) => 1000 + 100 * size)).toEqual([1, 2, 4, 5, 5]);
  expect(sizes(1, 3, () => 1)).toEqual([1, 1, 1]);
});

test('a size that is not worth it twice is left for the one before', () => {
  // Twice the rows, twice the time, but for what the first batch compiled.
  expect(sizes(8, 7, (size) => 1000 * size + (size === 1 ? 500 : 0))).toEqual([1, 2, 4, 4, 2, 2, 2]);
  let unlucky = true;
  const once = sizes(4, 6, (size) => {
    const slow = size === 2 && unlucky;
    if (size === 2) unlucky = false;
    return (slow ? 9000 : 1000) + 10 * size;
  });
  expect(once, 'one slow batch decides nothing').toEqual([1, 2, 2, 4, 4, 4]);
});

test('whatever the times, no size is above the limit and it settles', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomFrom(seed);
    const limit = 1 + Math.floor(random.next() * 8);
    const taken = sizes(limit, 40, () => random.next() * 1000);
    expect(Math.max(...taken)).toBeLessThanOrEqual(limit);
    expect(Math.min(...taken)).toBeGreaterThanOrEqual(1);
    expect(new Set(taken.slice(20)).size, `seed ${seed}`).toBe(1);
  }
});

test('a fixed size is reached by doubling whatever it costs', () => {
  const batch = upTo(6);
  const taken = Array.from({ length: 5 }, () => {
    const { size } = batch;
    batch.measured(30 * size, 1e6 * size * size);
    return size;
  });
  expect(taken).toEqual([1, 2, 4, 6, 6]);
});
