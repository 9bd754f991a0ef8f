/**
 * The filter bank CAM++ was trained on: Kaldi's log-mel energies with `compute-fbank-feats`' defaults (frames of 25 ms
 * every 10 ms that lie wholly inside the sound, mean removed, pre-emphasis 0.97, Povey window, 512-point power
 * spectrum, triangles even on Kaldi's mel scale) at 80 bins from 20 Hz to 8 kHz and without dither.
 * Source: kaldi-asr/kaldi, src/feat/feature-window.cc, mel-computations.cc and feature-fbank.cc; samples are in
 * [-1, 1] as in modelscope/3D-Speaker, speakerlab/process/processor.py.
 */
import { createPowerSpectrum } from '../mel/fft';

export const FBANK_RATE = 16000;
/** Samples of a frame, and from one frame's start to the next. */
export const FBANK_FRAME = 400;
export const FBANK_HOP = 160;
export const FBANK_BINS = 80;

const PADDED = 512;
const LOW_HERTZ = 20;
const PRE_EMPHASIS = 0.97;
/** The smallest energy whose logarithm is taken: C++'s epsilon of a float. */
const FLOOR = 1.1920928955078125e-7;

/** Frames that lie wholly inside so many samples (Kaldi's `snip-edges`). */
export function fbankFrames(samples: number): number {
  return samples < FBANK_FRAME ? 0 : 1 + Math.floor((samples - FBANK_FRAME) / FBANK_HOP);
}

/**
 * Log-mel energies of every frame.
 * @param pcm mono 16 kHz in [-1, 1]
 * @returns [frames, 80], row by row
 */
export type Fbank = (pcm: Float32Array) => Float32Array;

export function createFbank(): Fbank {
  const spectrum = createPowerSpectrum(PADDED);
  const filters = melFilters(spectrum.bins);
  const povey = Float64Array.from({ length: FBANK_FRAME }, (_, i) =>
    Math.pow(0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (FBANK_FRAME - 1)), 0.85),
  );
  const frame = new Float64Array(PADDED);
  const power = new Float64Array(spectrum.bins);

  return (pcm) => {
    const frames = fbankFrames(pcm.length);
    const out = new Float32Array(frames * FBANK_BINS);
    for (let t = 0; t < frames; t++) {
      const from = t * FBANK_HOP;
      let sum = 0;
      for (let i = 0; i < FBANK_FRAME; i++) sum += pcm[from + i];
      const mean = sum / FBANK_FRAME;
      // Kaldi takes the sample before the first to be the first itself.
      let before = pcm[from] - mean;
      for (let i = 0; i < FBANK_FRAME; i++) {
        const sample = pcm[from + i] - mean;
        frame[i] = (sample - PRE_EMPHASIS * before) * povey[i];
        before = sample;
      }
      spectrum.run(frame, power);
      for (let bin = 0; bin < FBANK_BINS; bin++) {
        const { first, weights } = filters[bin];
        let energy = 0;
        for (let k = 0; k < weights.length; k++) energy += weights[k] * power[first + k];
        out[t * FBANK_BINS + bin] = Math.log(Math.max(energy, FLOOR));
      }
    }
    return out;
  };
}

/**
 * Takes each bin's mean over the frames away, which removes the microphone and the level.
 * @param frames [n, 80], changed in place
 */
export function subtractMean(frames: Float32Array): Float32Array {
  const count = frames.length / FBANK_BINS;
  for (let bin = 0; bin < FBANK_BINS; bin++) {
    let sum = 0;
    for (let t = 0; t < count; t++) sum += frames[t * FBANK_BINS + bin];
    const mean = sum / count;
    for (let t = 0; t < count; t++) frames[t * FBANK_BINS + bin] -= mean;
  }
  return frames;
}

/** A triangle touches a few neighbouring bins of the spectrum: the first of them, and the weights from there. */
type Filter = { first: number; weights: Float64Array };

/** Triangles on the mel scale; neither the lowest nor the highest bin of the spectrum weighs anything. */
function melFilters(spectrumBins: number): Filter[] {
  const low = mel(LOW_HERTZ);
  const step = (mel(FBANK_RATE / 2) - low) / (FBANK_BINS + 1);
  return Array.from({ length: FBANK_BINS }, (_, bin) => {
    const [left, centre, right] = [low + bin * step, low + (bin + 1) * step, low + (bin + 2) * step];
    const weights: number[] = [];
    let first = 0;
    for (let k = 0; k < spectrumBins - 1; k++) {
      const at = mel((k * FBANK_RATE) / PADDED);
      if (at <= left || at >= right) continue;
      if (weights.length === 0) first = k;
      weights.push(at <= centre ? (at - left) / (centre - left) : (right - at) / (right - centre));
    }
    return { first, weights: Float64Array.from(weights) };
  });
}

/** Kaldi's mel scale. */
function mel(hertz: number): number {
  return 1127 * Math.log(1 + hertz / 700);
}
