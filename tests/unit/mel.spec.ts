/**
 * Log-mel against two others: transformers.js' WhisperFeatureExtractor as shipped (within 9e-8 of openai's, 2026-11),
 * and a slow transform written here after openai/whisper audio.py.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'playwright/test';
import { createPowerSpectrum } from '../../workers/mel/fft.ts';
import { createLogMel, melFrames } from '../../workers/mel/log-mel.ts';
import type { MelShape } from '../../workers/protocol.ts';
import { fixture, repository } from '../browser.ts';
import { randomFrom } from './random.ts';

const shape = (bins: number, seconds: number): MelShape => ({
  sampleRate: 16000,
  windowSamples: seconds * 16000,
  hop: 160,
  fft: 400,
  bins,
});

/** Samples of a 16-bit mono file with a plain 44-byte header. */
function samplesOf(name: string): Float32Array {
  const bytes = readFileSync(fixture(join('windows', name)));
  return Float32Array.from({ length: (bytes.length - 44) / 2 }, (_, i) => bytes.readInt16LE(44 + 2 * i) / 32768);
}

function noise(samples: number, seed: number): Float32Array {
  const random = randomFrom(seed);
  return Float32Array.from({ length: samples }, () => 0.1 * random.normal());
}

function ours(pcm: Float32Array, form: MelShape): Float32Array {
  const mel = createLogMel(form);
  const out = new Float32Array(form.bins * melFrames(form)).fill(NaN);
  mel.run(pcm, out);
  return out;
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i] - b[i]);
    if (!(distance <= most)) most = distance;
  }
  return most;
}

type Extractor = (pcm: Float32Array) => Promise<{ input_features: { dims: number[]; data: Float32Array } }>;
let extractorOf: (form: MelShape) => Extractor;

test.beforeAll(async () => {
  // transformers.js has no runtime of its own in Node here (package.json leaves onnxruntime-node out): it takes one that
  // is offered under this symbol, and its files from disk.
  const ort: unknown = await import('onnxruntime-web');
  Object.assign(globalThis, { [Symbol.for('onnxruntime')]: ort });
  const { env, WhisperFeatureExtractor } = await import('@huggingface/transformers');
  env.useWasmCache = false;
  const { wasm } = env.backends.onnx;
  if (!wasm) throw new Error('transformers.js did not take the runtime offered');
  wasm.numThreads = 1;
  wasm.wasmPaths = pathToFileURL(join(repository, 'node_modules/onnxruntime-web/dist/')).href;
  extractorOf = (form) =>
    new WhisperFeatureExtractor({
      feature_size: form.bins,
      sampling_rate: form.sampleRate,
      hop_length: form.hop,
      n_fft: form.fft,
      n_samples: form.windowSamples,
      nb_max_frames: form.windowSamples / form.hop,
    });
});

const speech10 = 'synthetic_en_10s_0.wav';
const speech30 = 'synthetic_de_30s_0.wav';
const cases: [what: string, form: MelShape, pcm: () => Float32Array][] = [
  ['ten seconds of speech', shape(80, 10), () => samplesOf(speech10)],
  ['ten seconds of speech, 128 bins', shape(128, 10), () => samplesOf(speech10)],
  ['thirty seconds of speech', shape(80, 30), () => samplesOf(speech30)],
  ['ten seconds of speech in a window of thirty, 128 bins', shape(128, 30), () => samplesOf(speech10)],
  ['a short piece, cut between two hops', shape(80, 30), () => samplesOf(speech10).slice(0, 70_077)],
  ['all but the last samples', shape(80, 10), () => samplesOf(speech10).slice(0, 159_970)],
  ['less than one frame', shape(80, 10), () => noise(77, 4)],
  ['noise to the last sample', shape(80, 10), () => noise(160_000, 5)],
  ['silence', shape(80, 10), () => new Float32Array(160_000)],
];

for (const [what, form, pcm] of cases) {
  test(`the log-mel is the feature extractor's: ${what}`, async () => {
    const { input_features } = await extractorOf(form)(pcm());
    expect(input_features.dims).toEqual([1, form.bins, form.windowSamples / form.hop]);
    expect(furthest(ours(pcm(), form), input_features.data)).toBeLessThan(1e-5);
  });
}

/** audio.py, log_mel_spectrogram: centred frames with reflected edges, a transform by its definition, dense filters. */
function slowLogMel(pcm: Float32Array, { sampleRate, windowSamples, hop, fft, bins }: MelShape): Float64Array {
  const frames = windowSamples / hop;
  const mirrored = (at: number): number => (at < 0 ? -at : at >= windowSamples ? 2 * (windowSamples - 1) - at : at);
  const spectrum = fft / 2 + 1;
  const mels = Array.from({ length: bins + 2 }, (_, i) => {
    const mel = (i * (15 + (27 * Math.log(sampleRate / 2000)) / Math.log(6.4))) / (bins + 1);
    return mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27);
  });
  const out = new Float64Array(bins * frames);
  for (let t = 0; t < frames; t++) {
    const power = Array.from({ length: spectrum }, (_, k) => {
      let re = 0;
      let im = 0;
      for (let n = 0; n < fft; n++) {
        const value = (pcm[mirrored(t * hop + n - fft / 2)] ?? 0) * Math.sin((Math.PI * n) / fft) ** 2;
        re += value * Math.cos((2 * Math.PI * k * n) / fft);
        im -= value * Math.sin((2 * Math.PI * k * n) / fft);
      }
      return re * re + im * im;
    });
    for (let m = 0; m < bins; m++) {
      let sum = 0;
      for (let k = 0; k < spectrum; k++) {
        const hertz = (k * sampleRate) / fft;
        const rise = (hertz - mels[m]) / (mels[m + 1] - mels[m]);
        const fall = (mels[m + 2] - hertz) / (mels[m + 2] - mels[m + 1]);
        sum += (Math.max(0, Math.min(rise, fall)) * 2 * power[k]) / (mels[m + 2] - mels[m]);
      }
      out[m * frames + t] = Math.log10(Math.max(sum, 1e-10));
    }
  }
  const floor = out.reduce((a, b) => Math.max(a, b)) - 8;
  return out.map((value) => (Math.max(value, floor) + 4) / 4);
}

test('the log-mel is that of a slow transform, for other shapes too', () => {
  const short: MelShape = { sampleRate: 16000, windowSamples: 6400, hop: 160, fft: 400, bins: 80 };
  const tones = Float32Array.from(
    { length: 6400 },
    (_, i) => 0.3 * Math.sin(i * i * 1e-4) + 0.01 * Math.sin(i * 2.9) + (i % 1000 === 0 ? 0.5 : 0),
  );
  for (const form of [short, { ...short, bins: 128 }, { ...short, sampleRate: 8000, fft: 250, hop: 100, bins: 40 }]) {
    for (const pcm of [tones, tones.slice(0, 1700), tones.slice(0, 6399), noise(6400, 6)]) {
      expect(furthest(ours(pcm, form), slowLogMel(pcm, form))).toBeLessThan(1e-6);
    }
  }
});

test('sound past the window is not heard, and one run leaves nothing for the next', () => {
  const form = shape(80, 10);
  const mel = createLogMel(form);
  const speech = samplesOf(speech10);
  const longer = new Float32Array(200_000).fill(0.5);
  longer.set(speech);
  const first = new Float32Array(80 * 1000);
  mel.run(longer, first);
  const between = new Float32Array(80 * 1000);
  mel.run(noise(500, 7), between);
  const again = new Float32Array(80 * 1000);
  mel.run(speech, again);
  expect(furthest(first, again)).toBe(0);
  expect(furthest(first, ours(speech, form))).toBe(0);
});

test('the power spectrum is that of the definition, whatever the factors of its length', () => {
  const random = randomFrom(8);
  for (const n of [2, 4, 6, 8, 14, 30, 64, 98, 110, 250, 256, 400, 512, 1022]) {
    const frame = Float64Array.from({ length: n }, () => random.normal());
    const fast = createPowerSpectrum(n);
    const power = new Float64Array(fast.bins);
    fast.run(frame, power);
    const slow = Array.from({ length: n / 2 + 1 }, (_, k) => {
      let re = 0;
      let im = 0;
      frame.forEach((value, i) => {
        // The turn is taken modulo n first: cos of large angles is not exact.
        const turn = (2 * Math.PI * ((i * k) % n)) / n;
        re += value * Math.cos(turn);
        im += value * Math.sin(turn);
      });
      return re * re + im * im;
    });
    expect(fast.bins).toBe(slow.length);
    expect(furthest(power, slow), `length ${n}`).toBeLessThan(1e-9 * n);
    // Parseval: the energy of a real frame is that of its spectrum, whose inner bins count twice.
    const energy = frame.reduce((sum, value) => sum + value * value, 0);
    const spectral = power.reduce((sum, value, k) => sum + (k === 0 || k === n / 2 ? value : 2 * value), 0) / n;
    expect(spectral).toBeCloseTo(energy, 9);
  }
  expect(() => createPowerSpectrum(401)).toThrow(RangeError);
});
