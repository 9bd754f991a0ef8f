/** Speakers told apart by the shipped worker in a browser, with the networks that come with the page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, needsShared, repository, test } from '../browser.ts';
import { syntheticDigits } from '../engine.ts';
import { wav } from '../fixtures/wav.ts';
import { parseRttm, score } from '../speakers/score.mjs';
import { decodeWav, monoAt16k } from '../speakers/sound.mjs';
import { randomFrom } from '../unit/random.ts';

type Speakers = typeof import('../harness/speakers.ts');
type Engine = typeof import('../harness/engine.ts');
type Sound = typeof import('../harness/sound.ts');

test('a conversation: networks missing, then fetched; turns, another number, labels, a cancelled run', async ({
  harness,
}) => {
  test.setTimeout(300_000);
  const path = needsShared(test, 'speech/conversations/two_short_turns.flac');
  const base64 = readFileSync(path).toString('base64');
  const truth = parseRttm(readFileSync(path.replace('.flac', '.rttm'), 'utf8'));
  // Two words of either speaker in one cue, at the first change with nobody else near.
  const first = truth.find(
    (turn, i) => i > 0 && turn.speaker !== truth[i - 1].speaker && turn.start > truth[i - 1].end,
  )!;
  const before = truth[truth.indexOf(first) - 1];
  const words = [before, first].map((turn, i) => {
    const middle = (turn.start + turn.end) / 2;
    return { start: middle - 0.3, end: middle + 0.3, text: ['question', 'answer'][i], probability: 1 };
  });
  const cue = { start: words[0].start, end: words[1].end, text: 'question answer', words };

  const { loaded, told, cancelled } = await harness.evaluate(
    async ({ base64, cue }) => {
      const { fileOf } = await window.harness.load<Engine>('engine');
      const { load, tell } = await window.harness.load<Speakers>('speakers');
      const loaded = await load();
      const file = fileOf(base64, 'two_short_turns.flac');
      const told = await tell(file, { cues: [cue] });
      const cancelled = await tell(file, { stopAfter: 20 });
      return { loaded, told, cancelled };
    },
    { base64, cue },
  );
  expect(loaded).toEqual({ without: 'ModelMissing', files: 3 });
  const result = score(truth, told.turns);
  console.log(
    `two_short_turns in the browser: DER ${result.der.toFixed(1)} %, confused ${result.confused.toFixed(1)} %, ` +
      `${result.found} found, ${(told.heardMs / 63_057).toFixed(3)} of its length; cut anew in ${told.cutMs.toFixed(0)} ms`,
  );
  expect(told.outcome).toBe('done');
  expect(result.found).toBe(2);
  expect(result.confused).toBeLessThan(5);
  expect(new Set(told.one.map(({ speaker }) => speaker)).size).toBe(1);
  expect(told.again).toEqual(told.turns);
  expect(told.cutMs).toBeLessThan(1000);
  expect(told.labelled.map(({ text }) => text)).toEqual(['question', 'answer']);
  expect(told.labelled[0].speaker).not.toBe(told.labelled[1].speaker);
  // Stopped in the middle it keeps what it has.
  expect(cancelled.outcome).toBe('cancelled');
  expect(cancelled.pieces).toBeGreaterThan(0);
  expect(cancelled.pieces).toBeLessThan(told.pieces);
});

test('beside a job the same voices are heard, of the sound that the job decodes; a job that stops leaves what was heard', async ({
  harness,
}) => {
  test.setTimeout(300_000);
  const { whole, stopped } = await harness.evaluate(async (clips) => {
    const sound = await window.harness.load<Sound>('sound');
    const { load, beside } = await window.harness.load<Speakers>('speakers');
    await load();
    const layout = { seconds: 45, wordsPerPhrase: 3, pauses: [0.7, 1.4, 3], noise: 0.0005 };
    const { file } = sound.compose(clips, layout);
    return { whole: await beside(file, null), stopped: await beside(file, 1) };
  }, syntheticDigits());
  expect(whole.jobOutcome).toBe('done');
  expect(whole.outcome).toBe('done');
  expect(whole.text.length).toBeGreaterThan(20);
  expect(whole.ends.length).toBeGreaterThan(5);
  expect(whole.ends).toEqual(whole.alone);
  expect(stopped.jobOutcome).toBe('cancelled');
  expect(stopped.outcome).toBe('cancelled');
  expect(stopped.ends).toEqual(stopped.alone.slice(0, stopped.ends.length));
});

test('silence, noise and music have no speakers; one voice is one, short, cut or on the telephone', async ({
  harness,
}) => {
  test.setTimeout(300_000);
  const rate = 16_000;
  const random = randomFrom(3);
  const seconds = (count: number, at: (second: number) => number) =>
    Float32Array.from({ length: count * rate }, (_, index) => at(index / rate));
  const chords = [
    [220, 277, 330],
    [196, 247, 294],
    [175, 220, 262],
  ];
  /** A plucked chord each three eighths of a second, with four overtones. */
  const music = seconds(12, (t) => {
    const tones = chords[Math.floor(t / 1.5) % chords.length].flatMap((hertz) =>
      [1, 2, 3, 4].map((n) => [n, n * hertz]),
    );
    return (
      0.06 *
      Math.exp(-3 * (t % 0.375)) *
      tones.reduce((sum, [n, hertz]) => sum + Math.sin(2 * Math.PI * hertz * t) / n, 0)
    );
  });
  const voice = monoAt16k(decodeWav(readFileSync(join(repository, 'public/demo/sentence.wav'))), 'sentence.wav');
  // What a telephone leaves: less below 300 Hz and above 3400 Hz, one pole each.
  let [low, high] = [0, 0];
  const telephone = voice.map((value) => {
    high += 0.74 * (value - high);
    low += 0.11 * (high - low);
    return high - low;
  });
  const sounds = {
    ...{ silence: new Float32Array(12 * rate), music, noise: seconds(12, () => 0.1 * random.normal()) },
    ...{ voice, telephone, short: voice.subarray(0, 3 * rate), instant: voice.subarray(0, rate / 20) },
  };
  const files = Object.entries(sounds).map(([name, samples]) => ({
    name,
    base64: Buffer.from(wav({ samples: [samples] })).toString('base64'),
  }));
  const heard = await harness.evaluate(async (files) => {
    const { fileOf } = await window.harness.load<Engine>('engine');
    const { load, tell } = await window.harness.load<Speakers>('speakers');
    await load();
    const found: Record<string, { outcome: string; speakers: number }> = {};
    for (const { name, base64 } of files) {
      const { outcome, turns } = await tell(fileOf(base64, `${name}.wav`), {});
      found[name] = { outcome, speakers: new Set(turns.map(({ speaker }) => speaker)).size };
    }
    return found;
  }, files);
  const nobody = { outcome: 'done', speakers: 0 };
  const one = { outcome: 'done', speakers: 1 };
  expect(heard).toEqual({
    ...{ silence: nobody, music: nobody, noise: nobody, instant: nobody },
    ...{ voice: one, telephone: one, short: one },
  });
});
