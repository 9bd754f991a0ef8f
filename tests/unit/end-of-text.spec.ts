/** The decoder goes on where speech goes on behind its last time, and what it was made to say is taken off when bad. */
import { expect, test } from 'playwright/test';
import type { DecodedRow } from '../../workers/whisper/decode.ts';
import { mayEndAt, unforced } from '../../workers/whisper/fallback.ts';
import { decode, sampledOf, scripted } from './forged-decode.ts';
import { END, forgedModel, logitsOf, special, time, VOCABULARY, type Asked } from './forged-model.ts';
import { randomFrom, type Random } from './random.ts';

type Seconds = { start: number; end: number };

/** Wants to end behind its first sentence, and has a second one where it may not. */
const hasty = (asked: Asked): Float32Array => {
  const [first, second] = [
    [time(0), 1, 2, time(20)],
    [time(20), 3, 4, time(50)],
  ];
  const at = sampledOf(asked).length;
  if (asked.tokens.at(-1)! >= special.startOfTranscript && at === 0) return scripted({ 1: first })(asked);
  if (at < 4) return logitsOf({ [first[at]]: 10 });
  if (at === 4) return logitsOf({ [END]: 10, [time(20)]: 8 });
  return logitsOf({ [[...first, ...second][at] ?? END]: 10 });
};
const mayEnd =
  (speech: readonly Seconds[] | null) =>
  (_: number, seconds: number): boolean =>
    mayEndAt(speech, seconds);

test('a text may end while at most 0.6 s of speech follow its last time', () => {
  expect(mayEndAt(null, 0)).toBe(true);
  expect(mayEndAt([], 0)).toBe(true);
  expect(mayEndAt([{ start: 1, end: 1.59 }], 0)).toBe(true);
  expect(mayEndAt([{ start: 1, end: 1.61 }], 0)).toBe(false);
  expect(mayEndAt([{ start: 1, end: 1.7 }], 1.2)).toBe(true);
  // It is the sum that counts: two words are not lost because each is short.
  const two = [
    { start: 1, end: 1.5 },
    { start: 2, end: 2.5 },
  ];
  expect(mayEndAt(two, 0)).toBe(false);
  expect(mayEndAt(two, 1.45)).toBe(true);
});

test('a decoder that ends behind its first sentence goes on while speech goes on', async () => {
  const [plain] = await decode(forgedModel(hasty), [1]);
  expect(plain).toMatchObject({ tokens: [time(0), 1, 2, time(20)], forcedFrom: null, ended: 'end' });
  const [on] = await decode(forgedModel(hasty), [1], { mayEnd: mayEnd([{ start: 0, end: 1.01 }]) });
  expect(on).toMatchObject({
    tokens: [time(0), 1, 2, time(20), time(20), 3, 4, time(50)],
    forcedFrom: 4,
    ended: 'end',
  });
});

test('with nobody who looks for speech, or none behind, nothing is forced', async () => {
  const [plain] = await decode(forgedModel(hasty), [1]);
  for (const speech of [null, [], [{ start: 0, end: 0.4 }], [{ start: 0, end: 1 }]])
    expect((await decode(forgedModel(hasty), [1], { mayEnd: mayEnd(speech) }))[0]).toEqual(plain);
});

test('batches of windows with speech say what the windows say alone, drawn or not', async () => {
  const random = randomFrom(1);
  let forced = 0;
  for (let round = 0; round < 24; round++) {
    /** Texts that want to end anywhere; what else is likely is told by the position. */
    const answer = (asked: Asked): Float32Array => {
      const at = randomFrom(round * 1e5 + asked.window * 1000 + asked.position);
      const logits = Float32Array.from({ length: VOCABULARY }, () => 2 * at.normal());
      if (at.next() < 0.5) logits[END] = 9;
      return logits;
    };
    const speech: (Seconds[] | null)[] = Array.from({ length: 6 }, () =>
      random.next() < 0.2 ? null : [{ start: random.between(0, 0.5), end: random.between(0.5, 2) }],
    );
    const windows = Array.from({ length: random.whole(2, 6) }, () => random.whole(0, 5));
    const temperature = round % 2 === 0 ? 0 : 0.7;
    const options = (some: number[]) => ({
      temperature,
      stopLoops: round % 3 === 0,
      randoms: some.map((window) => randomFrom(window).next),
      mayEnd: (row: number, seconds: number) => mayEndAt(speech[some[row]], seconds),
    });
    const together = await decode(forgedModel(answer), windows, options(windows));
    const wrong: number[] = [];
    for (const [row, window] of windows.entries()) {
      const [alone] = await decode(forgedModel(answer), [window], options([window]));
      if (JSON.stringify(alone) !== JSON.stringify(together[row])) wrong.push(row);
      if (alone.forcedFrom !== null) forced += 1;
      // It ended by itself: then it was allowed to.
      const last = alone.tokens.findLast((id) => id >= special.timestampBegin) ?? special.timestampBegin;
      if (alone.ended === 'end' && !mayEndAt(speech[window], (last - special.timestampBegin) * 0.02)) wrong.push(row);
    }
    expect(wrong, `round ${round}`).toEqual([]);
  }
  expect(forced, 'rows that were made to go on').toBeGreaterThan(20);
});

/** A row that was made to go on at its fifth token; the log-probabilities are those of the part before and behind. */
const madeToGoOn = (before: number, behind: number, some: Partial<DecodedRow> = {}): DecodedRow => {
  const tokens = [time(0), 1, 2, time(20), time(20), 3, 4, time(50)];
  const logProbabilities = [...Array<number>(5).fill(before), ...Array<number>(4).fill(behind)];
  const averageLogProbability = logProbabilities.reduce((a, b) => a + b) / 9;
  return {
    tokens,
    logProbabilities,
    averageLogProbability,
    noSpeechProbability: 0,
    forcedFrom: 4,
    ended: 'end',
    ...some,
  };
};

test('what was forced stays where it is likely, and goes where it is unlikely or loops', () => {
  const good = madeToGoOn(-0.1, -0.9);
  expect(unforced(good, special)).toBe(good);
  const stays = {
    tokens: [time(0), 1, 2, time(20), time(20)],
    ended: 'end',
    averageLogProbability: expect.closeTo(-0.1, 9),
  };
  expect(unforced(madeToGoOn(-0.1, -1.1), special)).toMatchObject(stays);
  expect(unforced(madeToGoOn(-0.1, -0.2, { ended: 'loop' }), special)).toMatchObject(stays);
  // What was never forced is not looked at, however bad; nor is what the person stopped.
  for (const some of [{ forcedFrom: null }, { ended: 'stopped' }] as const) {
    const row = madeToGoOn(-0.1, -5, some);
    expect(unforced(row, special)).toBe(row);
  }
});

test('the sentence in which the text wanted to end stays up to its closing time', () => {
  const tokens = [time(0), 1, 2, 3, time(20), time(20), 4, 5];
  const row = madeToGoOn(-0.1, -3, { tokens, forcedFrom: 2 });
  expect(unforced(row, special).tokens).toEqual([time(0), 1, 2, 3, time(20)]);
  // Without a closing time it is all one sentence.
  const open = madeToGoOn(-0.1, -3, { tokens: [time(0), 1, 2, 3, 4, 5, 6, 7], forcedFrom: 2 });
  expect(unforced(open, special)).toBe(open);
});

const randomRow = (random: Random): DecodedRow => {
  const tokens = [time(0)];
  for (let at = 0; at < 40 && random.next() < 0.9;) {
    tokens.push(...Array.from({ length: random.whole(1, 5) }, () => random.whole(0, 39)));
    at += random.whole(1, 15);
    tokens.push(time(Math.min(50, at)));
    if (random.next() < 0.7) tokens.push(time(Math.min(50, at)));
  }
  const ended = (['end', 'loop', 'length', 'stopped'] as const)[random.whole(0, 3)];
  return {
    tokens,
    logProbabilities: [...tokens, ...(ended === 'end' ? [0] : [])].map(() => -2 * random.next()),
    averageLogProbability: -1,
    noSpeechProbability: 0,
    forcedFrom: random.next() < 0.3 ? null : random.whole(1, tokens.length),
    ended,
  };
};

test('whatever is taken off: nothing before the forced token, whole sentences, and what stays fits together', () => {
  const random = randomFrom(2);
  let cut = 0;
  for (let round = 0; round < 2000; round++) {
    const row = randomRow(random);
    const after = unforced(row, special);
    if (after === row) continue;
    cut += 1;
    const wrong: string[] = [];
    const say = (bad: boolean, what: string): void => void (bad && wrong.push(what));
    say(after.tokens.length <= row.forcedFrom!, 'cut before what was forced');
    say(after.tokens.join() !== row.tokens.slice(0, after.tokens.length).join(), 'changed');
    say(after.tokens.at(-1)! < special.timestampBegin, 'does not end with a time');
    say(after.logProbabilities.length !== after.tokens.length, 'log-probabilities of other tokens');
    const mean = after.logProbabilities.reduce((a, b) => a + b, 0) / after.tokens.length;
    say(Math.abs(after.averageLogProbability - mean) > 1e-9, 'another mean');
    say(after.ended !== 'end', 'still a repetition');
    expect(wrong, `round ${round}`).toEqual([]);
  }
  expect(cut).toBeGreaterThan(100);
});
