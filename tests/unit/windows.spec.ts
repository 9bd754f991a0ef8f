/** Packing, the file's clock and the quietest cut, by thousands of random cases. */
import { expect, test } from 'playwright/test';
import {
  createPacker,
  fileClock,
  quietestCut,
  soundOf,
  type AudioWindow,
  type Span,
} from '../../workers/speech/windows.ts';
import { randomFrom, type Random } from './random.ts';

const RATE = 16000;
const WINDOW = 30 * RATE;
const PAD = 0.4 * RATE;

/** All windows of a file, closed one after the other. */
function pack(regions: readonly Span[], total: number, windowSamples = WINDOW, from = 0): AudioWindow[] {
  const packer = createPacker(windowSamples, RATE, from);
  const windows: AudioWindow[] = [];
  for (const region of regions) {
    const closed = packer.add(region);
    if (closed) windows.push(closed);
  }
  const last = packer.flush(total);
  if (last) windows.push(last);
  return windows;
}

/** Speech of `speech` seconds with pauses of `pause` seconds (0: cut out of one), until about `until` samples. */
function talk(random: Random, until: number, speech: [number, number], pause: [number, number], from = 0): Span[] {
  const regions: Span[] = [];
  let at = from + Math.round(random.between(...pause) * RATE);
  for (;;) {
    const end = at + Math.round(random.between(...speech) * RATE);
    if (end > until) return regions;
    regions.push({ start: at, end });
    at = end + Math.round(random.between(...pause) * RATE);
  }
}

const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + span.end - span.start, 0);

/** What is wrong with windows for these regions; nothing: []. */
function faults(windows: readonly AudioWindow[], regions: readonly Span[], total: number, size: number, from: number) {
  const found: string[] = [];
  const say = (bad: boolean, what: string): void => void (bad && !found.includes(what) && found.push(what));
  let floor = from;
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
      if (inside.length === 0) continue;
      say(inside[0].start - piece.start > PAD, 'head pad too long');
      say(piece.end - inside[inside.length - 1].end > PAD, 'tail pad too long');
      for (let i = 1; i < inside.length; i++) {
        say(inside[i].start - inside[i - 1].end > 2 * PAD, 'a long silence kept');
      }
    }
  });
  const pieces = windows.flatMap((window) => window.pieces);
  for (const region of regions) {
    // Pieces never overlap, so covered wholly by one is covered once.
    say(!pieces.some((piece) => piece.start <= region.start && piece.end >= region.end), 'speech lost');
  }
  const speech = windows.reduce((sum, window) => sum + window.speechSamples, 0);
  say(speech !== lengthOf(regions), 'speech counted wrongly');
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
  for (let round = 0; round < 300; round++) {
    const packer = createPacker(WINDOW, RATE);
    let needed = 0;
    let early = 0;
    for (const region of talk(random, 200 * RATE, [0.1, 12], [0, 3])) {
      // Sound between two regions may have been given up to the pad before the second.
      needed = Math.max(needed, Math.min(packer.neededFrom, region.start - packer.padSamples));
      const closed = packer.add(region);
      if (closed && closed.pieces[0].start < needed) early += 1;
    }
    const last = packer.flush(Infinity);
    if (last && last.pieces[0].start < needed) early += 1;
    expect(early).toBe(0);
  }
});

test('no speech, no window', () => {
  expect(pack([], 100 * RATE)).toEqual([]);
  expect(createPacker(WINDOW, RATE).neededFrom).toBe(Infinity);
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
      { start: RATE, end: long },
      { start: 3 * long, end: 4 * long },
    ],
    200 * RATE,
  );
  expect(far.map((window) => window.pieces)).toEqual([
    [{ start: RATE - PAD, end: long + PAD }],
    [{ start: 3 * long - PAD, end: 4 * long + PAD }],
  ]);
});

test('the end of the sound takes nothing from the last pad', () => {
  const region = { start: RATE, end: 5 * RATE };
  expect(pack([region], 5 * RATE + 5000)[0].pieces).toEqual([{ start: RATE - PAD, end: 5 * RATE + 5000 }]);
  expect(pack([region], 5 * RATE)[0].pieces).toEqual([{ start: RATE - PAD, end: 5 * RATE }]);
  expect(pack([region], 50 * RATE)[0].pieces).toEqual([{ start: RATE - PAD, end: 5 * RATE + PAD }]);
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

test('continuous speech takes at most 2.2 windows a minute, half silence half of that', () => {
  const random = randomFrom(3);
  const hour = 3600 * RATE;
  const continuous = talk(random, hour, [1, 6], [0.2, 0.5]);
  expect(pack(continuous, hour).length / 60).toBeLessThanOrEqual(2.2);
  // Phrases of that kind, each run of them followed by as long a silence: half of the hour is silent.
  const half: Span[] = [];
  for (let at = 0; at < hour;) {
    const run = Math.round(random.between(10, 60) * RATE);
    half.push(...talk(random, at + run, [1, 6], [0.2, 0.5], at));
    at += 2 * run;
  }
  const spoken = half.filter((region) => region.end <= hour);
  expect(pack(spoken, hour).length / 60).toBeLessThanOrEqual(1.1 + 1 / 60);
});

test('the sound of a window is its pieces end to end', () => {
  const file = Float32Array.from({ length: 1000 }, (_, i) => i);
  const window = {
    index: 0,
    speechSamples: 0,
    pieces: [
      { start: 10, end: 14 },
      { start: 900, end: 903 },
    ],
  };
  const pcm = soundOf(window, (start, end, out, at) => out.set(file.subarray(start, end), at));
  expect([...pcm]).toEqual([10, 11, 12, 13, 900, 901, 902]);
});

function randomWindow(random: Random): AudioWindow {
  const pieces: Span[] = [];
  let at = random.whole(0, 1000 * RATE);
  for (let i = random.whole(1, 8); i > 0; i--) {
    const end = at + random.whole(200, 4 * RATE);
    pieces.push({ start: at, end });
    at = end + random.whole(1, 100 * RATE);
  }
  return { index: 0, pieces, speechSamples: 0 };
}

test('the clock is monotone, exact inside the pieces, and never points into what was left out', () => {
  const random = randomFrom(4);
  for (let round = 0; round < 2000; round++) {
    const window = randomWindow(random);
    const clock = fileClock(window, RATE);
    const length = lengthOf(window.pieces);
    const bad: string[] = [];
    // Every position of the window against the position counted through its pieces.
    let at = 0;
    for (const [index, piece] of window.pieces.entries()) {
      for (const offset of [1, random.whole(1, piece.end - piece.start - 1), piece.end - piece.start - 1]) {
        const seconds = (at + offset) / RATE;
        for (const edge of ['start', 'end'] as const) {
          if (Math.abs(clock.toFile(seconds, edge) - (piece.start + offset) / RATE) > 1e-6) bad.push('inside');
          if (clock.piece(seconds, edge) !== index) bad.push('piece');
        }
      }
      // A time on the seam ends the piece before it and starts the one after it.
      if (Math.abs(clock.toFile(at / RATE, 'start') - piece.start / RATE) > 1e-6) bad.push('start on a seam');
      at += piece.end - piece.start;
      if (Math.abs(clock.toFile(at / RATE, 'end') - piece.end / RATE) > 1e-6) bad.push('end on a seam');
    }
    for (const edge of ['start', 'end'] as const) {
      let before = -Infinity;
      for (let step = -2; step <= 60; step++) {
        const now = clock.toFile(((step / 50) * length) / RATE, edge);
        if (now < before) bad.push('goes back');
        before = now;
        const known = window.pieces.some((piece) => now >= piece.start / RATE - 1e-6 && now <= piece.end / RATE + 1e-6);
        if (!known) bad.push('left out');
      }
    }
    expect(bad).toEqual([]);
  }
});

test('a stretch lies mostly where most of it lies', () => {
  const clock = fileClock(
    {
      index: 0,
      speechSamples: 0,
      pieces: [
        { start: 0, end: 16000 },
        { start: 64000, end: 96000 },
      ],
    },
    RATE,
  );
  expect(clock.mostly(0.2, 1.5)).toEqual({ start: 0, end: 1 });
  expect(clock.mostly(0.8, 1.5)).toEqual({ start: 1, end: 3 });
});

test('the cut is in the last sixth, where it is quiet', () => {
  const random = randomFrom(5);
  for (let round = 0; round < 60; round++) {
    const size = round % 2 === 0 ? 10 * RATE : 5 * RATE;
    const pcm = Float32Array.from({ length: size + (round % 3) * RATE }, () => 0.2 * random.normal());
    const quiet = Math.round(random.between((size * 5) / 6 + 0.1 * RATE, size - 0.1 * RATE));
    const width = Math.round(0.09 * RATE);
    for (let i = quiet - width; i < quiet + width; i++) if (i < size) pcm[i] *= 0.01;
    // A quieter place before the search range must not draw it.
    pcm.fill(0, size / 4, size / 2);
    const cut = quietestCut(pcm, size, RATE);
    expect(cut).toBeGreaterThanOrEqual(Math.floor((size * 5) / 6));
    expect(cut).toBeLessThanOrEqual(size);
    expect(Math.abs(cut - quiet) / RATE).toBeLessThan(0.03);
  }
});

test('without a quiet place the cut is late but inside the window', () => {
  expect(quietestCut(new Float32Array(40 * RATE), WINDOW, RATE)).toBeGreaterThan(29.8 * RATE);
  expect(quietestCut(new Float32Array(40 * RATE), WINDOW, RATE)).toBeLessThanOrEqual(WINDOW);
  expect(quietestCut(new Float32Array(40 * RATE).fill(NaN), WINDOW, RATE)).toBe(WINDOW);
  expect(quietestCut(new Float32Array(100), WINDOW, RATE)).toBe(100);
});
