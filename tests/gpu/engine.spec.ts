/** The engine on WebGPU (the software adapter): the same words as on the CPU, and not a byte left behind. */
import { expect, fixture, needsShared, test } from '../browser.ts';
import { hear, hearComposed, load, references, syntheticDigits, wrongWith } from '../engine.ts';
import type { Gauge } from '../../workers/protocol.ts';

type Engine = typeof import('../harness/engine.ts');

const PLAIN = { skipSilence: false, safetyNets: false } as const;
const reference = (file: string) => references().find((one) => one.file === file && one.task === 'transcribe')!;

test('fp32: every token of a window', async ({ harness }) => {
  const report = await load(harness, 'whisper-digits-10s', 'gpu', 'fp32');
  expect(report.runtime).toBe('jspi');
  const expected = reference('synthetic_de_10s_0.wav');
  const heard = await hear(harness, fixture(`windows/${expected.file}`), PLAIN);
  expect(heard.windows[0].tokens).toEqual(expected.tokens);
  expect(heard.windows[0].language).toBe('de');
  expect(heard.windows[0].backend).toBe('gpu');
});

test('q4: the words of a person, with their times', async ({ harness }) => {
  const path = needsShared(test, 'digits/windows/human_en_10s_1.wav');
  const expected = references(path.replace('human_en_10s_1.wav', 'reference.json')).find(
    (one) => one.file === 'human_en_10s_1.wav',
  )!;
  await load(harness, 'whisper-digits-10s', 'gpu');
  const heard = await hear(harness, path, { ...PLAIN, words: true });
  expect(heard.text).toBe(expected.text);
  expect(wrongWith(heard.windows, heard.report.audioSeconds)).toBe('');
  expect(heard.windows[0].cues.flatMap((cue) => cue.words ?? [])).toHaveLength(expected.words.length);
});

test('asyncify: the same words where the browser cannot switch stacks', async ({ harness }) => {
  // The worker's script, in a browser without WebAssembly.Suspending.
  await harness.route(/engine\.worker.*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `delete WebAssembly.Suspending;${await response.text()}` });
  });
  const report = await load(harness, 'whisper-digits-10s', 'gpu');
  expect(report.runtime).toBe('asyncify');
  const expected = reference('synthetic_en_10s_1.wav');
  const heard = await hear(harness, fixture(`windows/${expected.file}`), PLAIN);
  expect(heard.text).toBe(expected.text);
});

test('a batch gives the text of its windows one by one', async ({ harness }) => {
  await load(harness, 'whisper-digits-10s', 'gpu');
  // Three windows: the first alone, then two together, of different lengths, so that one row leaves before the other.
  const layout = { seconds: 26, wordsPerPhrase: 2, pauses: [2.5], noise: 0.0005 };
  const request = { ...PLAIN, language: 'en' };
  const together = await hearComposed(harness, syntheticDigits(), layout, { ...request, batch: 4 });
  const alone = await hearComposed(harness, syntheticDigits(), layout, { ...request, batch: 1 });
  expect(alone.windows).toHaveLength(3);
  expect(together.windows.map((one) => one.tokens)).toEqual(alone.windows.map((one) => one.tokens));
  expect(together.report.decoderSteps).toBeLessThan(alone.report.decoderSteps);
  expect(together.gauge.gpuBytesNow, 'live bytes after either').toBe(alone.gauge.gpuBytesNow);
});

test('eight windows leave the GPU bytes exactly where one left them; unload frees all', async ({ harness }) => {
  await load(harness, 'whisper-digits-10s', 'gpu');
  const clips = syntheticDigits();
  // One digit a window: the encoder's work is what counts here.
  const layout = { wordsPerPhrase: 1, pauses: [9.2], noise: 0.0005 };
  const request = { ...PLAIN, language: 'en', batch: 1 };
  const one = await hearComposed(harness, clips, { ...layout, seconds: 10 }, request);
  expect(one.report.encoderPasses).toBe(1);
  const eight = await hearComposed(harness, clips, { ...layout, seconds: 79 }, request);
  expect(eight.report.encoderPasses).toBeGreaterThanOrEqual(8);
  expect(eight.gauge.gpuBytesNow).toBe(one.gauge.gpuBytesNow);
  expect(eight.gauge.gpuBuffers).toBe(one.gauge.gpuBuffers);
  expect(one.gauge.gpuBytesNow, 'the weights once, and little else').toBeLessThan(1.1 * one.gauge.modelBytesInMemory);
  expect(eight.gauge.wasmHeapBytes, 'the weights are not in the heap').toBeLessThan(40e6);
  expect(eight.gauge.gpuBytesPeak, 'the peak does not know the length').toBeLessThan(one.gauge.gpuBytesPeak * 1.1);
  console.log(
    `live ${one.gauge.gpuBytesNow} bytes in ${one.gauge.gpuBuffers} buffers after 1 and after ` +
      `${eight.report.encoderPasses} windows; peak ${eight.gauge.gpuBytesPeak}; weights ${one.gauge.modelBytesInMemory}`,
  );
  const after: Gauge = await harness.evaluate(async () => {
    const engine = await window.harness.load<Engine>('engine');
    await engine.unload();
    return engine.gauge();
  });
  expect(after.gpuBytesNow).toBe(0);
  expect(after.modelId).toBe(null);
});
