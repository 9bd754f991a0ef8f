/** Which cue, and which of its words, sounds at a moment. */
import type { Word } from '../../workers/protocol.ts';
import type { EditableCue } from '../queue/job.ts';
import type { CueOrder } from './cue-order.ts';

/** A media element rounds where it is sent: what starts there must still be found. */
const ROUNDING_SECONDS = 0.02;

/** The cue that sounds at `seconds`, null in between. O(log n). */
export function cueAt(cues: Pick<CueOrder, 'lastFrom'>, seconds: number): EditableCue | null {
  const cue = cues.lastFrom(seconds + ROUNDING_SECONDS);
  return cue !== null && seconds < cue.end ? cue : null;
}

/** Where the word that sounds at `seconds` stands in `text`; null in a pause, or where the text was changed. */
export function wordAt(
  text: string,
  words: readonly Word[] | undefined,
  seconds: number,
): { from: number; to: number } | null {
  const at = seconds + ROUNDING_SECONDS;
  let searchFrom = 0;
  for (const word of words ?? []) {
    const spoken = word.text.trim();
    const from = spoken === '' ? -1 : text.indexOf(spoken, searchFrom);
    const sounds = word.start <= at && seconds < word.end;
    if (sounds) return from === -1 ? null : { from, to: from + spoken.length };
    if (from !== -1) searchFrom = from + spoken.length;
  }
  return null;
}
