/** The CPU against the GPU on a person's own file, and hearing a file only up to a point. */
import { expect, test } from 'playwright/test';
import {
  comparisonRows,
  comparisonWords,
  differences,
  secondsPerMinute,
  wordsApart,
  type Run,
} from '../../src/compare/compare.ts';
import { PcmSource } from '../../workers/hearing/pcm-source.ts';
import type { PcmMessage } from '../../workers/protocol.ts';

const words = (text: string) => text.split(' ').filter((word) => word !== '');
const run = (backend: 'gpu' | 'cpu', wallMs: number, text: string): Run => ({
  ...{ backend, loadMs: 1200, memoryBytes: 474e6, words: words(text) },
  report: {
    audioSeconds: 60,
    wallMs,
    stages: { mediaMs: 1, speechMs: 1, melMs: 1, encodeMs: 1500, decodeMs: 12_500, wordsMs: 0 },
  },
});

test('the words that differ, in their places', () => {
  expect(differences(words('Ask not, what your country'), words('ask not what YOUR country!'))).toEqual([]);
  expect(differences(words('the keeper of the light'), words('the keepers of light tonight'))).toEqual([
    { gpu: 'keeper', cpu: 'keepers' },
    { gpu: 'the', cpu: '' },
    { gpu: '', cpu: 'tonight' },
  ]);
  expect(differences([], words('a b'))).toEqual([{ gpu: '', cpu: 'a b' }]);
  expect(wordsApart(differences(words('a b c'), words('a x y z c')))).toBe(3);
  expect(wordsApart([])).toBe(0);
});

test('side by side, and what comes of it in words', () => {
  const [gpu, cpu] = [run('gpu', 2500, 'one two three'), run('cpu', 19_800, 'one two tree')];
  expect(secondsPerMinute(cpu)).toBeCloseTo(19.8, 9);
  expect(comparisonRows(gpu, cpu)[0]).toEqual({ name: 'Time for a minute of sound', gpu: '2.50 s', cpu: '19.8 s' });
  expect(comparisonWords(gpu, cpu)).toBe('The GPU is 7.9 times as fast. 1 word differs.');
  expect(comparisonWords(run('gpu', 4000, 'one'), run('cpu', 1000, 'one'))).toBe(
    'The CPU is 4.0 times as fast. Both heard the same words.',
  );
  const silent = { ...gpu, report: { ...gpu.report, audioSeconds: 0 } };
  expect(comparisonWords(silent, silent)).toBe('Both heard the same words.');
});

for (const [until, sizes] of [
  [250, [100, 100, 50]],
  [200, [100, 100]],
  [40, [40]],
  [1000, [100, 100, 100]],
] as const) {
  test(`the sound of 300 samples ends at ${until} where no more is wanted`, async () => {
    const { port1, port2 } = new MessageChannel();
    const source = new PcmSource(port2, 16_000, 0, until);
    const send = (message: PcmMessage) => port1.postMessage(message);
    for (const start of [0, 100, 200]) send({ type: 'pcm', start, samples: new Float32Array(100).fill(1) });
    send({ type: 'end', totalSamples: 300, decodeMs: 5, truncated: false });
    const blocks: number[] = [];
    for (let block = await source.next(() => false); block; block = await source.next(() => false))
      blocks.push(block.length);
    expect(blocks).toEqual(sizes);
    expect(source.end?.totalSamples).toBe(Math.min(until, 300));
    expect(source.received).toBe(Math.min(until, 300));
    expect(source.read(0, 300).reduce((sum, sample) => sum + sample, 0)).toBe(Math.min(until, 300));
    source.stop();
    port1.close();
  });
}
