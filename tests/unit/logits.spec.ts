/**
 * The rules against openai/whisper decoding.py (c0d2f62): each by logits made for it, then all of them at random against
 * a slow transcription of SuppressBlank, SuppressTokens and ApplyTimestampRules.
 */
import { expect, test } from 'playwright/test';
import { applyRules, argmax, logSumExp, probabilityOf, sample, softmaxOver } from '../../workers/whisper/logits.ts';
import { specialTokens, type GenerationConfig, type SpecialTokens } from '../../workers/whisper/tokens.ts';
import { randomFrom, type Random } from './random.ts';

const END = 20;
const NO_TIMESTAMPS = 29;
const ZERO = 30;
const VOCABULARY = 81;
const special: SpecialTokens = {
  endOfText: END,
  startOfTranscript: 21,
  startOfPrevious: 27,
  noSpeech: 28,
  noTimestamps: NO_TIMESTAMPS,
  timestampBegin: ZERO,
  transcribe: 25,
  translate: 24,
  languages: new Map([
    ['en', 22],
    ['de', 23],
  ]),
  // As in the models' files, and the languages, which the reference leaves out as no model ever writes them.
  suppress: [5, 7, 21, 22, 23, 24, 25, 26, 27, 28],
  suppressAtBegin: [3, END],
  maxInitialTimestamp: 10,
};
const time = (step: number): number => ZERO + step;

/** Logits that are `low` but where said. */
function row(values: Record<number, number> = {}, low = 0): Float32Array {
  const logits = new Float32Array(VOCABULARY).fill(low);
  for (const [id, value] of Object.entries(values)) logits[Number(id)] = value;
  return logits;
}

/** Ids still possible after the rules. */
function allowed(sampled: number[], logits = row({}, 0), tokens = special): number[] {
  applyRules(logits, sampled, tokens);
  return [...logits.keys()].filter((id) => logits[id] !== -Infinity);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
/** Words so likely that the sum over all times stays under them. */
const wordy = (): Float32Array => {
  const logits = row({}, 0);
  logits.fill(50, 0, ZERO);
  return logits;
};

test('a transcript begins with a time, at most the initial limit late', () => {
  expect(allowed([])).toEqual(range(time(0), time(11)));
  expect(allowed([], row(), { ...special, maxInitialTimestamp: 1500 })).toEqual(range(time(0), VOCABULARY));
});

test('a model that does not say how late its first time may be gets the second of openai/whisper', () => {
  const config = { eos_token_id: END, decoder_start_token_id: 4, no_timestamps_token_id: NO_TIMESTAMPS };
  const named = (timeStep: number, some: Partial<GenerationConfig> = {}): number =>
    specialTokens({ ...config, ...some }, () => undefined, timeStep).maxInitialTimestamp;
  expect(named(0.02)).toBe(50);
  expect(named(0.04)).toBe(25);
  expect(named(0.02, { max_initial_timestamp_index: 7 })).toBe(7);
});

test('after one opening time comes text: no second time, and the end only if it is not the very beginning', () => {
  const ids = allowed([time(0)], wordy());
  expect(ids.filter((id) => id >= ZERO)).toEqual([]);
  expect(ids).toContain(0);
  // SuppressBlank holds at the first position only.
  expect(ids).toContain(3);
  expect(ids).toContain(END);
});

test('after text and a closing time comes a time or the end, never text', () => {
  const ids = allowed([time(0), 1, 2, time(9)], row({ [END]: 90, 1: 99 }));
  expect(ids.filter((id) => id < END)).toEqual([]);
  expect(ids).toContain(END);
  expect(ids).toContain(time(9));
});

test('after a pair of times comes text', () => {
  const ids = allowed([time(0), 1, time(9), time(9)], wordy());
  expect(ids.filter((id) => id >= ZERO)).toEqual([]);
  expect(ids).toContain(1);
});

test('times do not go back, and a segment is longer than nothing', () => {
  const open = allowed([time(12), 1], row({}, 0)).filter((id) => id >= ZERO);
  expect(open[0]).toBe(time(13));
  const pair = allowed([time(2), 1, time(12)], row()).filter((id) => id >= ZERO);
  expect(pair[0]).toBe(time(12)); // the next segment may begin where this one ends
  const late = allowed([time(2), 1, VOCABULARY - 1, VOCABULARY - 1, 4], wordy());
  expect(late.filter((id) => id >= ZERO)).toEqual([]); // no time left: not the whole vocabulary banned
  expect(late).toContain(END);
});

test('times that are together likelier than the likeliest word win', () => {
  // 51 times at 0 sum to e^3.93.
  expect(allowed([time(0), 1], row({ 2: 3.9 }, 0)).every((id) => id >= ZERO)).toBe(true);
  expect(allowed([time(0), 1], row({ 2: 3.95 }, 0))).toContain(2);
  // Only those still allowed count: after 40 steps of the clock ten are left, which sum to e^2.3.
  expect(allowed([time(40), 1], row({ 2: 2.35 }, 0))).toContain(2);
  expect(allowed([time(40), 1], row({ 2: 2.25 }, 0))).not.toContain(2);
});

test('what is suppressed never comes, what is suppressed at the beginning only not there', () => {
  for (const sampled of [[], [time(0)], [time(0), 1], [time(0), 1, time(5)], [time(0), 1, time(5), time(5)]]) {
    const ids = allowed(sampled, wordy());
    for (const id of [...special.suppress, NO_TIMESTAMPS]) expect(ids).not.toContain(id);
  }
  const bare = { ...special, timestampBegin: VOCABULARY };
  // A vocabulary without times shows the two lists alone.
  expect(allowed([], row(), { ...bare, timestampBegin: 0 })).not.toContain(END);
  expect(allowed([1], row(), bare)).toEqual(expect.arrayContaining([3, END]));
});

/** decoding.py lines 398-516 as written there, on plain arrays. */
function reference(logits: number[], sampled: readonly number[]): number[] {
  const out = [...logits];
  const ban = (from: number, to: number): void => {
    for (let id = from; id < Math.min(to, out.length); id++) out[id] = -Infinity;
  };
  if (sampled.length === 0) for (const id of special.suppressAtBegin) out[id] = -Infinity;
  for (const id of special.suppress) out[id] = -Infinity;
  out[NO_TIMESTAMPS] = -Infinity;
  const last = sampled.length >= 1 && sampled.at(-1)! >= ZERO;
  const penultimate = sampled.length < 2 || sampled.at(-2)! >= ZERO;
  if (last && penultimate) ban(ZERO, out.length);
  else if (last) ban(0, END);
  const times = sampled.filter((id) => id >= ZERO);
  if (times.length > 0) ban(ZERO, last && !penultimate ? times.at(-1)! : times.at(-1)! + 1);
  if (sampled.length === 0) {
    ban(0, ZERO);
    ban(ZERO + special.maxInitialTimestamp + 1, out.length);
  }
  const weights = out.map((value) => Math.exp(value));
  const total = weights.reduce((a, b) => a + b, 0);
  const shares = weights.map((weight) => weight / total);
  const ofTimes = shares.slice(ZERO).reduce((a, b) => a + b, 0);
  if (ofTimes > Math.max(...shares.slice(0, ZERO))) ban(0, ZERO);
  return out;
}

function randomLogits(random: Random): Float32Array {
  return Float32Array.from({ length: VOCABULARY }, (_, id) => 3 * random.normal() + (id >= ZERO ? -2 : 0));
}

/** A sequence that the rules allow, by drawing one token after the other. */
function drawSequence(random: Random, steps: number, choose: (logits: Float32Array) => number): number[] {
  const sampled: number[] = [];
  for (let step = 0; step < steps; step++) {
    const logits = randomLogits(random);
    applyRules(logits, sampled, special);
    const id = choose(logits);
    if (id === END) break;
    sampled.push(id);
  }
  return sampled;
}

test('all rules together ban what the reference bans, and change nothing else', () => {
  const random = randomFrom(1);
  let different = 0;
  for (let round = 0; round < 3000; round++) {
    const sampled = drawSequence(random, random.whole(0, 25), (logits) => sample(logits, 1, random.next).id);
    const logits = randomLogits(random);
    const expected = reference([...logits], sampled);
    applyRules(logits, sampled, special);
    different += expected.some((value, id) => !Object.is(value, logits[id])) ? 1 : 0;
  }
  expect(different).toBe(0);
});

test('whatever the logits, a greedy sequence is well formed', () => {
  const random = randomFrom(2);
  for (let round = 0; round < 400; round++) {
    const sampled = drawSequence(random, 60, (logits) => argmax(logits).id);
    expect(sampled[0]).toBeGreaterThanOrEqual(ZERO);
    expect(sampled[0]).toBeLessThanOrEqual(time(special.maxInitialTimestamp));
    const times = sampled.filter((id) => id >= ZERO);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(sampled.filter((id) => special.suppress.includes(id) || id === NO_TIMESTAMPS)).toEqual([]);
    // Every run of text is opened by a time and, but for the last, closed by one; the next begins with another.
    const shape = sampled.map((id) => (id >= ZERO ? 't' : 'w')).join('');
    expect(shape).toMatch(/^t(w+tt)*(w+t?)?$/);
    let empty = 0;
    for (let i = 1; i < sampled.length; i++) {
      if (sampled[i] < ZERO || sampled[i - 1] >= ZERO) continue;
      if (sampled[i] <= sampled.slice(0, i).findLast((id) => id >= ZERO)!) empty += 1;
    }
    expect(empty, 'segments of no length').toBe(0);
  }
});

/** ln softmax in Float64, the plain way. */
function logSoftmax(logits: Float32Array): number[] {
  const values = [...logits];
  const top = Math.max(...values);
  const sum = values.reduce((total, value) => total + Math.exp(value - top), 0);
  return values.map((value) => value - top - Math.log(sum));
}

test('the choice and its probability are those of a plain softmax', () => {
  const random = randomFrom(3);
  let worst = 0;
  for (let round = 0; round < 500; round++) {
    const logits = Float32Array.from({ length: 400 }, () => 8 * random.normal() + 100);
    for (let i = 0; i < 50; i++) logits[random.whole(0, 399)] = -Infinity;
    const expected = logSoftmax(logits);
    const { id, logProbability } = argmax(logits);
    expect(id).toBe(expected.indexOf(Math.max(...expected)));
    const drawn = sample(logits, 0.7, random.next);
    const any = random.whole(0, 399);
    worst = Math.max(
      worst,
      Math.abs(logProbability - expected[id]),
      Math.abs(drawn.logProbability - expected[drawn.id]),
      Math.abs(probabilityOf(logits, any) - Math.exp(expected[any])),
    );
    const ids = [...logits.keys()].filter((one) => logits[one] !== -Infinity).slice(0, 7);
    const alone = logSoftmax(Float32Array.from(ids, (one) => logits[one]));
    softmaxOver(logits, ids).forEach((share, i) => {
      worst = Math.max(worst, Math.abs(share - Math.exp(alone[i])));
    });
  }
  expect(worst).toBeLessThan(1e-12);
});

test('of equal logits the first is chosen, as torch.argmax does', () => {
  expect(argmax(Float32Array.of(1, 4, 4, 2)).id).toBe(1);
});

test('banned and overflowing values do no harm', () => {
  expect(logSumExp(Float32Array.of(-Infinity, -Infinity), 0, 2)).toBe(-Infinity);
  expect(logSumExp(new Float32Array(0), 0, 0)).toBe(-Infinity);
  expect(logSumExp(Float32Array.of(1000, 1000), 0, 2)).toBeCloseTo(1000 + Math.log(2), 9);
  expect(argmax(Float32Array.of(-Infinity, 2, -Infinity))).toEqual({ id: 1, logProbability: 0 });
  expect(sample(Float32Array.of(-Infinity, 2, -Infinity), 1, () => 0)).toEqual({ id: 1, logProbability: 0 });
  expect(sample(Float32Array.of(-Infinity, 2, -Infinity), 0.2, () => 1 - 2 ** -32).id).toBe(1);
});

test('values that are no numbers come out as such: nothing makes them look like a result', () => {
  const nothing = new Float32Array(VOCABULARY).fill(NaN);
  applyRules(nothing, [time(0), 1], special);
  expect(argmax(nothing).logProbability).toBeNaN();
  expect(sample(nothing, 0.4, () => 0.5).logProbability).toBeNaN();
  const first = new Float32Array(VOCABULARY).fill(NaN);
  applyRules(first, [], special);
  expect(argmax(first).logProbability).toBeNaN();
});

test('one value that is no number spoils the probability, and so does infinity', () => {
  const spoilt = row({ 2: 5, 3: NaN });
  expect(probabilityOf(spoilt, 2)).toBeNaN();
  expect(argmax(spoilt).logProbability).toBeNaN();
  expect(argmax(row({ 2: 5, 3: Infinity })).logProbability).toBeNaN();
});

test('sampling follows the temperature', () => {
  const logits = Float32Array.of(0, 1, -Infinity, 2, -1);
  const draws = 40_000;
  for (const temperature of [0.2, 0.6, 1]) {
    const random = randomFrom(Math.round(temperature * 10));
    const counts = new Array<number>(5).fill(0);
    for (let i = 0; i < draws; i++) counts[sample(logits, temperature, random.next).id] += 1;
    const weights = [...logits].map((value) => Math.exp(value / temperature));
    const sum = weights.reduce((a, b) => a + b, 0);
    // Four deviations of a binomial count.
    counts.forEach((count, id) => {
      const share = weights[id] / sum;
      expect(Math.abs(count - draws * share)).toBeLessThanOrEqual(4 * Math.sqrt(draws * share * (1 - share)) + 1e-9);
    });
  }
});
