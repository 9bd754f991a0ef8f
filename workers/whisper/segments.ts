/**
 * From a window's tokens to segments (openai/whisper transcribe.py, the loop over consecutive timestamps, lines 351-392).
 * Our windows are independent and never seek, so an open last segment ends with the window's sound.
 */
import type { Doubt } from '../protocol';
import type { TimeRange } from '../speech/ranges';
import type { FileClock } from '../speech/windows';
import type { SpecialTokens } from './tokens';

/**
 * A stretch between two times, in seconds of the window. `at`: where its first word token stands among the window's
 * tokens; they are contiguous.
 */
export type Segment = { start: number; end: number; tokens: number[]; at: number; doubt?: Doubt };

/**
 * @param tokens without prompt and end-of-text
 * @param timeStep seconds per step of the timestamp clock
 * @param seconds length of the window's sound: no time lies beyond it
 * @param speech where there is speech, on the window's clock; null: not known
 */
export function segmentsOf(
  tokens: readonly number[],
  special: Pick<SpecialTokens, 'timestampBegin' | 'endOfText'>,
  timeStep: number,
  seconds: number,
  speech: readonly TimeRange[] | null = null,
): Segment[] {
  const segments: Segment[] = [];
  const clamp = (time: number): number => Math.min(Math.max(time, 0), seconds);
  let start = 0;
  let at = 0;
  let words: number[] = [];
  const close = (end: number): void => {
    if (words.length > 0) segments.push({ start: clamp(start), end: clamp(Math.max(start, end)), tokens: words, at });
    words = [];
  };
  for (const [index, id] of tokens.entries()) {
    if (id >= special.timestampBegin) {
      const time = (id - special.timestampBegin) * timeStep;
      close(time);
      start = time;
    } else if (id < special.endOfText) {
      if (words.length === 0) at = index;
      words.push(id);
    }
  }
  close(seconds);
  return speech === null ? segments : segments.map((segment) => ({ ...segment, start: onset(segment, speech) }));
}

/** Before a word there is a breath or a lip: so much sooner than the detected speech a segment may begin, seconds. */
const LEAD = 0.1;
/** Whisper's times and the detection's differ by so much without either being wrong, seconds. */
const AGREEMENT = 0.3;

/**
 * When a segment's speech begins. Whisper lets the first segment of a window begin at most a second into it, and others
 * where the one before has ended, however long the silence in front of the words is: the detection knows better.
 */
function onset({ start, end }: Segment, speech: readonly TimeRange[]): number {
  const first = speech.find((region) => region.end > start);
  if (!first || first.start - start <= AGREEMENT || first.start >= end) return start;
  return first.start - LEAD;
}

/** The segment's two ends lie in different pieces of the file: a left-out silence is in its middle. */
export function straddles(segment: Segment, clock: FileClock): boolean {
  return clock.piece(segment.start, 'start') < clock.piece(segment.end, 'end');
}
