/** The waveform: what is measured is never less than any sample, whatever the blocks; zoom and view keep inside. */
import { expect, test } from 'playwright/test';
import { captionText } from '../../src/transcript/captions.ts';
import { LevelPyramid } from '../../src/waveform/level-pyramid.ts';
import { firstView, inside, showing, ticks, zoomed } from '../../src/waveform/view.ts';
import { LevelMeter } from '../../workers/media/level-meter.ts';
import { LEVELS_A_SECOND, type Levels } from '../../workers/protocol.ts';
import { randomFrom } from './random.ts';

/** All levels of sound that comes in blocks of these lengths, over and over. */
function measured(samples: Float32Array, rate: number, lengths: readonly number[], from = 0): Levels[] {
  const meter = new LevelMeter(rate, from);
  const found: (Levels | null)[] = [];
  for (let at = 0, turn = 0; at < samples.length; turn++) {
    const length = lengths[turn % lengths.length];
    found.push(meter.add(samples.subarray(at, at + length)));
    at += length;
  }
  return [...found, meter.end()].filter((levels) => levels !== null);
}

function noise(length: number, seed: number): Float32Array {
  const next = randomFrom(seed).next;
  return Float32Array.from({ length }, () => (next() * 2 - 1) * next());
}

const largestOf = (values: Uint8Array) => values.reduce((most, value) => Math.max(most, value), 0);

/** Joined, checking that each begins where the one before ended. */
function whole(parts: readonly Levels[]): Uint8Array {
  const values: number[] = [];
  for (const part of parts) {
    expect(part.first).toBe(parts[0].first + values.length);
    values.push(...part.values);
  }
  return Uint8Array.from(values);
}

test('no sample is larger than the level of its time, and each level is reached', () => {
  for (const rate of [16_000, 8_000, 44_100, 11_025]) {
    const samples = noise(rate * 3 + 17, rate);
    const levels = whole(measured(samples, rate, [rate]));
    expect(levels.length).toBe(Math.ceil((samples.length * LEVELS_A_SECOND) / rate));
    const largest = new Float64Array(levels.length);
    samples.forEach((sample, at) => {
      const index = Math.floor((at * LEVELS_A_SECOND) / rate);
      largest[index] = Math.max(largest[index], Math.abs(sample));
    });
    largest.forEach((size, index) => {
      expect(levels[index] / 255).toBeGreaterThanOrEqual(size);
      expect(levels[index] / 255 - size).toBeLessThanOrEqual(1 / 255);
    });
  }
});

test('the blocks that sound comes in change nothing', () => {
  const samples = noise(16_000 * 70, 7);
  const levels = whole(measured(samples, 16_000, [16_000]));
  for (const lengths of [[1_600_000], [1, 999, 320, 321], [37]])
    expect(whole(measured(samples, 16_000, lengths))).toEqual(levels);
});

test('sound that is heard from the middle has its levels in their place', () => {
  const samples = noise(16_000 * 4, 3);
  const levels = whole(measured(samples, 16_000, [16_000]));
  const from = 16_000 + 100;
  const later = measured(samples.subarray(from), 16_000, [500], from);
  expect(later[0].first).toBe(LEVELS_A_SECOND);
  // The first has a part of its time only; put together with what was there before it is whole again.
  const pyramid = new LevelPyramid();
  pyramid.put(0, levels.subarray(0, LEVELS_A_SECOND + 1));
  later.forEach(({ first, values }) => pyramid.put(first, values));
  expect(pyramid.slice(0, Infinity)).toEqual(levels);
});

test('clipped and silent sound', () => {
  expect([...whole(measured(Float32Array.of(3, -3), 16_000, [2]))]).toEqual([255]);
  expect([...whole(measured(new Float32Array(640), 16_000, [640]))]).toEqual([0, 0]);
  expect(measured(new Float32Array(0), 16_000, [1])).toEqual([]);
});

test('a peak is never less than any value of its stretch, however wide, and exact where it is narrow', () => {
  const next = randomFrom(11).next;
  const values = Uint8Array.from({ length: 100_003 }, () => Math.floor(next() * 256 * next()));
  const pyramid = new LevelPyramid();
  for (let at = 0; at < values.length;) {
    const length = 1 + Math.floor(next() * 4000);
    pyramid.put(at, values.subarray(at, at + length));
    at += length;
  }
  expect(pyramid.length).toBe(values.length);
  for (let turn = 0; turn < 500; turn++) {
    const from = Math.floor(next() * values.length);
    const to = from + 1 + Math.floor(next() ** 3 * (values.length - from - 1));
    const most = largestOf(values.subarray(from, to));
    const peak = pyramid.peak(from, to);
    expect(peak).toBeGreaterThanOrEqual(most);
    if (to - from <= 16) expect(peak).toBe(most);
  }
  expect(pyramid.peak(0, values.length)).toBe(largestOf(values));
  expect(pyramid.peak(values.length, values.length + 50)).toBe(0);
});

test('values that are there already stay where smaller ones come: two channels are one picture', () => {
  const pyramid = new LevelPyramid();
  pyramid.put(0, Uint8Array.of(5, 200, 7));
  pyramid.put(1, Uint8Array.of(9, 9, 9));
  expect([...pyramid.slice(0, 10)]).toEqual([5, 200, 9, 9]);
});

test('a view stays inside its recording, and zoom keeps the moment under the pointer', () => {
  const next = randomFrom(5).next;
  for (let turn = 0; turn < 20; turn++) {
    const length = 1 + next() * 36_000;
    let view = firstView(length);
    for (let step = 0; step < 10; step++) {
      const anchor = view.from + next() * view.span;
      const before = (anchor - view.from) / view.span;
      const zoomedIn = zoomed(view, 0.5, anchor, length);
      if (zoomedIn.span < view.span && zoomedIn.from > 0 && zoomedIn.from + zoomedIn.span < length)
        expect((anchor - zoomedIn.from) / zoomedIn.span).toBeCloseTo(before, 6);
      view = next() < 0.5 ? zoomedIn : zoomed(view, 2, anchor, length);
      expect(view.from).toBeGreaterThanOrEqual(0);
      expect(view.from + view.span).toBeLessThanOrEqual(Math.max(length, 2) + 1e-6);
    }
    const moment = next() * length;
    const shown = showing(view, moment, length);
    expect(moment).toBeGreaterThanOrEqual(shown.from - 1e-6);
    expect(moment).toBeLessThanOrEqual(shown.from + shown.span + 1e-6);
  }
  expect(inside({ from: 50, span: 60 }, 20)).toEqual({ from: 0, span: 20 });
});

test('a handful of times below, however long the recording', () => {
  for (const span of [2, 15, 60, 600, 36_000]) {
    const marks = ticks({ from: 3, span }, span / 12);
    expect(marks.length).toBeGreaterThan(2);
    expect(marks.length).toBeLessThanOrEqual(13);
    for (const mark of marks) expect(mark).toBeLessThanOrEqual(3 + span + 1e-9);
  }
});

test('captions show every character and interpret none', () => {
  expect(captionText('a <b>c</b> & --> {\\an8} &amp;')).toBe('a &lt;b&gt;c&lt;/b&gt; &amp; --&gt; {\\an8} &amp;amp;');
});
