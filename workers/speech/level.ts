/**
 * Brings quiet sound to the level that the speech detection was trained at. Silero hears nothing of speech at -60 dBFS and
 * half of it at -45 dBFS; brought up, it hears both as it hears the loud original, and still nothing in noise, music or
 * near silence (media-cases 17 and 20, 2026-11).
 */
import { VAD_FRAME } from './frames';

/** Root mean square that loud frames are brought to: -20 dBFS, about that of the loud frames of a broadcast voice. */
const TARGET = 0.1;
/** 66 dB: speech at -80 dBFS is a bit or two of 16, and nothing but noise lies below. */
const MOST_GAIN = 2000;
/** A frame is loud when this share of its stretch is quieter: a word of a fifth of a second in two seconds counts. */
const LOUD = 0.95;
/** The gain follows the loudest of so many stretches, so that a pause between sentences is not blown up. */
const REMEMBERED = 5;
/** A direct current and rumble under this are taken off, Hz; voices begin at 70. */
const CUTOFF = 20;

/** What the next stretch depends on. Plain data. */
export type LevelState = { before: number | null; last: number; loudness: readonly number[] };

type Level = {
  (pcm: Float32Array): Float32Array;
  readonly state: () => LevelState;
};

/**
 * @param earlier the state to go on from
 * @returns a function that takes stretches of a sound in order and gives each with its direct current taken off and its
 *   level brought up, never down, within [-1, 1]
 */
export function createLevel(sampleRate: number, earlier: LevelState | null = null): Level {
  // One-pole high-pass: y[n] = x[n] - x[n-1] + a y[n-1] (J. O. Smith, Introduction to Digital Filters, "DC Blocker").
  const a = Math.exp((-2 * Math.PI * CUTOFF) / sampleRate);
  let before = earlier?.before ?? null;
  let last = earlier?.last ?? 0;
  const loudness = [...(earlier?.loudness ?? [])];
  const next = (pcm: Float32Array): Float32Array => {
    const out = new Float32Array(pcm.length);
    // The first sample is no step: a sound that begins beside zero would begin with a click.
    before ??= pcm[0] ?? 0;
    for (let i = 0; i < pcm.length; i++) {
      const sample = pcm[i];
      last = sample - before + a * last;
      before = sample;
      out[i] = last;
    }
    loudness.push(loudFrame(out));
    if (loudness.length > REMEMBERED) loudness.shift();
    const loudest = Math.max(...loudness);
    if (loudest >= TARGET) return out;
    const gain = Math.min(MOST_GAIN, TARGET / Math.max(loudest, TARGET / MOST_GAIN));
    for (let i = 0; i < out.length; i++) out[i] = Math.max(-1, Math.min(1, out[i] * gain));
    return out;
  };
  return Object.assign(next, { state: () => ({ before, last, loudness: [...loudness] }) });
}

/** Root mean square of a loud frame of a stretch. */
function loudFrame(pcm: Float32Array): number {
  const levels: number[] = [];
  for (let start = 0; start < pcm.length; start += VAD_FRAME) {
    const end = Math.min(pcm.length, start + VAD_FRAME);
    let sum = 0;
    for (let i = start; i < end; i++) sum += pcm[i] * pcm[i];
    levels.push(Math.sqrt(sum / (end - start)));
  }
  levels.sort((one, other) => one - other);
  return levels[Math.min(levels.length - 1, Math.floor(LOUD * levels.length))] ?? 0;
}
