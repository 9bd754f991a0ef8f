/** The safety nets: when a window is tried again, what is kept, what cannot be right, and loops. */
import { deflateSync } from 'node:zlib';
import { expect, test } from 'playwright/test';
import {
  cannotBeRight,
  compressionRatio,
  doubtOf,
  failed,
  isSilence,
  leastBad,
  seededRandom,
  TEMPERATURES,
  withinSpeech,
  type Attempt,
} from '../../workers/whisper/fallback.ts';
import { LoopWatch } from '../../workers/whisper/loops.ts';
import { END, forgedText, time } from './forged-model.ts';
import { randomFrom } from './random.ts';

const attempt = (some: Partial<Attempt> = {}): Attempt => ({
  tokens: [1, 2, 3],
  logProbabilities: [-0.3, -0.3, -0.3, -0.3],
  forcedFrom: null,
  text: 'one two three',
  averageLogProbability: -0.3,
  noSpeechProbability: 0.01,
  compressionRatio: 1.2,
  ended: 'end',
  temperature: 0,
  ...some,
});

test('the compression ratio is that of zlib', async () => {
  const random = randomFrom(1);
  const texts = [
    'Hello world.',
    'the same the same the same the same the same the same the same the same the same the same',
    'Grüße aus Köln, schöne Straße',
    '今日は晴れです。今日は晴れです。',
    'a'.repeat(2000),
    Array.from({ length: 500 }, () => String.fromCharCode(random.whole(32, 126))).join(''),
  ];
  for (const text of texts) {
    const bytes = Buffer.from(text);
    expect(await compressionRatio(text)).toBe(bytes.length / deflateSync(bytes).length);
  }
  expect(await compressionRatio('')).toBeLessThanOrEqual(1);
});

test('the thresholds are those of transcribe.py', () => {
  expect(TEMPERATURES).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(failed(attempt(), null)).toBe(false);
  expect(failed(attempt({ compressionRatio: 2.4 }), null)).toBe(false);
  expect(failed(attempt({ compressionRatio: 2.41 }), null)).toBe(true);
  expect(failed(attempt({ averageLogProbability: -1 }), null)).toBe(false);
  expect(failed(attempt({ averageLogProbability: -1.01 }), null)).toBe(true);
  expect(failed(attempt({ ended: 'loop' }), null)).toBe(true);
  // No speech and unsure words is silence, not a failure; no speech alone is neither.
  expect(failed(attempt({ noSpeechProbability: 0.61, averageLogProbability: -1.01 }), null)).toBe(false);
  expect(isSilence(attempt({ noSpeechProbability: 0.61, averageLogProbability: -1.01 }), null)).toBe(true);
  expect(isSilence(attempt({ noSpeechProbability: 0.6, averageLogProbability: -1.01 }), null)).toBe(false);
  expect(isSilence(attempt({ noSpeechProbability: 0.99, averageLogProbability: -0.9 }), null)).toBe(false);
});

test('where the detection is sure of speech, nothing is silence', () => {
  const silent = attempt({ noSpeechProbability: 0.99, averageLogProbability: -3 });
  for (const [speech, is] of [
    [null, true],
    [0, true],
    [0.99, true],
    [1, false],
    [20, false],
  ] as const) {
    expect(isSilence(silent, speech)).toBe(is);
    // What is no silence and so unsure is tried again.
    expect(failed(silent, speech)).toBe(!is);
  }
});

test('of failures the least bad is kept: no repetition before repetition, then the surest', () => {
  const loop = attempt({ ended: 'loop', averageLogProbability: -0.1 });
  const packed = attempt({ compressionRatio: 5, averageLogProbability: -0.2 });
  const unsure = attempt({ averageLogProbability: -1.5, temperature: 0.4 });
  const worse = attempt({ averageLogProbability: -3 });
  expect(leastBad([loop, packed, worse, unsure])).toBe(unsure);
  expect(leastBad([unsure, worse, packed])).toBe(unsure);
  expect(leastBad([packed, loop])).toBe(loop);
  expect(leastBad([worse])).toBe(worse);
});

test('a doubt is named, the weightiest first', () => {
  expect(doubtOf(attempt())).toBeNull();
  expect(doubtOf(attempt({ ended: 'loop', averageLogProbability: -2 }))).toBe('repetition');
  expect(doubtOf(attempt({ compressionRatio: 2.5 }))).toBe('repetition');
  expect(doubtOf(attempt({ averageLogProbability: -1.2, noSpeechProbability: 0.5 }))).toBe('low-probability');
  expect(doubtOf(attempt({ noSpeechProbability: 0.7 }))).toBe('maybe-no-speech');
});

test('garbage a GPU can give cannot be right', () => {
  const wrong = (some: Partial<Attempt>, speech: number | null = 5): boolean => cannotBeRight(attempt(some), speech);
  expect(wrong({})).toBe(false);
  expect(wrong({ text: '!!!!!!' })).toBe(true);
  expect(wrong({ text: '!!!!' })).toBe(true);
  expect(wrong({ text: '♪♪♪♪♪' })).toBe(true);
  expect(wrong({ text: '! ! ! ! !' })).toBe(true);
  expect(wrong({ averageLogProbability: NaN })).toBe(true);
  expect(wrong({ noSpeechProbability: NaN })).toBe(true);
});

test('nothing heard is wrong only where there clearly is speech', () => {
  const blank = attempt({ text: '', tokens: [END + 9] });
  expect(cannotBeRight(blank, 5)).toBe(true);
  expect(cannotBeRight(blank, 1.9)).toBe(false);
  expect(cannotBeRight(blank, null)).toBe(false);
  expect(cannotBeRight({ ...blank, noSpeechProbability: 0.5 }, 5)).toBe(false);
});

test('what people do say is let through, a word said again and again too', () => {
  const right = (text: string, tokens: number[]): boolean => !cannotBeRight(attempt({ text, tokens }), 3);
  expect(right('No, no, no!', [1, 2, 1, 2, 1, 3])).toBe(true);
  expect(right('Stop!!!', [1, 2])).toBe(true);
  expect(right('...', [4])).toBe(true);
  expect(right('♪♪♪♪', [9])).toBe(true);
  expect(right('111111', [5, 5])).toBe(true);
  expect(right('six '.repeat(14), Array<number>(14).fill(7))).toBe(true);
  expect(right('x'.repeat(20), [...Array<number>(19).fill(7), 8])).toBe(true);
});

test('of a repetition no more is kept than could be said', () => {
  const random = randomFrom(4);
  /** A digit is a word of up to eight letters, in 25 letters a second. */
  const letters = (tokens: readonly number[]): number =>
    [...forgedText.decode([...tokens])].reduce((sum, letter) => sum + (/[0-9]/.test(letter) ? 8 : 1), 0);
  let cut = 0;
  for (let round = 0; round < 150; round++) {
    const words = Array.from({ length: random.whole(0, 60) }, () => random.whole(0, END - 1));
    const tokens = [time(0), ...words.flatMap((id) => (random.next() < 0.2 ? [id, time(7), time(7)] : [id]))];
    const before = attempt({ tokens, logProbabilities: tokens.map(() => -random.next()) });
    const seconds = random.between(0, 15);
    const most = Math.max(1, seconds) * 25;
    const after = withinSpeech(before, seconds, forgedText, { endOfText: END });
    expect(letters(after.tokens)).toBeLessThanOrEqual(most);
    if (letters(tokens) <= most) {
      expect(after).toBe(before);
      continue;
    }
    cut += 1;
    // The beginning of it, as long as it can be: one word more would be too long.
    expect(after.tokens).toEqual(tokens.slice(0, after.tokens.length));
    expect(letters(tokens.slice(0, after.tokens.length + 1))).toBeGreaterThan(most);
    expect(after.logProbabilities).toEqual(before.logProbabilities.slice(0, after.tokens.length));
    expect(after.ended).toBe('loop');
    expect(doubtOf(after)).toBe('repetition');
  }
  expect(cut).toBeGreaterThan(50);
});

/** Tokens until the watch speaks; null: never. */
function caught(tokens: readonly number[]): number | null {
  const watch = new LoopWatch();
  const at = tokens.findIndex((id) => watch.push(id));
  return at < 0 ? null : at + 1;
}
const repeated = (phrase: number[], times: number): number[] => Array.from({ length: times }, () => phrase).flat();

test('loops are noticed while they are written', () => {
  expect(caught(repeated([3], 100))).toBe(18);
  expect(caught([7, 8, 9, ...repeated([3], 100)])).toBe(21);
  expect(caught(repeated([1, 2], 100))).toBe(18);
  expect(caught(repeated([1, 2, 3, 4, 5], 100))).toBe(30);
  const sentence = Array.from({ length: 24 }, (_, i) => i);
  expect(caught(repeated(sentence, 10))).toBe(24 * 6);
  const random = randomFrom(2);
  for (let round = 0; round < 300; round++) {
    const period = random.whole(1, 24);
    const phrase = Array.from({ length: period }, () => random.whole(0, 30));
    const before = Array.from({ length: random.whole(0, 30) }, () => random.whole(100, 9999));
    const at = caught([...before, ...repeated(phrase, 60)]);
    expect(at).not.toBeNull();
    expect(at!).toBeLessThanOrEqual(before.length + Math.max(6 * period, 18));
  }
});

test('refrains and counted repetitions are no loops', () => {
  expect(caught(repeated([3], 17))).toBeNull();
  expect(caught([1, 2, ...repeated([5], 5), 6, ...repeated([7], 5)])).toBeNull(); // a digit said five times
  expect(caught(repeated([1, 2, 3, 4, 5, 6, 7, 8], 5))).toBeNull(); // a line sung five times
  expect(caught(repeated([1, 2, 3], 5))).toBeNull();
  const random = randomFrom(3);
  for (let round = 0; round < 200; round++) {
    expect(caught(Array.from({ length: 224 }, () => random.whole(0, 400)))).toBeNull();
  }
  // Ten digits in any order, a whole window of them.
  for (let round = 0; round < 200; round++)
    expect(caught(Array.from({ length: 100 }, () => random.whole(0, 9)))).toBeNull();
});

test('seeded numbers are uniform, and the same for the same seed', () => {
  const [one, two, other] = [seededRandom(7), seededRandom(7), seededRandom(8)];
  const values = Array.from({ length: 20_000 }, one);
  expect(values.slice(0, 50)).toEqual(Array.from({ length: 50 }, two));
  expect(values.slice(0, 50)).not.toEqual(Array.from({ length: 50 }, other));
  const bins = new Array<number>(10).fill(0);
  for (const value of values) bins[Math.floor(value * 10)] += 1;
  expect(bins).toHaveLength(10);
  // Four deviations of a count of 2000.
  for (const count of bins) expect(Math.abs(count - 2000)).toBeLessThan(4 * Math.sqrt(20_000 * 0.1 * 0.9));
});
