/** Real recordings with a model that only knows digits: what is not speech says nothing, nothing loops, few windows. */
import { readFileSync } from 'node:fs';
import { expect, needsShared, test } from '../browser.ts';
import { hear, load } from '../engine.ts';
import type { Spread } from '../harness/sound.ts';

type Engine = typeof import('../harness/engine.ts');
type Sound = typeof import('../harness/sound.ts');

/** Longest run of one phrase of one to eight words, in repeats. */
function mostRepeats(text: string): number {
  const words = text.split(/\s+/).filter(Boolean);
  let most = 0;
  for (let length = 1; length <= 8; length++) {
    let same = 0;
    for (let i = length; i < words.length; i++) {
      same = words[i] === words[i - length] ? same + 1 : 0;
      most = Math.max(most, 1 + Math.floor(same / length));
    }
  }
  return most;
}

test('counts repeats of a phrase', () => {
  expect(mostRepeats('one two three')).toBe(1);
  expect(mostRepeats('nine one two one two one two')).toBe(3);
  expect(mostRepeats('four four four four')).toBe(4);
});

for (const name of ['silence_5s.wav', 'noise_8s.wav']) {
  test(`no words on ${name}`, async ({ harness }) => {
    const path = needsShared(test, `speech/derived/${name}`);
    await load(harness, 'whisper-digits-10s', 'cpu');
    expect((await hear(harness, path)).text).toBe('');
  });
}

test('other languages never loop, with and without speech detection', async ({ harness }) => {
  const paths = ['russian/ru.wav', 'thorsten/neutral.wav', 'aishell/mid.wav'].map((name) =>
    needsShared(test, `speech/${name}`),
  );
  await load(harness, 'whisper-digits-10s', 'cpu');
  for (const path of paths) {
    for (const skipSilence of [true, false]) {
      const { text } = await hear(harness, path, { skipSilence });
      expect(mostRepeats(text), `${path}: ${text}`).toBeLessThanOrEqual(6);
    }
  }
});

test('music never loops', async ({ harness }) => {
  await load(harness, 'whisper-digits-10s', 'cpu');
  for (const skipSilence of [true, false]) {
    const text = await harness.evaluate(async (skipSilence) => {
      const engine = await window.harness.load<Engine>('engine');
      const sound = await window.harness.load<Sound>('sound');
      return (await engine.hear(sound.tune(20), { skipSilence })).text;
    }, skipSilence);
    expect(mostRepeats(text), text).toBeLessThanOrEqual(6);
  }
});

test('at most 2.2 encoder passes a minute of speech, half of that where half is silence', async ({ harness }) => {
  const path = needsShared(test, 'speech/derived/long_english.mp3');
  const recording = (
    JSON.parse(readFileSync(needsShared(test, 'speech/derived/manifest.json'), 'utf8')) as (Spread & {
      file: string;
      seconds: number;
    })[]
  ).find((one) => one.file === 'derived/long_english.mp3')!;
  // Each with the pause after it, so that exactly half of the longer file is what the shorter one holds.
  const segments = recording.segments.map(({ start }, i, all) => ({
    start,
    end: all[i + 1]?.start ?? recording.seconds,
  }));
  test.setTimeout(240_000);
  await load(harness, 'whisper-digits', 'cpu');
  const passes = await harness.evaluate(
    async ({ base64, segments }) => {
      const engine = await window.harness.load<Engine>('engine');
      const sound = await window.harness.load<Sound>('sound');
      const file = engine.fileOf(base64, 'long_english.mp3');
      const perMinute = async (one: File): Promise<number> => {
        const { report } = await engine.hear(one, { language: 'en', safetyNets: false });
        return report.encoderPasses / (report.audioSeconds / 60);
      };
      return { whole: await perMinute(file), half: await perMinute(await sound.spread(file, { segments })) };
    },
    { base64: readFileSync(path).toString('base64'), segments },
  );
  console.log(`encoder passes a minute: speech ${passes.whole.toFixed(2)}, half silence ${passes.half.toFixed(2)}`);
  expect(passes.whole).toBeLessThanOrEqual(2.2);
  expect(passes.half).toBeLessThanOrEqual(1.1);
});
