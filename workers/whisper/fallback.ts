/** The safety nets of openai/whisper (transcribe.py, decode_with_fallback, and lines 298-310) and our own. */
import type { Doubt } from '../protocol';
import type { TimeRange } from '../speech/ranges';
import type { DecodedRow } from './decode';
import type { TextCodec } from './text';
import type { SpecialTokens } from './tokens';

/** transcribe.py, default arguments. */
export const TEMPERATURES = [0, 0.2, 0.4, 0.6, 0.8, 1] as const;
const COMPRESSION_RATIO_THRESHOLD = 2.4;
const LOG_PROBABILITY_THRESHOLD = -1;
const NO_SPEECH_THRESHOLD = 0.6;

/** A decoding with what is needed to judge it. */
export type Attempt = DecodedRow & { text: string; compressionRatio: number; temperature: number };

/**
 * Seconds of speech from which on the detection is sure that a window is not empty. Whisper gives clear speech a no-speech
 * probability of over 0.6 now and then, above all where it is quiet or another language.
 */
const SURE_OF_SPEECH = 1;

/**
 * Under this the detection heard no speech in a window, seconds: its shortest region is three frames of 32 ms. Such a window
 * is heard all the same where silence is not skipped.
 */
const NO_SPEECH_AT_ALL = 0.1;

/**
 * Sure enough of its words to be kept against a detection that heard no speech. To music Whisper base writes "nd nd nd" or
 * "You", with a mean log-probability under -0.5 or a no-speech probability over 0.2 (2026-11).
 */
function isSureOfItself(attempt: Attempt): boolean {
  return attempt.ended === 'end' && attempt.averageLogProbability > -0.5 && attempt.noSpeechProbability < 0.2;
}

/**
 * Nothing was said: not sure of the words, and sure of no speech (transcribe.py lines 298-310).
 * @param speechSeconds speech that the voice activity detection found; null: not known
 */
export function isSilence(attempt: Attempt, speechSeconds: number | null): boolean {
  if (speechSeconds !== null && speechSeconds >= SURE_OF_SPEECH) return false;
  if (speechSeconds !== null && speechSeconds < NO_SPEECH_AT_ALL) return !isSureOfItself(attempt);
  return attempt.noSpeechProbability > NO_SPEECH_THRESHOLD && attempt.averageLogProbability < LOG_PROBABILITY_THRESHOLD;
}

/** Should be tried again at a higher temperature. */
export function failed(attempt: Attempt, speechSeconds: number | null): boolean {
  if (isSilence(attempt, speechSeconds)) return false;
  return (
    attempt.ended === 'loop' ||
    attempt.compressionRatio > COMPRESSION_RATIO_THRESHOLD ||
    attempt.averageLogProbability < LOG_PROBABILITY_THRESHOLD
  );
}

/**
 * So much speech may follow the last time of a finished text, seconds: times are rounded, and the detection takes a breath
 * for speech. A choice between a short last word that is lost and a text that is made to go on for nothing, which costs a
 * few steps and is taken off again (`unforced`).
 */
const SPEECH_BEHIND = 0.6;

/**
 * Whether a text may end whose last time is at `seconds`: not while more speech follows.
 * @param speech on the same clock; null: not known
 */
export function mayEndAt(speech: readonly TimeRange[] | null, seconds: number): boolean {
  return speech === null || speechBehind(speech, seconds) <= SPEECH_BEHIND;
}

function speechBehind(speech: readonly TimeRange[], seconds: number): number {
  return speech.reduce((sum, { start, end }) => sum + Math.max(0, end - Math.max(start, seconds)), 0);
}

/**
 * A row without what it was made to go on with, where that is nothing to trust: its words unlikely on the whole, or a
 * repetition. What is taken off is speech without words, which is then heard as a window of its own. The segment in
 * which the text wanted to end stays, up to its closing time.
 */
export function unforced(row: DecodedRow, { timestampBegin }: Pick<SpecialTokens, 'timestampBegin'>): DecodedRow {
  const { forcedFrom, tokens, logProbabilities } = row;
  if (forcedFrom === null || row.ended === 'stopped') return row;
  const close = tokens.findIndex((id, at) => at >= forcedFrom && id >= timestampBegin);
  const from = close < 0 ? tokens.length : close + 1;
  // A second time opens the next segment; nothing is in it yet.
  const forced = logProbabilities.slice(from);
  if (from >= tokens.length || !(row.ended === 'loop' || mean(forced) < LOG_PROBABILITY_THRESHOLD)) return row;
  return { ...upTo(row, from), ended: 'end' };
}

/** The first tokens of a row, with the mean of their log-probabilities. */
export function upTo<Row extends DecodedRow>(row: Row, count: number): Row {
  const logProbabilities = row.logProbabilities.slice(0, count);
  return {
    ...row,
    tokens: row.tokens.slice(0, count),
    logProbabilities,
    averageLogProbability: mean(logProbabilities),
  };
}

/** The mean log-probability of a segment's words is so low that they should be looked at again. */
export function isUnlikely(logProbabilities: readonly number[]): boolean {
  return logProbabilities.length > 0 && mean(logProbabilities) < LOG_PROBABILITY_THRESHOLD;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length;
}

/**
 * Letters a second that nobody exceeds. Read speech has five to eight syllables a second, depending on the language
 * (Pellegrino, Coupé and Marsico, Language 87, 2011); ten are taken here, of two and a half letters each.
 */
const LETTERS_A_SECOND = 25;
/** A digit stands for a word, of which at most three are said in a second: a third of the letters of that second. */
const LETTERS_A_DIGIT = 8;

/**
 * Cuts a repetition down to what could be said: "six" said fourteen times makes Whisper write sixes for ever.
 * @param seconds of speech in the window
 * @returns the attempt itself where it is short enough
 */
export function withinSpeech(
  attempt: Attempt,
  seconds: number,
  text: TextCodec,
  { endOfText }: Pick<SpecialTokens, 'endOfText'>,
): Attempt {
  const most = Math.max(1, seconds) * LETTERS_A_SECOND;
  let letters = 0;
  for (const [at, id] of attempt.tokens.entries()) {
    if (id >= endOfText) continue;
    for (const letter of text.decode([id])) letters += /\p{N}/u.test(letter) ? LETTERS_A_DIGIT : 1;
    if (letters <= most) continue;
    return { ...upTo(attempt, at), ended: 'loop' };
  }
  return attempt;
}

/**
 * Under this mean log-probability the words of an attempt are guesses: at temperature 1 Whisper writes fluent sentences that
 * nobody said. A choice: half as far again below zero as the threshold of transcribe.py for one more try.
 */
const GUESSED = -1.5;

/**
 * Of attempts that all failed the least bad: what repeats itself and is sure of it before words that are guesses (people
 * do say "no" sixteen times), other words before a repetition, then the surest.
 */
export function leastBad(attempts: readonly Attempt[]): Attempt {
  const rank = (attempt: Attempt): number => {
    if (attempt.averageLogProbability < GUESSED) return 0;
    return attempt.ended === 'loop' || attempt.compressionRatio > COMPRESSION_RATIO_THRESHOLD ? 1 : 2;
  };
  return attempts.reduce((best, next) => {
    if (rank(best) !== rank(next)) return rank(next) > rank(best) ? next : best;
    return next.averageLogProbability > best.averageLogProbability ? next : best;
  });
}

/**
 * The same thing eight times in a row is seldom what was said, even where it compresses by less than 2.4 : 1. A choice: it
 * only marks the words for a second look.
 */
const SUSPICIOUS = /([\p{L}\p{N}]{1,20}?)\1{7,}/u;

/** Why the cues of a kept attempt should be looked at again; null: no reason. */
export function doubtOf(attempt: Attempt): Doubt | null {
  if (attempt.ended === 'loop' || attempt.compressionRatio > COMPRESSION_RATIO_THRESHOLD) return 'repetition';
  if (SUSPICIOUS.test(attempt.text.replace(/[^\p{L}\p{N}]/gu, ''))) return 'repetition';
  if (attempt.averageLogProbability < LOG_PROBABILITY_THRESHOLD) return 'low-probability';
  if (attempt.noSpeechProbability > NO_SPEECH_THRESHOLD) return 'maybe-no-speech';
  return null;
}

/**
 * So many seconds of detected speech do not come out blank where Whisper itself gives no-speech a probability under the
 * second number. Choices, both far on the safe side: the detection takes a shout or a cough for a second of speech now and
 * then, and of speech Whisper says 0.6 and more (see `SURE_OF_SPEECH`), so the two together are met by a GPU that gives
 * nothing at all.
 */
const CLEAR_SPEECH_SECONDS = 2;
const SURELY_NOT_SILENT = 0.1;

/**
 * Output that no hearing of any sound gives: a GPU can succeed with garbage, blank text or "!!!!!!". A word that is
 * repeated is none of it: people do repeat a word, and Whisper does so by itself.
 * @param speechSeconds speech the voice activity detection found in the window; null: not known
 */
export function cannotBeRight(
  attempt: Pick<Attempt, 'text' | 'noSpeechProbability' | 'averageLogProbability'>,
  speechSeconds: number | null,
): boolean {
  const text = attempt.text.replace(/\s/g, '');
  if (Number.isNaN(attempt.averageLogProbability) || Number.isNaN(attempt.noSpeechProbability)) return true;
  // Four dots or notes are written for a pause or music; marks of exclamation alone are what zeroed logits give.
  if (/^(?:!{4,}|([^\p{L}\p{N}])\1{4,})$/u.test(text)) return true;
  if (text !== '') return false;
  return (
    speechSeconds !== null && speechSeconds >= CLEAR_SPEECH_SECONDS && attempt.noSpeechProbability < SURELY_NOT_SILENT
  );
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
