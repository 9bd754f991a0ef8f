/** Speech without a cue: which of it is heard again, and the windows that are made of it, by random cases. */
import { expect, test } from 'playwright/test';
import type { Prepared } from '../../workers/hearing/context.ts';
import { againOf, unheard, WORTH_HEARING } from '../../workers/hearing/leftovers.ts';
import type { SampleRange, TimeRange } from '../../workers/speech/ranges.ts';
import { fileClock, speechOf, within } from '../../workers/speech/windows.ts';
import { randomFrom, type Random } from './random.ts';

const RATE = 16000;
const HOP = 160;
const BINS = 3;
const shape = { sampleRate: RATE, windowSamples: 10 * RATE, hop: HOP, fft: 400, bins: BINS };
const FRAMES = shape.windowSamples / HOP;
const BESIDE = 0.3;

function stretches(random: Random, from: number, to: number, longest: number): TimeRange[] {
  const out: TimeRange[] = [];
  for (let at = from; ;) {
    const start = at + random.between(0.01, longest);
    const end = start + random.between(0.05, longest);
    if (end > to) return out;
    out.push({ start, end });
    at = end;
  }
}

test('every stretch of speech worth hearing is inside a cue, beside one, or told as unheard', () => {
  const random = randomFrom(1);
  let told = 0;
  for (let round = 0; round < 500; round++) {
    const speech = stretches(random, 0, 60, random.between(0.5, 8));
    const cues = stretches(random, 0, 60, random.between(0.5, 6));
    // Cues that were put between others may touch and overlap.
    if (round % 3 === 0) cues.push({ start: 5, end: 9 });
    const rest = unheard(speech, cues);
    told += rest.length;
    const held = (time: number): boolean => cues.some(({ start, end }) => time > start - BESIDE && time < end + BESIDE);
    const wrong: string[] = [];
    const say = (bad: boolean, what: string): void => void (bad && wrong.push(what));
    for (const [i, { start, end }] of rest.entries()) {
      say(end - start < WORTH_HEARING, 'not worth hearing');
      say(i > 0 && start < rest[i - 1].end, 'out of order');
      // Words said one by one are one stretch: it begins and ends with speech, and holds enough of it.
      say(!speech.some((one) => one.start <= start && one.end > start), 'no speech at its start');
      say(!speech.some((one) => one.start < end && one.end >= end), 'no speech at its end');
      const spoken = speech.reduce((sum, one) => sum + Math.max(0, overlap(one, { start, end })), 0);
      say(spoken < WORTH_HEARING - 1e-9, 'too little speech');
      for (let at = start + 1e-6; at < end; at += 0.05) say(held(at), 'is in a cue');
    }
    for (const region of speech) {
      let run = 0;
      for (let at = region.start + 1e-6; at < region.end; at += 0.01) {
        run = held(at) || rest.some(({ start, end }) => at >= start && at <= end) ? 0 : run + 0.01;
        say(run > WORTH_HEARING + 0.02, 'lost');
      }
    }
    expect(wrong, `round ${round}`).toEqual([]);
  }
  expect(told).toBeGreaterThan(500);
});

/** Windows of a file that follow each other, of one piece or several, with speech and a log-mel without two equal columns. */
function randomGroup(random: Random): Prepared[] {
  let at = random.whole(0, 100 * RATE);
  return Array.from({ length: random.whole(1, 4) }, (_, index) => {
    const pieces: SampleRange[] = [];
    let left = random.whole(2 * RATE, shape.windowSamples);
    const total = left;
    while (left > 0) {
      const length = Math.min(left, random.whole(RATE, 6 * RATE));
      pieces.push({ start: at, end: at + length });
      left -= length;
      at += length + (left > 0 || random.next() < 0.5 ? random.whole(1, 20 * RATE) : 0);
    }
    const speech = pieces.flatMap(({ start, end }) =>
      stretches(random, start / RATE, end / RATE, 3).map((one) => ({
        start: Math.round(one.start * RATE),
        end: Math.round(one.end * RATE),
      })),
    );
    const mel = Float32Array.from({ length: BINS * FRAMES }, (_, i) => index + (i % FRAMES) / FRAMES + i / 1e5);
    const window = { index, pieces, speech };
    return { window, mel, seconds: total / RATE, speech: speechOf(window, RATE) };
  });
}

const overlap = (one: SampleRange, other: SampleRange): number =>
  Math.min(one.end, other.end) - Math.max(one.start, other.start);

test('windows that are heard again hold what they should, once, with the columns of their parents', () => {
  const random = randomFrom(2);
  let windows = 0;
  for (let round = 0; round < 400; round++) {
    const group = randomGroup(random);
    const wanted = group.map(({ window }) => {
      const speech = window.speech!.map(({ start, end }) => ({ start: start / RATE, end: end / RATE }));
      // Where no cue is between two regions, the room around one reaches into the other's.
      const cues = round % 2 === 0 ? [] : stretches(random, speech[0]?.start ?? 0, speech.at(-1)?.end ?? 0, 2);
      return unheard(speech, cues);
    });
    const again = group.flatMap((item, parent) => {
      const prepared = againOf(item, wanted[parent], shape);
      return prepared ? [{ prepared, parents: prepared.window.pieces.map(() => parent) }] : [];
    });
    windows += again.length;
    const wrong: string[] = [];
    const say = (bad: boolean, what: string): void => void (bad && !wrong.includes(what) && wrong.push(what));
    const heard = again.flatMap(({ prepared, parents }) =>
      prepared.window.pieces.map((piece, i) => ({ piece, parent: parents[i] })),
    );
    heard.forEach(({ piece, parent }, i) => {
      const before = heard[i - 1] as (typeof heard)[number] | undefined;
      say(before !== undefined && before.parent > parent, 'out of order');
      say(before !== undefined && before.piece.end > piece.start, 'heard twice');
    });
    for (const { prepared, parents } of again) {
      const { window, mel, seconds, speech } = prepared;
      say(mel.length !== BINS * FRAMES, 'another shape');
      say(seconds * RATE > shape.windowSamples, 'longer than the model hears');
      say(window.pieces.length !== parents.length, 'a piece without a parent');
      const clock = fileClock(window, RATE);
      let column = 0;
      for (const [i, piece] of window.pieces.entries()) {
        const parent = group[parents[i]];
        for (let at = piece.start; at < piece.end; at += HOP, column++) {
          // The column of the parent that lies at the same time of the file; its frame may begin before the piece.
          let offset = 0;
          const home = parent.window.pieces.find((one) => {
            if (at + HOP - 1 >= one.start && at < one.end) return true;
            offset += one.end - one.start;
            return false;
          })!;
          const frame = (offset + at - home.start) / HOP;
          say(!Number.isInteger(frame), 'between two columns');
          for (let bin = 0; bin < BINS; bin++)
            say(mel[bin * FRAMES + column] !== parent.mel[bin * FRAMES + frame], 'another column');
          const file = clock.toFile(((column + 0.5) * HOP) / RATE, 'start') * RATE;
          say(Math.abs(file - (at + HOP / 2)) > 1, 'another time of the file');
        }
      }
      say(Math.abs(column * HOP - seconds * RATE) > 1e-6, 'another length');
      const floor = Math.min(...parents.map((parent) => group[parent].mel.reduce((a, b) => Math.min(a, b))));
      for (let bin = 0; bin < BINS; bin++)
        say(
          mel.subarray(bin * FRAMES + column, (bin + 1) * FRAMES).some((one) => one !== floor),
          'no silence behind',
        );
      // The speech on the window's clock is that of the file, and lies in the window.
      const length = (spans: readonly SampleRange[]): number =>
        spans.reduce((sum, { start, end }) => sum + end - start, 0);
      say(
        speech!.some(({ start, end }) => start < -1e-9 || end > seconds + 1e-9),
        'speech outside',
      );
      say(Math.abs(length(speech!) * RATE - length(window.speech!)) > 1e-3, 'another speech');
    }
    // All that was asked for is heard, but for the part of a column at a piece's end.
    for (const [parent, list] of wanted.entries()) {
      for (const stretch of list) {
        const span = { start: stretch.start * RATE, end: stretch.end * RATE };
        // A stretch may span a silence that the window has left out; its speech is in the window.
        for (const region of within(group[parent].window.speech!, span.start, span.end)) {
          const covered = heard
            .filter((one) => one.parent === parent)
            .reduce((sum, { piece }) => sum + Math.max(0, overlap(piece, region)), 0);
          say(covered < region.end - region.start - 2 * HOP * group[parent].window.pieces.length, 'not heard again');
        }
      }
    }
    expect(wrong, `round ${round}`).toEqual([]);
  }
  expect(windows).toBeGreaterThan(200);
});

test('words said one by one are heard again together, though each is short', () => {
  const word = (at: number): TimeRange => ({ start: at, end: at + 0.35 });
  expect(unheard([word(1), word(2), word(3)], [])).toEqual([{ start: 1, end: 3.35 }]);
  // A long pause, or a cue between them, parts them.
  expect(unheard([word(1), word(2), word(5)], [])).toEqual([]);
  expect(unheard([word(1), word(2), word(3)], [{ start: 1.9, end: 2.5 }])).toEqual([]);
});
