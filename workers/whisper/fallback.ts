/** The safety nets of openai/whisper (transcribe.py, decode_with_fallback, and lines 298-310) and our own. */
import type { Doubt } from '../protocol';
import type { DecodedRow } from './decode';

/** transcribe.py, default arguments. */
export const TEMPERATURES = [0, 0.2, 0.4, 0.6, 0.8, 1] as const;
const COMPRESSION_RATIO_THRESHOLD = 2.4;
const LOG_PROBABILITY_THRESHOLD = -1;
const NO_SPEECH_THRESHOLD = 0.6;

/** A decoding with what is needed to judge it. */
export type Attempt = DecodedRow & { text: string; compressionRatio: number; temperature: number };

/** Nothing was said: not sure of the words, and sure of no speech. */
export function isSilence(attempt: Attempt): boolean {
  return attempt.noSpeechProbability > NO_SPEECH_THRESHOLD && attempt.averageLogProbability < LOG_PROBABILITY_THRESHOLD;
}

/** Should be tried again at a higher temperature. */
export function failed(attempt: Attempt): boolean {
  if (isSilence(attempt)) return false;
  return (
    attempt.ended === 'loop' ||
    attempt.compressionRatio > COMPRESSION_RATIO_THRESHOLD ||
    attempt.averageLogProbability < LOG_PROBABILITY_THRESHOLD
  );
}

/** Of attempts that all failed the least bad: no repetition before repetition, then the surest. */
export function leastBad(attempts: readonly Attempt[]): Attempt {
  const repeats = (attempt: Attempt): boolean =>
    attempt.ended === 'loop' || attempt.compressionRatio > COMPRESSION_RATIO_THRESHOLD;
  return attempts.reduce((best, next) => {
    if (repeats(best) !== repeats(next)) return repeats(best) ? next : best;
    return next.averageLogProbability > best.averageLogProbability ? next : best;
  });
}

/** Why the cues of a kept attempt should be looked at again; null: no reason. */
export function doubtOf(attempt: Attempt): Doubt | null {
  if (attempt.ended === 'loop' || attempt.compressionRatio > COMPRESSION_RATIO_THRESHOLD) return 'repetition';
  if (attempt.averageLogProbability < LOG_PROBABILITY_THRESHOLD) return 'low-probability';
  if (attempt.noSpeechProbability > NO_SPEECH_THRESHOLD) return 'maybe-no-speech';
  return null;
}

/** Seconds of clear speech that cannot come out blank. */
const CLEAR_SPEECH_SECONDS = 2;
/** Tokens of which nearly all are the same. */
const SAME_TOKENS = 8;
const SAME_SHARE = 0.9;

/**
 * Output that no hearing of any sound gives: a GPU can succeed with garbage (blank text, "!!!!!!", FIELD.md 8).
 * @param speechSeconds speech the voice activity detection found in the window; null: not known
 */
export function cannotBeRight(
  attempt: Pick<Attempt, 'tokens' | 'text' | 'noSpeechProbability' | 'averageLogProbability'>,
  speechSeconds: number | null,
  endOfText: number,
): boolean {
  const words = attempt.tokens.filter((id) => id < endOfText);
  const text = attempt.text.replace(/\s/g, '');
  if (Number.isNaN(attempt.averageLogProbability) || Number.isNaN(attempt.noSpeechProbability)) return true;
  // Four dots or notes are written for a pause or music; marks of exclamation alone are what zeroed logits give.
  if (/^(?:!{4,}|([^\p{L}\p{N}])\1{4,})$/u.test(text)) return true;
  if (text === '') {
    return speechSeconds !== null && speechSeconds >= CLEAR_SPEECH_SECONDS && attempt.noSpeechProbability < 0.1;
  }
  if (words.length < SAME_TOKENS) return false;
  const counts = new Map<number, number>();
  for (const id of words) counts.set(id, (counts.get(id) ?? 0) + 1);
  return Math.max(...counts.values()) >= SAME_SHARE * words.length;
}

/** UTF-8 bytes over their zlib length, as openai/whisper utils.py compression_ratio. 1 for no text. */
export async function compressionRatio(text: string): Promise<number> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === 0) return 1;
  const packed = await new Response(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate')),
  ).arrayBuffer();
  return bytes.length / packed.byteLength;
}

/** Uniform numbers in [0, 1) that are the same for the same seed on every machine (Mulberry32, T. Ettinger 2017). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
