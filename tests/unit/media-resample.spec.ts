import { expect, test } from 'playwright/test';
import { outputLength, polyphase, Resampler } from '../../workers/media/resample';

const OUT = 16000;

/** Deterministic noise in [-1, 1]. */
function noise(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function tone(hertz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) =>
    Math.sin((2 * Math.PI * hertz * i) / rate),
  );
}

function join(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function oneShot(input: Float32Array, rate: number, outRate = OUT): Float32Array {
  const resampler = new Resampler(rate, outRate);
  return join([resampler.push(input), resampler.finish()]);
}

/** Level in dB against a full-scale sine, edges left out. */
function level(samples: Float32Array): number {
  const middle = samples.subarray(2000, samples.length - 2000);
  const power = middle.reduce((sum, value) => sum + value * value, 0) / middle.length;
  return 10 * Math.log10(2 * power + 1e-30);
}

const RATES = [
  [8000, 2, 1],
  [11025, 640, 441],
  [12000, 4, 3],
  [16000, 1, 1],
  [22050, 320, 441],
  [24000, 2, 3],
  [32000, 1, 2],
  [44100, 160, 441],
  [48000, 1, 3],
  [96000, 1, 6],
] as const;

test('ratios are exact, and each phase passes a constant unchanged', () => {
  for (const [rate, up, down] of RATES) {
    const filter = polyphase(rate, OUT);
    expect([rate, filter.up, filter.down]).toEqual([rate, up, down]);
    for (let phase = 0; phase < up && filter.half > 0; phase++) {
      const row = filter.taps.subarray(phase * 2 * filter.half, (phase + 1) * 2 * filter.half);
      expect(Math.abs(row.reduce((sum, tap) => sum + tap, 0) - 1)).toBeLessThan(1e-9);
    }
  }
});

test('length is round(input * out / in) for every rate', () => {
  for (const [rate] of RATES) {
    for (const length of [1, 2, 3, 7, 100, 441, 4410, 4411, 12345]) {
      expect(oneShot(new Float32Array(length), rate).length, `${length} at ${rate}`).toBe(
        Math.round((length * OUT) / rate),
      );
    }
  }
  expect(outputLength(44100 * 36000, 44100, OUT)).toBe(OUT * 36000); // ten hours
});

test('a tone above the new Nyquist is gone: 10 kHz at 48 kHz by more than 60 dB', () => {
  for (const [rate, hertz] of [
    [48000, 10000],
    [44100, 10000],
    [44100, 8100],
    [48000, 23000],
    [96000, 30000],
    [22050, 9000],
  ] as const) {
    expect(level(oneShot(tone(hertz, rate, 2), rate)), `${hertz} Hz at ${rate} Hz`).toBeLessThan(-80);
  }
});

test('the band of speech is flat: within 0.1 dB up to 7.2 kHz', () => {
  for (const rate of [22050, 44100, 48000, 96000]) {
    for (const hertz of [100, 1000, 4000, 6000, 7000, 7200]) {
      expect(Math.abs(level(oneShot(tone(hertz, rate, 2), rate))), `${hertz} Hz at ${rate} Hz`).toBeLessThan(0.05);
    }
  }
  // Upwards the band ends at 0.9 of the source's own Nyquist, and nothing is mirrored above it.
  expect(Math.abs(level(oneShot(tone(3500, 8000, 2), 8000)))).toBeLessThan(0.05);
});

test('the clock is absolute: a 1 kHz tone comes out in phase, sample by sample', () => {
  for (const rate of [8000, 11025, 22050, 32000, 44100, 48000, 96000]) {
    const output = oneShot(tone(1000, rate, 1), rate);
    let worst = 0;
    for (let i = 1000; i < output.length - 1000; i++) {
      worst = Math.max(worst, Math.abs(output[i] - Math.sin((2 * Math.PI * 1000 * i) / OUT)));
    }
    expect(worst, `at ${rate} Hz`).toBeLessThan(1e-3);
  }
});

test('an impulse stays where it was', () => {
  for (const rate of [8000, 44100, 48000]) {
    const input = new Float32Array(rate);
    input[rate / 2] = 1;
    const output = oneShot(input, rate);
    const peak = output.reduce((best, value, i) => (Math.abs(value) > Math.abs(output[best]) ? i : best), 0);
    expect(peak).toBe(OUT / 2);
    // Linear phase: what rings before it rings after it.
    for (let i = 1; i < 100; i++) expect(Math.abs(output[peak + i] - output[peak - i])).toBeLessThan(1e-6);
  }
});

test('equal rates pass every bit', () => {
  const input = noise(5000);
  expect(oneShot(input, OUT)).toEqual(input);
});

test('cutting the input into blocks changes no bit', () => {
  for (const [rate] of RATES) {
    const input = noise(rate / 2, rate);
    const whole = oneShot(input, rate);
    for (const seed of [1, 2, 3]) {
      const sizes = noise(10000, seed);
      const resampler = new Resampler(rate, OUT);
      const parts: Float32Array[] = [];
      for (let at = 0, i = 0; at < input.length; i++) {
        const size = Math.floor(Math.abs(sizes[i]) ** 4 * 3000);
        parts.push(resampler.push(input.subarray(at, at + size)));
        at += size;
      }
      parts.push(resampler.finish());
      expect(Buffer.from(join(parts).buffer).equals(Buffer.from(whole.buffer)), `${rate} Hz, split ${seed}`).toBe(true);
    }
  }
});

test('starting in the middle gives the same samples', () => {
  for (const [rate] of RATES) {
    const input = noise(rate, 7);
    const whole = oneShot(input, rate);
    for (const [firstInput, firstOutput] of [
      [Math.floor(rate / 4), 8000],
      [Math.floor(rate / 3) + 1, 9001],
      [0, 12345],
    ] as const) {
      const resampler = new Resampler(rate, OUT, firstInput, firstOutput);
      const rest = join([resampler.push(input.subarray(firstInput)), resampler.finish()]);
      expect(rest, `${rate} Hz from ${firstOutput}`).toEqual(whole.slice(firstOutput));
    }
  }
});

test('two minutes of blocks add up to two minutes', () => {
  const resampler = new Resampler(44100, OUT);
  const block = new Float32Array(44100);
  let samples = 0;
  for (let second = 0; second < 120; second++) samples += resampler.push(block).length;
  samples += resampler.finish().length;
  expect(samples).toBe(120 * OUT);
});

test('only the newest filters are kept: a file joined from parts of many odd rates does not pile them up', () => {
  const first = polyphase(8000, OUT);
  expect(polyphase(8000, OUT), 'kept while it is used').toBe(first);
  for (const rate of [11025, 22050, 32000, 48000]) polyphase(rate, OUT);
  expect(polyphase(8000, OUT), 'made anew').not.toBe(first);
  expect(polyphase(8000, OUT)).toEqual(first);
});
