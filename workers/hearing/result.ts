/** From a window's tokens to what the page gets of it. */
import type { Tensor } from 'onnxruntime-common';
import type { Cue, Doubt, WindowResult } from '../protocol';
import { fileClock } from '../speech/windows';
import { cuesFromSegments } from '../whisper/cues';
import { doubtOf, isSilence, isUnlikely, type Attempt } from '../whisper/fallback';
import type { Language } from '../whisper/language';
import { segmentsOf, straddles, type Segment } from '../whisper/segments';
import { wordsOf } from '../whisper/words';
import { speechSecondsOf, type JobContext, type Prepared } from './context';
import { promptFor } from './prompt';

/** A doubt already there says more than the one given. */
export function marked(result: WindowResult, doubt: Doubt): WindowResult {
  return { ...result, cues: result.cues.map((cue) => ({ ...cue, doubt: cue.doubt ?? doubt })) };
}

/**
 * @param hidden encoder output of the batch
 * @param ownRow makes this window's row of it, to be disposed; null: the batch is this window
 */
export async function resultOf(
  { model, request, safetyNets, stages }: JobContext,
  prepared: Prepared,
  attempt: Attempt,
  { language, probability }: Language,
  hidden: Tensor,
  ownRow: (() => Tensor) | null,
): Promise<WindowResult> {
  const { window, seconds } = prepared;
  const { tokens: special, text, timeStep, mel } = model;
  const clock = fileClock(window, mel.sampleRate);
  const silent = safetyNets && isSilence(attempt, speechSecondsOf(prepared));
  const segments = (silent ? [] : segmentsOf(attempt.tokens, special, timeStep, seconds, prepared.speech)).map(
    (segment): Segment => {
      const own = attempt.logProbabilities.slice(segment.at, segment.at + segment.tokens.length);
      if (!safetyNets) return segment;
      if (isUnlikely(own)) return { ...segment, doubt: 'low-probability' };
      return isBesideSpeech(segment, prepared.speech) ? segment : { ...segment, doubt: 'maybe-no-speech' };
    },
  );
  let words: Awaited<ReturnType<typeof wordsOf>> | null = null;
  // A segment over a left-out silence is split at it, and only its words tell where.
  if (segments.length > 0 && (request.words || segments.some((segment) => straddles(segment, clock)))) {
    const began = performance.now();
    const row = ownRow?.() ?? hidden;
    try {
      const prompt = promptFor(model, request, language);
      words = await wordsOf(model, row, prompt, attempt.tokens, segments, language, seconds);
    } finally {
      if (ownRow) row.dispose();
    }
    stages.wordsMs += performance.now() - began;
  }
  const result: WindowResult = {
    index: window.index,
    startSample: window.pieces[0].start,
    endSample: window.pieces.at(-1)!.end,
    cues: cuesFromSegments(segments, text, clock, words, request.words),
    tokens: attempt.tokens,
    language,
    languageProbability: probability,
    noSpeechProbability: attempt.noSpeechProbability,
    averageLogProbability: attempt.averageLogProbability,
    compressionRatio: attempt.compressionRatio,
    temperature: attempt.temperature,
    backend: model.backend,
  };
  if (!safetyNets) return result;
  const doubt = doubtOf(attempt);
  if (doubt !== null) return marked(result, doubt);
  // Words without a length were put behind the window's sound, where there only is padding.
  const cues = result.cues.map((cue): Cue =>
    cue.end > cue.start ? cue : { ...cue, doubt: cue.doubt ?? 'maybe-no-speech' },
  );
  return { ...result, cues };
}

/** Whisper's times and the detection's may differ by so much, seconds. */
const BESIDE = 0.5;

/** Some speech was detected where the segment is. */
function isBesideSpeech({ start, end }: Segment, speech: Prepared['speech']): boolean {
  return speech === null || speech.some((region) => region.end > start - BESIDE && region.start < end + BESIDE);
}
