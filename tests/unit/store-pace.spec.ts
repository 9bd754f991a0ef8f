/** Progress, speed and time left of a download, given a clock. */
import { expect, test } from 'playwright/test';
import { chunkIndex, chunkKey, chunkLength } from '../../workers/store/chunks.ts';
import { Pace } from '../../workers/store/pace.ts';

const files = [
  { path: 'a', bytes: 1_000_000 },
  { path: 'b', bytes: 3_000_000 },
];

test('bytes that were on disk already count as loaded, not as speed', () => {
  const pace = new Pace('model', files);
  pace.set('a', 1_000_000, 'checked');
  expect(pace.progress(10_000)).toEqual({
    modelId: 'model',
    loadedBytes: 1_000_000,
    totalBytes: 4_000_000,
    bytesPerSecond: 0,
    secondsLeft: null,
    files: [
      { path: 'a', bytes: 1_000_000, loadedBytes: 1_000_000, state: 'checked' },
      { path: 'b', bytes: 3_000_000, loadedBytes: 0, state: 'waiting' },
    ],
  });
});

test('speed is the mean of the last five seconds, time left follows from it', () => {
  const pace = new Pace('model', files);
  for (let second = 0; second <= 2; second += 1) {
    pace.arrive(500_000, second * 1000);
    pace.set('b', (second + 1) * 500_000, 'loading');
  }
  const soon = pace.progress(2000);
  expect(soon.bytesPerSecond).toBe(750_000);
  expect(soon.secondsLeft).toBeCloseTo(2_500_000 / 750_000, 6);
  // Ten silent seconds later nothing is left in the window: stalled, and no promise is made.
  expect(pace.progress(12_000)).toMatchObject({ bytesPerSecond: 0, secondsLeft: null, loadedBytes: 1_500_000 });
});

test('the first moments give no speed', () => {
  const pace = new Pace('model', files);
  pace.arrive(65_536, 0);
  expect(pace.progress(100)).toMatchObject({ bytesPerSecond: 0, secondsLeft: null });
});

test('what was told is not changed afterwards', () => {
  const pace = new Pace('model', files);
  const told = pace.progress(0);
  pace.set('a', 5, 'loading');
  expect(told.files[0]).toMatchObject({ loadedBytes: 0, state: 'waiting' });
});

test('chunks: every length adds up to the file, keys find their own file only', () => {
  for (const bytes of [1, 99, 100, 101, 250, 300]) {
    const count = Math.ceil(bytes / 100);
    const lengths = Array.from({ length: count }, (_, index) => chunkLength(bytes, index, 100));
    expect(lengths.reduce((total, length) => total + length, 0)).toBe(bytes);
    expect(lengths.every((length) => length > 0 && length <= 100)).toBe(true);
  }
  expect(chunkIndex(chunkKey('m@r/onnx/model.onnx', 12), 'm@r/onnx/model.onnx')).toBe(12);
  expect(chunkIndex('m@r/onnx/model.onnx', 'm@r/onnx/model.onnx')).toBe(-1);
  expect(chunkIndex('m@r/onnx/model.onnx_data#0', 'm@r/onnx/model.onnx')).toBe(-1);
});
