/** Half an hour on the CPU: the clock does not drift, memory does not grow, nothing is said twice. */
import { expect, test } from '../browser.ts';
import { hearComposed, load, syntheticDigits, wordErrorRate, wrongWith } from '../engine.ts';

test.setTimeout(300_000);

test('every phrase of thirty minutes is within 0.3 s of its true time, in bounded memory', async ({ harness }) => {
  await load(harness, 'whisper-digits-10s', 'cpu');
  const short = await hearComposed(harness, syntheticDigits(), {
    seconds: 300,
    wordsPerPhrase: 3,
    pauses: [0.7, 1.4, 3],
    noise: 0.0005,
  });
  const heapBefore = short.gauge.wasmHeapBytes;
  const pageBefore = await memory(harness);

  const long = await hearComposed(harness, syntheticDigits(), {
    seconds: 1800,
    wordsPerPhrase: 3,
    pauses: [0.7, 1.4, 3, 0.6, 8],
    noise: 0.0005,
  });
  expect(long.report.audioSeconds).toBeCloseTo(1800, 1);
  expect(wrongWith(long.windows, 1800)).toBe('');
  const truth = long.phrases.flatMap((phrase) => phrase.words.map((word) => word.text)).join(' ');
  expect(wordErrorRate(truth, long.text)).toBeLessThan(0.05);

  const starts = long.windows.flatMap((window) => window.cues.map((cue) => cue.start));
  const late = long.phrases.map((phrase) => Math.min(...starts.map((start) => Math.abs(start - phrase.start))));
  const off = long.phrases.filter((_, i) => late[i] > 0.3);
  console.log(
    `${long.phrases.length} phrases, worst ${Math.max(...late).toFixed(3)} s, word error rate ` +
      `${wordErrorRate(truth, long.text).toFixed(4)}, ${long.report.windows} windows, ` +
      `real-time factor ${(long.report.wallMs / 1_800_000).toFixed(4)}`,
  );
  expect(off.map((phrase) => phrase.start)).toEqual([]);

  // Six times the length: the heap may take one more of its growth steps (a fifth of itself), not one a window.
  expect(long.gauge.wasmHeapBytes, 'wasm heap').toBeLessThanOrEqual(heapBefore * 1.25);
  // The 58 MB file itself is in the page; the workers hold a few seconds of it.
  const grown = (await memory(harness)) - pageBefore;
  expect(grown, 'bytes of page and workers').toBeLessThan(60e6);
});

/** Bytes of the page and its workers' JavaScript heaps, after a collection. */
async function memory(page: Parameters<typeof load>[0]): Promise<number> {
  return page.evaluate(async () => {
    const measure = (
      performance as unknown as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> }
    ).measureUserAgentSpecificMemory.bind(performance);
    return (await measure()).bytes;
  });
}
