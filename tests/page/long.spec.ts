/** Half an hour on the CPU: the clock does not drift, memory does not grow, nothing is said twice. */
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { hearComposed, load, syntheticDigits, wordErrorRate, wrongWith } from '../engine.ts';
import type { Spoken } from '../harness/sound.ts';
import { addFiles } from './words.ts';

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
  // With silences of up to four seconds left in its ten-second windows the digits model mishears 7 % (Whisper hears better so).
  expect(wordErrorRate(truth, long.text)).toBeLessThan(0.08);

  // A word is told apart from its neighbours by its text; one the small model did not hear has no time.
  const cues = long.windows.flatMap((window) => window.cues);
  const off = (word: Spoken): number =>
    Math.min(...cues.filter((cue) => cue.text.includes(word.text)).map((cue) => Math.abs(cue.start - word.start)));
  const best = long.phrases.map((phrase) => Math.min(...phrase.words.map(off)));
  const words = long.phrases.flatMap((phrase) => phrase.words);
  const timed = words.filter((word) => off(word) <= 0.3).length;
  console.log(
    `${long.phrases.length} phrases, worst ${Math.max(...best).toFixed(3)} s, ${timed} of ${words.length} words within ` +
      `0.3 s, word error rate ${wordErrorRate(truth, long.text).toFixed(4)}, ${long.report.windows} windows, ` +
      `real-time factor ${(long.report.wallMs / 1_800_000).toFixed(4)}`,
  );
  // A phrase of which it heard no word has no time; clocks that drift would lose all behind a point.
  expect(long.phrases.filter((_, i) => best[i] > 0.3).length).toBeLessThanOrEqual(2);
  expect(timed / words.length).toBeGreaterThan(0.94);

  // Six times the length: the heap may take one more of its growth steps (a fifth of itself), not one a window.
  expect(long.gauge.wasmHeapBytes, 'wasm heap').toBeLessThanOrEqual(heapBefore * 1.25);
  // The file itself is on the disk; the workers hold a few seconds of it.
  const grown = (await memory(harness)) - pageBefore;
  console.log(
    `${(pageBefore / 1e6).toFixed(1)} MB of heaps and buffers after five minutes, ${(grown / 1e6).toFixed(1)} MB more after thirty`,
  );
  expect(grown, 'bytes of page and workers').toBeLessThan(5e6);
});

test('the page asks its engine for figures thousands of times, and its heap does not grow with them', async ({
  app,
}) => {
  // Half an hour of asking twice a second, in the time that as many answers take.
  await app.addInitScript(() => {
    const wait = setTimeout;
    Object.assign(window, { asked: 0 });
    window.setTimeout = ((task: () => void, ms?: number, ...rest: unknown[]) => {
      const gauge = ms === 500 || ms === 5000;
      if (gauge) (window as unknown as { asked: number }).asked += 1;
      return wait(task, gauge ? 1 : ms, ...rest);
    }) as typeof setTimeout;
  });
  const asked = () => app.evaluate(() => (window as unknown as { asked: number }).asked);
  const session = await app.context().newCDPSession(app);
  const heapBytes = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  await expect(rows.first()).toContainText('Done', { timeout: 60_000 });
  const [bytesBefore, askedBefore] = [await heapBytes(), await asked()];
  await expect.poll(asked, { timeout: 120_000 }).toBeGreaterThan(askedBefore + 3600);
  const grown = (await heapBytes()) - bytesBefore;
  console.log(`asked 3600 times, ${(grown / 1e6).toFixed(1)} MB more in the page's heap`);
  expect(grown).toBeLessThan(2e6);
});

type HeapUsage = { usedSize: number; backingStorageSize: number };

/**
 * Bytes of the page's and its workers' JavaScript heaps and array buffers, after a collection. By the debugging
 * protocol: `measureUserAgentSpecificMemory` waits a minute for a collection of the workers' heaps.
 */
async function memory(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const workers: string[] = [];
  const answers = new Map<number, (result: HeapUsage) => void>();
  session.on('Target.attachedToTarget', ({ sessionId }) => workers.push(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message) as { id: number; result: HeapUsage };
    answers.get(id)?.(result);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  expect(workers, 'engine, media and store').toHaveLength(3);
  const ask = async (sessionId: string, method: string): Promise<HeapUsage> => {
    const id = answers.size + 1;
    const answer = new Promise<HeapUsage>((resolve) => answers.set(id, resolve));
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    return answer;
  };
  const usages: HeapUsage[] = [];
  for (const worker of workers) {
    await ask(worker, 'HeapProfiler.collectGarbage');
    usages.push(await ask(worker, 'Runtime.getHeapUsage'));
  }
  await session.send('HeapProfiler.collectGarbage');
  usages.push(await session.send('Runtime.getHeapUsage'));
  await session.detach();
  return usages.reduce((sum, { usedSize, backingStorageSize }) => sum + usedSize + backingStorageSize, 0);
}
