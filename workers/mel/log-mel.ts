/**
 * Log-mel features as openai/whisper `audio.py` (log_mel_spectrogram) and transformers' WhisperFeatureExtractor
 * compute them: periodic Hann window, centred frames with reflected edges, power spectrum, Slaney mel filters with
 * area normalisation, log10 clamped at 1e-10, floor 8 below the window's maximum, (x + 4) / 4.
 */
import type { MelShape } from '../protocol';
import { createPowerSpectrum } from './fft';

/** Frames of a full window. */
export function melFrames({ windowSamples, hop }: MelShape): number {
  return Math.floor(windowSamples / hop);
}

export type LogMel = {
  /**
   * @param pcm mono samples of one window, at most `windowSamples`; the rest counts as silence
   * @param out where to write: [bins, frames], row-major
   */
  run(pcm: Float32Array, out: Float32Array): void;
};

export function createLogMel(shape: MelShape): LogMel {
  const { sampleRate, windowSamples, hop, fft, bins } = shape;
  const frames = melFrames(shape);
  const spectrum = createPowerSpectrum(fft);
  const filters = slaneyFilters(spectrum.bins, bins, sampleRate);
  const hann = new Float64Array(fft);
  for (let i = 0; i < fft; i++) hann[i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / fft);
  const frame = new Float64Array(fft);
  const power = new Float64Array(spectrum.bins);
  const edge = fft / 2;

  return {
    run(pcm, out) {
      const length = Math.min(pcm.length, windowSamples);
      // Beyond this frame every sample is the padding's zero.
      const last = Math.min(frames, Math.ceil((length + edge) / hop));
      let loudest = -10;
      for (let t = 0; t < last; t++) {
        const from = t * hop - edge;
        for (let i = 0; i < fft; i++) {
          let at = from + i;
          if (at < 0) at = -at;
          else if (at >= windowSamples) at = 2 * (windowSamples - 1) - at;
          frame[i] = at < length ? pcm[at] * hann[i] : 0;
        }
        spectrum.run(frame, power);
        for (let m = 0; m < bins; m++) {
          const { first, weights } = filters[m];
          let sum = 0;
          for (let k = 0; k < weights.length; k++) sum += weights[k] * power[first + k];
          const value = Math.log10(Math.max(sum, 1e-10));
          if (value > loudest) loudest = value;
          out[m * frames + t] = value;
        }
      }
      const floor = loudest - 8;
      const silence = (Math.max(-10, floor) + 4) / 4;
      for (let m = 0; m < bins; m++) {
        const row = m * frames;
        for (let t = 0; t < last; t++) out[row + t] = (Math.max(out[row + t], floor) + 4) / 4;
        out.fill(silence, row + last, row + frames);
      }
    },
  };
}

/** A triangular filter touches a few neighbouring bins only: its first bin and the weights from there. */
type Filter = { first: number; weights: Float64Array };

/** Mel scale of Slaney's Auditory Toolbox (librosa's default), from 0 Hz to half the sample rate. */
function slaneyFilters(spectrumBins: number, melBins: number, sampleRate: number): Filter[] {
  const top = hertzToMel(sampleRate / 2);
  const corners = Array.from({ length: melBins + 2 }, (_, i) => melToHertz((top * i) / (melBins + 1)));
  return Array.from({ length: melBins }, (_, m) => {
    const [low, centre, high] = [corners[m], corners[m + 1], corners[m + 2]];
    const area = 2 / (high - low);
    const full = Array.from({ length: spectrumBins }, (_unused, k) => {
      const hertz = (k * sampleRate) / 2 / (spectrumBins - 1);
      return area * Math.max(0, Math.min((hertz - low) / (centre - low), (high - hertz) / (high - centre)));
    });
    const first = Math.max(
      0,
      full.findIndex((weight) => weight > 0),
    );
    const end = full.findLastIndex((weight) => weight > 0) + 1;
    return { first, weights: Float64Array.from(full.slice(first, Math.max(first, end))) };
  });
}

const LINEAR_TOP_HZ = 1000;
const LINEAR_TOP_MEL = 15;
const LOG_STEP = 27 / Math.log(6.4);

function hertzToMel(hertz: number): number {
  return hertz < LINEAR_TOP_HZ ? (3 * hertz) / 200 : LINEAR_TOP_MEL + Math.log(hertz / LINEAR_TOP_HZ) * LOG_STEP;
}

function melToHertz(mel: number): number {
  return mel < LINEAR_TOP_MEL ? (200 * mel) / 3 : LINEAR_TOP_HZ * Math.exp((mel - LINEAR_TOP_MEL) / LOG_STEP);
}
