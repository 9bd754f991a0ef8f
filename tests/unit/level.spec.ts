/** Quiet sound is brought up for the speech detection, loud sound is left alone. */
import { expect, test } from 'playwright/test';
import { SLAB_FRAMES, VAD_FRAME } from '../../workers/speech/frames.ts';
import { createLevel } from '../../workers/speech/level.ts';
import { randomFrom } from './random.ts';

const RATE = 16000;
const SLAB = SLAB_FRAMES * VAD_FRAME;

/** Noise in syllables of a fifth of a second, as loud as told in the loud ones, on a direct current. */
function speechLike(seconds: number, loudness: number, current = 0, seed = 1): Float32Array {
  const random = randomFrom(seed);
  return Float32Array.from({ length: seconds * RATE }, (_, i) => {
    const syllable = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (0.2 * RATE));
    return current + loudness * syllable * random.normal();
  });
}

/** Through the level in stretches of a slab. */
function levelled(pcm: Float32Array): Float32Array {
  const level = createLevel(RATE);
  const out = new Float32Array(pcm.length);
  for (let at = 0; at < pcm.length; at += SLAB) out.set(level(pcm.subarray(at, at + SLAB)), at);
  return out;
}

const mean = (pcm: Float32Array): number => pcm.reduce((a, b) => a + b, 0) / pcm.length;
const loudness = (pcm: Float32Array): number => Math.sqrt(pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length);
/** Of the loudest frames of a sound the quietest: one frame in twenty is louder. */
function loudFrames(pcm: Float32Array): number {
  const frames = Array.from({ length: Math.floor(pcm.length / VAD_FRAME) }, (_, i) =>
    loudness(pcm.subarray(i * VAD_FRAME, (i + 1) * VAD_FRAME)),
  );
  return frames.sort((a, b) => a - b)[Math.floor(0.95 * frames.length)];
}

test('speech at any low level on a direct current comes out at the level of a broadcast voice, without the current', () => {
  for (const decibels of [-80, -60, -45, -30]) {
    for (const current of [0, 0.05, -0.3]) {
      const out = levelled(speechLike(6, 10 ** (decibels / 20), current));
      // -20 dBFS, within 2 dB: the gain is that of a stretch and its loudest neighbour.
      expect(20 * Math.log10(loudFrames(out)), `${decibels} dBFS on ${current}`).toBeGreaterThan(-22);
      expect(20 * Math.log10(loudFrames(out)), `${decibels} dBFS on ${current}`).toBeLessThan(-18);
      expect(Math.abs(mean(out))).toBeLessThan(0.01);
      expect(out.every((x) => x >= -1 && x <= 1)).toBe(true);
    }
  }
});

test('what is loud keeps its level', () => {
  for (const amplitude of [0.2, 0.5, 0.9]) {
    const pcm = Float32Array.from({ length: 4 * RATE }, (_, i) => amplitude * Math.sin((2 * Math.PI * 440 * i) / RATE));
    const out = levelled(pcm);
    expect(loudness(out) / loudness(pcm)).toBeCloseTo(1, 2);
    expect(levelled(speechLike(4, amplitude)).some(Number.isNaN)).toBe(false);
  }
});

test('a pause behind loud speech is not blown up for four stretches', () => {
  const loud = speechLike(2, 0.5);
  const hiss = speechLike(14, 1e-4, 0, 2);
  const level = createLevel(RATE);
  level(loud.subarray(0, SLAB));
  const gains = Array.from({ length: 6 }, (_, i) => {
    const part = hiss.subarray(i * SLAB, (i + 1) * SLAB);
    return loudness(level(part)) / loudness(part);
  });
  for (const gain of gains.slice(0, 4)) expect(gain).toBeLessThan(2);
  expect(gains[5]).toBeGreaterThan(100);
});

test('digital silence stays silence, on a direct current too', () => {
  for (const current of [0, 0.25, -1]) {
    const out = levelled(new Float32Array(6 * RATE).fill(current));
    expect(out.every((x) => x === 0)).toBe(true);
  }
});

test('the same sound in the same stretches gives the same, and what was given stays as it was', () => {
  const random = randomFrom(3);
  const pcm = speechLike(6, 0.003, 0.1);
  const [one, other] = [createLevel(RATE), createLevel(RATE)];
  for (let at = 0; at < pcm.length;) {
    const stretch = pcm.subarray(at, at + random.whole(1, SLAB));
    const before = stretch.slice();
    const given = one(stretch);
    const bytes = (values: Float32Array): string => Buffer.from(values.slice().buffer).toString('base64');
    expect(bytes(stretch)).toBe(bytes(before));
    expect(bytes(given)).toBe(bytes(other(stretch)));
    expect(given).toHaveLength(stretch.length);
    at += stretch.length;
  }
});
