/** A window's sound, the map from its clock to the file's, and the quietest cut, by thousands of random cases. */
import { expect, test } from 'playwright/test';
import type { SampleRange } from '../../workers/speech/ranges.ts';
import { fileClock, quietestCut, soundOf, type AudioWindow } from '../../workers/speech/windows.ts';
import { randomFrom, type Random } from './random.ts';

const RATE = 16000;
const WINDOW = 30 * RATE;
const lengthOf = (spans: readonly SampleRange[]): number => spans.reduce((sum, span) => sum + span.end - span.start, 0);

test('the sound of a window is its pieces end to end', () => {
  const file = Float32Array.from({ length: 1000 }, (_, i) => i);
  const window = {
    index: 0,
    speech: null,
    pieces: [
      { start: 10, end: 14 },
      { start: 900, end: 903 },
    ],
  };
  const pcm = soundOf(window, (start, end, out, at) => out.set(file.subarray(start, end), at));
  expect([...pcm]).toEqual([10, 11, 12, 13, 900, 901, 902]);
});

function randomWindow(random: Random): AudioWindow {
  const pieces: SampleRange[] = [];
  let at = random.whole(0, 1000 * RATE);
  for (let i = random.whole(1, 8); i > 0; i--) {
    const end = at + random.whole(200, 4 * RATE);
    pieces.push({ start: at, end });
    at = end + random.whole(1, 100 * RATE);
  }
  return { index: 0, pieces, speech: null };
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
      speech: null,
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
