/** Packing speech into windows, by thousands of random cases. */
import { expect, test } from 'playwright/test';
import type { SampleRange } from '../../workers/speech/ranges.ts';
import { createPacker, type AudioWindow } from '../../workers/speech/windows.ts';
import { randomFrom, type Random } from './random.ts';

const RATE = 16000;
const WINDOW = 30 * RATE;
const PAD = RATE;
/** A silence of up to this stays whole. */
const WHOLE = 4 * RATE;

/** All windows of a file, closed one after the other. */
function pack(regions: readonly SampleRange[], total: number, windowSamples = WINDOW, from = 0): AudioWindow[] {
  const packer = createPacker(windowSamples, RATE, from);
  const windows: AudioWindow[] = [];
  for (const region of regions) {
    packer.reached(region.end);
    const closed = packer.add(region);
    if (closed) windows.push(closed);
  }
  const last = packer.flush(total);
  if (last) windows.push(last);
  return windows;
}

/** Speech of `speech` seconds with pauses of `pause` seconds (0: cut out of one), until about `until` samples. */
function talk(
  random: Random,
  until: number,
  speech: [number, number],
  pause: [number, number],
  from = 0,
): SampleRange[] {
  const regions: SampleRange[] = [];
  let at = from + Math.round(random.between(...pause) * RATE);
  for (;;) {
    const end = at + Math.round(random.between(...speech) * RATE);
    if (end > until) return regions;
    regions.push({ start: at, end });
    at = end + Math.round(random.between(...pause) * RATE);
  }
}

const lengthOf = (spans: readonly SampleRange[]): number => spans.reduce((sum, span) => sum + span.end - span.start, 0);

/** What is wrong with windows for these regions; nothing: []. */
function faults(
  windows: readonly AudioWindow[],
  regions: readonly SampleRange[],
  total: number,
  size: number,
  from: number,
) {
  const found: string[] = [];
  // Only of a file from its beginning: a job that goes on cuts as it would have done in one go.
  const whole = from === 0 && total <= size;
  const say = (bad: boolean, what: string): void => void (bad && !found.includes(what) && found.push(what));
  let floor = from;
  if (whole && regions.length > 0) {
    const pieces = JSON.stringify(windows.map((window) => window.pieces));
    say(pieces !== JSON.stringify([[{ start: from, end: total }]]), 'sound of one window is not left whole');
  }
  windows.forEach((window, index) => {
    say(window.index !== index, 'numbered in order');
    say(window.pieces.length === 0, 'at least one piece');
    say(lengthOf(window.pieces) > size, 'longer than the model hears');
    for (const piece of window.pieces) {
      say(piece.start < floor, 'pieces overlap or go back');
      say(piece.end <= piece.start, 'empty piece');
      say(piece.end > total, 'past the end of the sound');
      say(!Number.isInteger(piece.start) || !Number.isInteger(piece.end), 'between samples');
      floor = piece.end;
      const inside = regions.filter((region) => region.start < piece.end && region.end > piece.start);
      say(inside.length === 0, 'a piece without speech');
      if (inside.length === 0 || whole) continue;
      say(inside[0].start - piece.start > PAD, 'head pad too long');
      say(piece.end - inside[inside.length - 1].end > PAD, 'tail pad too long');
      for (let i = 1; i < inside.length; i++) {
        say(inside[i].start - inside[i - 1].end > WHOLE, 'a long silence kept');
      }
    }
    // A silence of four seconds stays whole; only where a window would be too long by its pads they are given back.
    const full = lengthOf(window.pieces) === size;
    for (let i = 1; i < window.pieces.length && !whole && !full; i++) {
      const before = regions.findLast((region) => region.end <= window.pieces[i - 1].end)!;
      const after = regions.find((region) => region.start >= window.pieces[i].start)!;
      say(after.start - before.end <= WHOLE, 'a short silence was shortened');
    }
  });
  const pieces = windows.flatMap((window) => window.pieces);
  for (const region of regions) {
    // Pieces never overlap, so covered wholly by one is covered once.
    say(!pieces.some((piece) => piece.start <= region.start && piece.end >= region.end), 'speech lost');
  }
  const speech = windows.flatMap((window) => window.speech ?? []);
  say(JSON.stringify(speech) !== JSON.stringify(regions), 'speech told wrongly');
  return found;
}

test('windows hold all speech once, in order, in one piece, with short pads, and never too much', () => {
  const random = randomFrom(1);
  const kinds: [[number, number], [number, number]][] = [
    [
      [0.1, 3],
      [0.15, 1.2],
    ],
    [
      [0.1, 30],
      [0, 0.3],
    ],
    [
      [1, 6],
      [0.2, 0.5],
    ],
    [
      [20, 30],
      [0, 2],
    ],
    [
      [0.1, 1],
      [0.5, 40],
    ],
    [
      [30, 30],
      [0, 0],
    ],
    [
      [0.5, 30],
      [0.7, 0.9],
    ],
  ];
  for (let round = 0; round < 2100; round++) {
    const size = round % 3 === 0 ? 10 * RATE : WINDOW;
    const [speech, pause] = kinds[round % kinds.length];
    const cap: [number, number] = [speech[0], speech[1]].map((one) => Math.min(one, size / RATE)) as [number, number];
    const from = round % 5 === 0 ? random.whole(0, 100_000) : 0;
    const until = from + random.whole(1, 150) * RATE;
    const regions = talk(random, until, cap, pause, from);
    const total = (regions.at(-1)?.end ?? from) + random.whole(0, 2 * RATE);
    const found = faults(pack(regions, total, size, from), regions, total, size, from);
    expect(found, `round ${round}`).toEqual([]);
  }
});

test('what the packer says it needs is all that its next window uses', () => {
  const random = randomFrom(2);
  let wholes = 0;
  for (let round = 0; round < 300; round++) {
    const from = round % 2 === 0 ? 0 : random.whole(1, 100_000);
    const packer = createPacker(WINDOW, RATE, from);
    let needed = from;
    let early = 0;
    const until = from + (round % 3 === 0 ? WINDOW : 200 * RATE);
    for (const region of talk(random, until, [0.1, 12], [0, 3], from)) {
      packer.reached(region.end);
      // Sound between two regions may have been given up to the pad before the second.
      needed = Math.max(needed, Math.min(packer.neededFrom, region.start - packer.padSamples));
      const closed = packer.add(region);
      if (closed && closed.pieces[0].start < needed) early += 1;
    }
    packer.reached(until);
    needed = Math.max(needed, Math.min(packer.neededFrom, until - packer.padSamples));
    const last = packer.flush(until);
    if (last && last.pieces[0].start < needed) early += 1;
    if (last?.pieces[0].start === from && last.pieces[0].end === until) wholes += 1;
    expect(early).toBe(0);
  }
  expect(wholes, 'files of one window').toBeGreaterThan(30);
});

test('no speech, no window; all is needed until the sound is longer than a window', () => {
  expect(pack([], 100 * RATE)).toEqual([]);
  const packer = createPacker(WINDOW, RATE);
  expect(packer.neededFrom).toBe(0);
  packer.reached(WINDOW);
  expect(packer.neededFrom).toBe(0);
  packer.reached(1 + WINDOW);
  expect(packer.neededFrom).toBe(Infinity);
});

test('a silence of four seconds stays whole, of a longer one a pad stays on each side', () => {
  for (const [silence, pieces] of [
    [3.9, 1],
    [4, 1],
    [4.1, 2],
  ]) {
    const second = RATE * (10 + silence);
    const spans = [
      { start: 5 * RATE, end: 10 * RATE },
      { start: second, end: second + 5 * RATE },
    ];
    const [window] = pack(spans, 100 * RATE);
    expect(window.pieces).toHaveLength(pieces);
    expect(lengthOf(window.pieces)).toBe(10 * RATE + 2 * PAD + (silence <= 4 ? silence * RATE : 2 * PAD));
    expect(window.speech).toEqual(spans);
  }
});

test('a file that fits one window is that window, silence and all', () => {
  const spans = [
    { start: 3 * RATE, end: 4 * RATE },
    { start: 20 * RATE, end: 21 * RATE },
  ];
  expect(pack(spans, WINDOW)).toEqual([{ index: 0, pieces: [{ start: 0, end: WINDOW }], speech: spans }]);
  expect(pack(spans, WINDOW + 1)[0].pieces).toHaveLength(2);
  // What is left of a longer file is heard as it would have been in one go.
  const rest = pack([spans[1]], WINDOW + RATE, WINDOW, RATE);
  expect(rest[0].pieces).toEqual([{ start: 20 * RATE - PAD, end: 21 * RATE + PAD }]);
});

test('a short silence is shared by the windows on its sides, a long one padded on both', () => {
  const long = 25 * RATE;
  const near = pack(
    [
      { start: 0, end: long },
      { start: long + 4000, end: 2 * long },
    ],
    2 * long,
  );
  expect(near.map((window) => window.pieces)).toEqual([
    [{ start: 0, end: long + 2000 }],
    [{ start: long + 2000, end: 2 * long }],
  ]);
  const far = pack(
    [
      { start: 3 * RATE, end: long },
      { start: 3 * long, end: 4 * long },
    ],
    200 * RATE,
  );
  expect(far.map((window) => window.pieces)).toEqual([
    [{ start: 3 * RATE - PAD, end: long + PAD }],
    [{ start: 3 * long - PAD, end: 4 * long + PAD }],
  ]);
});

test('the end of the sound takes nothing from the last pad', () => {
  const region = { start: 51 * RATE, end: 55 * RATE };
  expect(pack([region], 55 * RATE + 5000)[0].pieces).toEqual([{ start: 51 * RATE - PAD, end: 55 * RATE + 5000 }]);
  expect(pack([region], 55 * RATE)[0].pieces).toEqual([{ start: 51 * RATE - PAD, end: 55 * RATE }]);
  expect(pack([region], 100 * RATE)[0].pieces).toEqual([{ start: 51 * RATE - PAD, end: 55 * RATE + PAD }]);
});

test('regions as long as a window fill it to the sample', () => {
  const windows = pack(
    [
      { start: RATE, end: RATE + WINDOW },
      { start: RATE + WINDOW, end: RATE + 2 * WINDOW },
    ],
    100 * RATE,
  );
  expect(windows.map((window) => window.pieces)).toEqual([
    [{ start: RATE, end: RATE + WINDOW }],
    [{ start: RATE + WINDOW, end: RATE + 2 * WINDOW }],
  ]);
});

test('a window ends in the longest silence of its last seconds, and no sooner', () => {
  const spans = [
    [0, 10],
    [10.5, 20],
    [22, 28],
    [28.2, 29.5],
    [29.6, 33],
  ].map(([start, end]) => ({ start: start * RATE, end: end * RATE }));
  const [first, second] = pack(spans, 100 * RATE);
  // The silence of two seconds is too far back: a window that ends there would be cut short by a third.
  expect(first.pieces).toEqual([{ start: 0, end: 28.1 * RATE }]);
  expect(first.speech).toEqual(spans.slice(0, 3));
  expect(second.pieces[0].start).toBe(28.1 * RATE);
});

test('continuous speech takes at most 2.2 windows a minute, half silence half of that', () => {
  const random = randomFrom(3);
  const hour = 3600 * RATE;
  const continuous = talk(random, hour, [1, 6], [0.2, 0.5]);
  expect(pack(continuous, hour).length / 60).toBeLessThanOrEqual(2.2);
  // Phrases of that kind, each run of them followed by as long a silence: half of the hour is silent.
  const half: SampleRange[] = [];
  for (let at = 0; at < hour;) {
    const run = Math.round(random.between(10, 60) * RATE);
    half.push(...talk(random, at + run, [1, 6], [0.2, 0.5], at));
    at += 2 * run;
  }
  const spoken = half.filter((region) => region.end <= hour);
  // Pads of two seconds around each run take up a little of a window.
  expect(pack(spoken, hour).length / 60).toBeLessThanOrEqual(1.15);
});
