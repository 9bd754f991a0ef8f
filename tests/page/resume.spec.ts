/** A job that is cut off behind any of its windows and goes on later ends with the words of one that was not, to the letter. */
import { expect, test } from '../browser.ts';
import { load, syntheticDigits } from '../engine.ts';
import type { JobRequest, WindowResult } from '../../workers/protocol.ts';

type Engine = typeof import('../harness/engine.ts');
type Sound = typeof import('../harness/sound.ts');

/** What a person sees of a window, and where the next one begins. */
const seen = (windows: readonly WindowResult[]) =>
  windows.map(({ startSample, endSample, language, cues }) => ({ startSample, endSample, language, cues }));

for (const skipSilence of [true, false]) {
  test(`cut behind every window, ${skipSilence ? 'silence left out' : 'all sound heard'}`, async ({ harness }) => {
    await load(harness, 'whisper-digits-10s', 'cpu');
    const { whole, after } = await harness.evaluate(
      async ({ clips, request }) => {
        const engine = await window.harness.load<Engine>('engine');
        const sound = await window.harness.load<Sound>('sound');
        const { file } = sound.compose(clips, {
          seconds: 48,
          wordsPerPhrase: 3,
          pauses: [0.7, 1.4, 3, 0.3, 9],
          noise: 0.0005,
        });
        const { windows } = await engine.hear(file, request);
        const rest: (typeof windows)[] = [];
        for (const [index, { language, languageProbability, endSample, bookmark }] of windows.entries()) {
          // Kept and read back, as from the disk.
          const kept = structuredClone(bookmark ?? null);
          const heardLanguage = { language, probability: languageProbability };
          const begun = { ...request, fromSample: endSample, heardLanguage, bookmark: kept };
          rest[index] = (await engine.hear(file, begun)).windows;
        }
        return { whole: windows, after: rest };
      },
      { clips: syntheticDigits(), request: { skipSilence, words: true } satisfies Partial<JobRequest> },
    );
    expect(whole.length).toBeGreaterThan(3);
    for (const [index, rest] of after.entries())
      expect(seen(rest), `cut behind window ${index + 1} of ${whole.length}`).toEqual(seen(whole.slice(index + 1)));
  });
}
