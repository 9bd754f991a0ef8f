/**
 * Who speaks when, read from the cues of a transcript: what a person has corrected counts, and so do speakers that nobody
 * has told by their voices, as those of two channels. Pure.
 */
import type { Cue, SpeakerTurn } from '../../workers/protocol.ts';

/** Words with no more than this between them are one turn. Seconds. */
const BREATH = 0.5;

export type Spoken = {
  /** Sorted by start. */
  turns: SpeakerTurn[];
  /** Where more than one speaks: who else, for as long as the cue lasts. */
  others: SpeakerTurn[];
};

/** @param cues sorted by start */
export function spokenIn(cues: readonly Cue[]): Spoken {
  const turns: SpeakerTurn[] = [];
  const others: SpeakerTurn[] = [];
  for (const { speaker, start, end, words = [], alsoSpeaking = [] } of cues) {
    for (const other of alsoSpeaking) others.push({ speaker: other, start, end });
    if (speaker === undefined) continue;
    for (const span of words.length > 0 ? words : [{ start, end }]) {
      const open = turns.at(-1);
      if (open?.speaker === speaker && span.start - open.end <= BREATH) {
        open.end = Math.max(open.end, span.end);
      } else {
        turns.push({ speaker, start: span.start, end: span.end });
      }
    }
  }
  return { turns: turns.sort((a, b) => a.start - b.start), others };
}
