/** From tokens to cues (openai/whisper transcribe.py, the loop over consecutive timestamps) and over left-out silence. */
import { expect, test } from 'playwright/test';
import type { SampleRange } from '../../workers/speech/ranges.ts';
import { fileClock, type AudioWindow } from '../../workers/speech/windows.ts';
import { cuesFromSegments } from '../../workers/whisper/cues.ts';
import { segmentsOf, straddles, type Segment } from '../../workers/whisper/segments.ts';
import type { TimedWord } from '../../workers/whisper/words.ts';
import { forgedText, special, START, time } from './forged-model.ts';
import { randomFrom, type Random } from './random.ts';

const STEP = 0.02;
const RATE = 16000;
const segments = (tokens: number[], seconds = 1): Segment[] => segmentsOf(tokens, special, STEP, seconds);
const window = (...pieces: [number, number][]): AudioWindow => ({
  index: 0,
  speech: null,
  pieces: pieces.map(([start, end]) => ({ start: Math.round(start * RATE), end: Math.round(end * RATE) })),
});

test('text between two times is a segment, pairs make several', () => {
  expect(segments([time(0), 1, 2, time(10), time(15), 3, time(50)])).toEqual([
    { start: 0, end: 0.2, tokens: [1, 2], at: 1 },
    { start: 0.3, end: 1, tokens: [3], at: 5 },
  ]);
});

test('a single time at the end closes the last segment, without one the sound does', () => {
  expect(segments([time(5), 1, time(40)])).toEqual([{ start: 0.1, end: 0.8, tokens: [1], at: 1 }]);
  expect(segments([time(5), 1, time(20), time(20), 2, 3], 0.9)).toEqual([
    { start: 0.1, end: 0.4, tokens: [1], at: 1 },
    { start: 0.4, end: 0.9, tokens: [2, 3], at: 4 },
  ]);
});

test('nothing said is no segment; text without any time spans the window; specials are no text', () => {
  expect(segments([])).toEqual([]);
  expect(segments([time(0), time(20), time(20)])).toEqual([]);
  expect(segments([1, 2])).toEqual([{ start: 0, end: 1, tokens: [1, 2], at: 0 }]);
  expect(segments([time(0), START, 7, time(9)])).toEqual([{ start: 0, end: 0.18, tokens: [7], at: 2 }]);
});

test('no time lies beyond the sound', () => {
  expect(segments([time(10), 1, time(50)], 0.5)).toEqual([{ start: 0.2, end: 0.5, tokens: [1], at: 1 }]);
  expect(segments([time(40), 1, time(50)], 0.5)).toEqual([{ start: 0.5, end: 0.5, tokens: [1], at: 1 }]);
});

test('cues are in seconds of the file, whole milliseconds, trimmed, without empty ones', () => {
  const clock = fileClock(window([100.5, 101.5]), RATE);
  const cues = cuesFromSegments(
    segments([time(7), 1, 2, time(21), time(21), 3, time(50)]),
    forgedText,
    clock,
    null,
    false,
  );
  expect(cues).toEqual([
    { start: 100.64, end: 100.92, text: 'w1 w2' },
    { start: 100.92, end: 101.5, text: 'w3' },
  ]);
  const blank = { decode: () => '  ', encode: () => [] };
  expect(cuesFromSegments(segments([time(7), 1, time(21)]), blank, clock, null, true)).toEqual([]);
});

const word = (text: string, start: number, end: number, segment = 0): TimedWord => ({
  text,
  raw: ` ${text}`,
  start,
  end,
  probability: 0.5,
  segment,
});

test('a segment over a left-out silence is split by its words', () => {
  // 0 to 0.4 of the window is 10 to 10.4 of the file, the rest 20 to 20.6.
  const clock = fileClock(window([10, 10.4], [20, 20.6]), RATE);
  const [segment] = segments([time(5), 1, 2, 3, time(45)]);
  expect(straddles(segment, clock)).toBe(true);
  const words = [word('one', 0.12, 0.3), word('two', 0.32, 0.4), word('three', 0.5, 0.8)];
  expect(cuesFromSegments([segment], forgedText, clock, words, true)).toEqual([
    {
      start: 10.1,
      end: 10.4,
      text: 'one two',
      words: [
        { start: 10.12, end: 10.3, text: 'one', probability: 0.5 },
        { start: 10.32, end: 10.4, text: 'two', probability: 0.5 },
      ],
    },
    { start: 20.1, end: 20.5, text: 'three', words: [{ start: 20.1, end: 20.4, text: 'three', probability: 0.5 }] },
  ]);
  expect(cuesFromSegments([segment], forgedText, clock, words, false)[1]).toEqual({
    start: 20.1,
    end: 20.5,
    text: 'three',
  });
});

test('all words on one side of the silence: one cue, on that side', () => {
  const clock = fileClock(window([10, 10.4], [20, 20.6]), RATE);
  const [segment] = segments([time(19), 1, 2, time(45)]);
  const words = [word('one', 0.41, 0.5), word('two', 0.5, 0.8)];
  expect(cuesFromSegments([segment], forgedText, clock, words, false)).toEqual([
    { start: 20, end: 20.5, text: 'one two' },
  ]);
});

test('a word over the seam is said where its middle is', () => {
  const clock = fileClock(window([10, 10.4], [20, 20.6]), RATE);
  const list = segments([time(5), 1, 2, time(45)]);
  const words = [word('one', 0.12, 0.3), word('two', 0.35, 0.8)];
  expect(cuesFromSegments(list, forgedText, clock, words, true)).toMatchObject([
    { start: 10.1, end: 10.3, text: 'one' },
    { start: 20, end: 20.5, text: 'two', words: [{ start: 20, end: 20.4 }] },
  ]);
});

test('without words a segment over a left-out silence lies where most of it lies', () => {
  const clock = fileClock(window([10, 10.4], [20, 20.6]), RATE);
  expect(cuesFromSegments(segments([time(18), 1, time(45)]), forgedText, clock, null, false)).toEqual([
    { start: 20, end: 20.5, text: 'w1' },
  ]);
  expect(cuesFromSegments(segments([time(2), 1, time(24)]), forgedText, clock, null, false)).toEqual([
    { start: 10.04, end: 10.4, text: 'w1' },
  ]);
});

test('a segment that ends or begins on the seam does not straddle it', () => {
  const clock = fileClock(window([10, 10.4], [20, 20.6]), RATE);
  const cues = cuesFromSegments(
    segments([time(0), 1, time(20), time(20), 2, time(50)]),
    forgedText,
    clock,
    null,
    false,
  );
  expect(cues).toEqual([
    { start: 10, end: 10.4, text: 'w1' },
    { start: 20, end: 20.6, text: 'w2' },
  ]);
});

/** Tokens as the rules allow them: pairs, times that do not go back, segments longer than nothing. */
function randomTokens(random: Random, steps: number): number[] {
  const tokens: number[] = [];
  let now = random.whole(0, 5);
  while (now < steps) {
    tokens.push(time(now), ...Array.from({ length: random.whole(1, 4) }, () => random.whole(0, 39)));
    now += random.whole(1, 15);
    if (now > steps || random.next() < 0.1) break;
    tokens.push(time(now));
    if (random.next() < 0.5) now += random.whole(0, 10);
  }
  return tokens;
}

/** Words of the segments at random times: in order and inside their segment, as `wordsOf` gives them. */
function randomWords(random: Random, list: readonly Segment[]): TimedWord[] {
  return list.flatMap((segment, index) => {
    const times = Array.from({ length: 2 * segment.tokens.length }, () => random.between(segment.start, segment.end));
    times.sort((a, b) => a - b);
    return segment.tokens.map((id, i) => word(`w${id}`, times[2 * i], times[2 * i + 1], index));
  });
}

test('whatever was decoded: cues in order, inside the pieces, with all words, each inside its cue', () => {
  const random = randomFrom(1);
  for (let round = 0; round < 3000; round++) {
    const pieces: SampleRange[] = [];
    let at = random.whole(0, 100 * RATE);
    let left = RATE;
    while (left > 0) {
      const length = Math.min(left, random.whole(500, RATE));
      pieces.push({ start: at, end: at + length });
      at += length + random.whole(1, 20 * RATE);
      left -= length;
    }
    const clock = fileClock({ index: 0, pieces, speech: null }, RATE);
    const list = segments(randomTokens(random, 50));
    const words = round % 3 === 0 ? null : randomWords(random, list);
    const keep = round % 3 === 2;
    const cues = cuesFromSegments(list, forgedText, clock, words, keep);
    const wrong: string[] = [];
    const say = (bad: boolean, what: string): void => void (bad && wrong.push(what));
    let floor = 0;
    for (const cue of cues) {
      say(cue.start < floor, 'overlaps or goes back');
      say(cue.end < cue.start, 'ends before it starts');
      floor = cue.end;
      const inside = pieces.some(
        (piece) => cue.start >= piece.start / RATE - 6e-4 && cue.end <= piece.end / RATE + 6e-4,
      );
      say(!inside, 'not inside one piece');
      say(keep !== (cue.words !== undefined), 'words asked for');
      let before = cue.start;
      for (const one of cue.words ?? []) {
        say(one.start < before || one.end < one.start || one.end > cue.end, 'a word out of place');
        before = one.end;
      }
      if (keep) say(cue.words!.map((one) => one.text).join(' ') !== cue.text, 'words are not the text');
    }
    const said = cues.map((cue) => cue.text).join(' ');
    say(said !== list.flatMap((segment) => segment.tokens.map((id) => `w${id}`)).join(' '), 'words lost');
    if (wrong.length > 0) expect({ round, wrong, cues, pieces, list }).toEqual({});
  }
});
