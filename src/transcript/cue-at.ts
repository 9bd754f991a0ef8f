/** Which cue, and which of its words, sounds at a moment. */
import type { Cue, Word } from '../../workers/protocol.ts';

/** A media element rounds where it is sent: a cue that starts there must still be found. */
const ROUNDING_SECONDS = 0.02;

/** Index of the cue that sounds at `seconds`, -1 in between. `cues` are sorted by start. */
export function cueAt(cues: readonly Pick<Cue, 'start' | 'end'>[], seconds: number): number {
  const at = seconds + ROUNDING_SECONDS;
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cues[middle].start <= at) low = middle + 1;
    else high = middle;
  }
  const cue = cues[low - 1];
  return cue !== undefined && seconds < cue.end ? low - 1 : -1;
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
