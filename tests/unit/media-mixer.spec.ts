import { expect, test } from 'playwright/test';
import { decodedWeights, maskWeights, Mixer } from '../../workers/media/mixer';
import { randomFrom } from './random.ts';

const RATE = 8000;

function noise(seconds: number, seed: number, gain = 0.3): Float32Array {
  const { next } = randomFrom(seed);
  return Float32Array.from({ length: Math.round(seconds * RATE) }, () => gain * (2 * next() - 1));
}

/** Bursts with pauses, as speech has them. */
function speech(seconds: number, seed: number, gain = 0.3): Float32Array {
  return noise(seconds, seed, gain).map((value, i) => (Math.floor(i / (0.3 * RATE)) % 3 === 2 ? 0 : value));
}

const scaled = (samples: Float32Array, gain: number): Float32Array => samples.map((value) => value * gain);
const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + b[i]);
const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((all, value) => all + value * value, 0) / samples.length);

type Options = { fixed?: number[] | null; picked?: number | null; position?: number };

/** The whole mix, pushed in pieces of the sizes given, over and over. */
function mixed(channels: Float32Array[], pieces = [channels[0].length], options: Options = {}): Float32Array {
  const { fixed = null, picked = null, position = 0 } = options;
  const mixer = new Mixer(RATE, channels.length, position, fixed, picked);
  const out: number[] = [];
  for (let at = 0, i = 0; at < channels[0].length; i++) {
    const size = pieces[i % pieces.length];
    out.push(...mixer.push(channels.map((channel) => channel.subarray(at, at + size))));
    at += size;
  }
  out.push(...mixer.finish());
  return Float32Array.from(out);
}

function correlation(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb + 1e-30);
}

/** How a voice is recorded on two sides, and how loud it must be heard: 1 is the louder side. */
const PAIRS: [string, (voice: Float32Array) => Float32Array[], number][] = [
  ['the same on both', (voice) => [voice, voice], 1],
  ['right inverted', (voice) => [voice, scaled(voice, -1)], 1],
  ['left inverted', (voice) => [scaled(voice, -1), voice], 1],
  ['right inverted and softer', (voice) => [voice, scaled(voice, -0.5)], 0.7],
  ['left inverted and softer', (voice) => [scaled(voice, -0.4), voice], 0.65],
  ['right inverted and a quarter', (voice) => [voice, scaled(voice, -0.25)], 0.55],
  ['nearly inverted', (voice) => [voice, sum(scaled(voice, -0.9), noise(10, 5, 0.06))], 0.9],
  ['left only', (voice) => [voice, scaled(voice, 0)], 1],
  ['right only', (voice) => [scaled(voice, 0), voice], 1],
  ['left only, noise on the right', (voice) => [voice, noise(10, 6, 0.004)], 0.97],
  ['right only, some of it inverted on the left', (voice) => [scaled(voice, -0.01), voice], 0.97],
  ['softer on the right', (voice) => [voice, scaled(voice, 0.5)], 0.75],
];

for (const [name, record, least] of PAIRS) {
  test(`a pair, ${name}: heard, at its level`, () => {
    const voice = speech(10, 1);
    for (const gain of [1, 0.01]) {
      const heard = mixed(record(voice).map((channel) => scaled(channel, gain)));
      expect(heard.length).toBe(voice.length);
      expect(Math.abs(correlation(heard, voice))).toBeGreaterThan(0.97);
      expect(rms(heard) / rms(voice) / gain).toBeGreaterThan(0.97 * least);
      expect(rms(heard) / rms(voice) / gain).toBeLessThan(1.05);
    }
  });
}

test('two people, one a side: neither is lost, also while both speak and when they take turns', () => {
  const [left, right] = [speech(12, 2), speech(12, 3, 0.1)];
  const heard = mixed([left, right]);
  // What is left when one voice is taken out is the other.
  for (const voice of [left, right]) expect(correlation(heard, voice)).toBeGreaterThan(voice === left ? 0.9 : 0.25);
  const turns = (mine: number, voice: Float32Array): Float32Array =>
    voice.map((value, i) => (Math.floor(i / (3 * RATE)) % 2 === mine ? value : 0));
  const [a, b] = [turns(0, noise(12, 4)), turns(1, noise(12, 5))];
  const both = mixed([a, b]);
  expect(correlation(both, sum(a, b))).toBeGreaterThan(0.95);
  expect(rms(both)).toBeGreaterThan(0.7 * rms(sum(a, b)));
});

test('a constant is taken off every channel, and what is left is what was said', () => {
  const voice = speech(8, 7, 0.2);
  for (const offset of [0.5, -0.3, 0.1]) {
    const shifted = voice.map((value) => value + offset);
    for (const channels of [[shifted], [shifted, voice], [voice, scaled(shifted, -1)]]) {
      const heard = mixed(channels);
      expect(Math.abs(correlation(heard, voice))).toBeGreaterThan(0.995);
      expect(Math.abs(heard.reduce((all, value) => all + value, 0) / heard.length)).toBeLessThan(0.002);
      expect(rms(heard)).toBeGreaterThan(0.9 * rms(voice));
    }
  }
  // The mean that any half second has is no offset: sound with nothing wrong is left as it is, to the bit.
  const fine = voice.map((value) => value + 0.01);
  expect(mixed([fine]).every((value, i) => value === fine[i])).toBe(true);
  // An offset that wanders is followed.
  const wandering = voice.map((value, i) => value + 0.4 * Math.sin(i / (4 * RATE)));
  expect(correlation(mixed([wandering]), voice)).toBeGreaterThan(0.97);
  expect([...mixed([new Float32Array(20_000).fill(0.25)])].every((value) => Math.abs(value) < 1e-6)).toBe(true);
});

test('the middle has the dialogue at full level in 5.1 and 7.1, and nothing clips', () => {
  const voice = speech(6, 8, 0.9);
  const silence = new Float32Array(voice.length);
  for (const channels of [6, 8]) {
    const at = (place: number, voice_: Float32Array): Float32Array[] =>
      Array.from({ length: channels }, (_, c) => (c === place ? voice_ : silence));
    const level = (place: number): number =>
      rms(mixed(at(place, voice), undefined, { fixed: decodedWeights(channels) })) / rms(voice);
    expect(level(2)).toBeCloseTo(1, 2);
    expect(level(0)).toBeCloseTo(Math.SQRT1_2, 2);
    expect(level(1)).toBeCloseTo(Math.SQRT1_2, 2);
    expect(level(3)).toBe(0);
    expect(level(4)).toBeCloseTo(0.5, 2);
    const full = Array.from({ length: channels }, (_, c) => noise(6, 20, c === 3 ? 1 : 1));
    const heard = mixed(full, undefined, { fixed: decodedWeights(channels) });
    expect(heard.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThanOrEqual(1.01);
  }
});

test('a channel mask names the channels; without a centre nothing is known of them', () => {
  const side = Math.SQRT1_2;
  expect(maskWeights(0x3f, 6)).toEqual([side, side, 1, 0, 0.5, 0.5]);
  expect(maskWeights(0x60f, 6)).toEqual([side, side, 1, 0, 0.5, 0.5]);
  expect(maskWeights(0x63f, 8)).toEqual([side, side, 1, 0, 0.5, 0.5, 0.5, 0.5]);
  expect(maskWeights(0x37, 5)).toEqual([side, side, 1, 0.5, 0.5]);
  expect(maskWeights(0x33, 4)).toBeNull();
  expect(maskWeights(0x3f, 8)).toBeNull();
  expect(maskWeights(0, 6)).toBeNull();
  expect(maskWeights(3, 2)).toBeNull();
});

test('one microphone of many is heard at its level', () => {
  const voice = speech(6, 9);
  for (const count of [3, 4, 16]) {
    for (const place of [0, count - 1]) {
      const channels = Array.from({ length: count }, (_, c) => (c === place ? voice : noise(6, 30 + c, 0.001)));
      const heard = mixed(channels);
      expect(correlation(heard, voice)).toBeGreaterThan(0.99);
      expect(rms(heard) / rms(voice)).toBeGreaterThan(0.95);
    }
  }
});

test('one channel is heard alone where it was picked', () => {
  const [left, right] = [speech(6, 10), speech(6, 11)];
  const zero = new Float32Array(left.length);
  expect(correlation(mixed([left, right], undefined, { picked: 0 }), left)).toBeGreaterThan(0.999);
  expect(correlation(mixed([left, right], undefined, { picked: 1 }), right)).toBeGreaterThan(0.999);
  expect(rms(mixed([left, zero], undefined, { picked: 1 }))).toBe(0);
  // A part of a joined file with fewer channels.
  expect(correlation(mixed([left], undefined, { picked: 1 }), left)).toBeGreaterThan(0.999);
});

test('how the input is cut changes no bit, for any number of channels', () => {
  for (const channels of [1, 2, 3, 6]) {
    const all = Array.from({ length: channels }, (_, c) => sum(speech(7, 40 + c), noise(7, 50, 0.1)));
    const whole = mixed(all);
    for (const pieces of [[1], [7, 100, 3999], [4000], [160], [20_001, 1]]) {
      expect(
        Buffer.from(mixed(all, pieces).buffer).equals(Buffer.from(whole.buffer)),
        `${channels}, ${pieces.join()}`,
      ).toBe(true);
    }
  }
});

test('starting in the middle gives the same bits, two and a half seconds on', () => {
  for (const channels of [1, 2, 6]) {
    const all = Array.from({ length: channels }, (_, c) => sum(speech(12, 60 + c), noise(12, 70, 0.1)));
    const whole = mixed(all);
    for (const from of [1, 12_345, 16_000]) {
      const rest = mixed(
        all.map((channel) => channel.subarray(from)),
        [777],
        { position: from },
      );
      expect(rest.length).toBe(whole.length - from);
      const settled = 2.5 * RATE;
      expect(rest.length - settled).toBe(whole.length - from - settled);
      expect(rest.findIndex((value, i) => i >= settled && value !== whole[from + i])).toBe(-1);
    }
  }
});

test('a change of the mix makes no click', () => {
  // A side that is inverted for a while: the difference of neighbouring samples stays that of the tone itself.
  const tone = Float32Array.from({ length: 12 * RATE }, (_, i) => 0.5 * Math.sin(i / 20));
  const right = tone.map((value, i) => (i > 4 * RATE && i < 8 * RATE ? -value : value));
  const heard = mixed([tone, right]);
  let steepest = 0;
  for (let i = 1; i < heard.length; i++) {
    const input = Math.abs(right[i] - right[i - 1]);
    if (input < 0.03) steepest = Math.max(steepest, Math.abs(heard[i] - heard[i - 1]));
  }
  expect(steepest).toBeLessThan(0.03);
});

test('many channels at a high rate hold no more than 16 MiB', () => {
  const mixer = new Mixer(768_000, 64, 0, null, null);
  const block = Array.from({ length: 64 }, () => new Float32Array(4096));
  let given = 0;
  for (let i = 0; i < 40; i++) given += mixer.push(block).length;
  expect(40 * 4096 - given).toBeLessThan(2 ** 22 / 64);
});
