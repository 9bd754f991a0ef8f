/**
 * From a window's tokens to cues (openai/whisper transcribe.py, the loop over consecutive timestamps, lines 351-392).
 * Our windows are independent and never seek, so an open last segment ends with the window's sound.
 */
import type { Cue } from '../protocol';
import type { TextCodec } from './model';
import type { SpecialTokens } from './tokens';

/** A stretch between two times, in seconds of the window. */
export type Segment = { start: number; end: number; tokens: number[] };

/**
 * @param tokens without prompt and end-of-text
 * @param timeStep seconds per step of the timestamp clock
 * @param seconds length of the window's sound: no time lies beyond it
 */
export function segmentsOf(
  tokens: readonly number[],
  special: Pick<SpecialTokens, 'timestampBegin' | 'endOfText'>,
  timeStep: number,
  seconds: number,
): Segment[] {
  const segments: Segment[] = [];
  const clamp = (time: number): number => Math.min(Math.max(time, 0), seconds);
  let start = 0;
  let words: number[] = [];
  const close = (end: number): void => {
    if (words.length > 0) segments.push({ start: clamp(start), end: clamp(Math.max(start, end)), tokens: words });
    words = [];
  };
  for (const id of tokens) {
    if (id >= special.timestampBegin) {
      const time = (id - special.timestampBegin) * timeStep;
      close(time);
      start = time;
    } else if (id < special.endOfText) {
      words.push(id);
    }
  }
  close(seconds);
  return segments;
}

/**
 * @param toFile seconds in the window to seconds in the file; must not decrease
 * @returns cues with words in them only, sorted, inside the window
 */
export function cuesOf(
  segments: readonly Segment[],
  text: TextCodec,
  toFile: (seconds: number, edge: 'start' | 'end') => number,
): Cue[] {
  return segments.flatMap((segment): Cue[] => {
    const words = text.decode(segment.tokens).trim();
    if (words === '') return [];
    const start = milliseconds(toFile(segment.start, 'start'));
    return [{ start, end: Math.max(start, milliseconds(toFile(segment.end, 'end'))), text: words }];
  });
}

/** Whole milliseconds: 114 steps of 0.02 s are 2.2800000000000002 s, which no person needs to see. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
