/** The speech detection is the published net, number for number, whatever stretches it is fed. */
import { expect, test } from '../browser.ts';
import { syntheticDigits } from '../engine.ts';

type Silero = typeof import('../harness/silero.ts');
type Sound = typeof import('../harness/sound.ts');

for (const [runtime, slab] of [
  ['wasm', 64],
  ['wasm', 7],
  ['jspi', 64],
] as const) {
  test(`the same probabilities as the published file, frame by frame: ${runtime}, ${slab} frames a call`, async ({
    harness,
  }) => {
    const result = await harness.evaluate(
      async ({ clips, runtime, slab }) => {
        const sound = await window.harness.load<Sound>('sound');
        const { compare } = await window.harness.load<Silero>('silero');
        const layout = { seconds: 60, wordsPerPhrase: 3, pauses: [0.7, 1.4, 3], noise: 0.0005 };
        return compare(sound.compose(clips, layout).file, runtime, slab);
      },
      { clips: syntheticDigits(), runtime, slab },
    );
    console.log(
      `${runtime}, ${slab} frames a call: ${result.oursMs.toFixed(2)} ms a second of sound, the published file ` +
        `${result.publishedMs.toFixed(2)}; largest difference ${result.worst.toExponential(1)}`,
    );
    expect(result.frames).toBe(1875);
    expect(result.speech).toBeGreaterThan(500);
    expect(result.speech).toBeLessThan(1400);
    expect(result.worst).toBeLessThan(1e-4);
  });
}
