/** Words that the model was not sure of. Pure. */
import type { EditableCue } from '../queue/job.ts';
import type { CueOrder } from './cue-order.ts';
import type { Place } from './history.ts';
import { spansOf, type Span } from '../words/word-times.ts';

/** Below this probability a word is doubtful, to begin with. */
export const FIRST_THRESHOLD = 0.5;

/** Where the doubtful words of a cue stand. A cue that is doubted as a whole and has no word times is doubtful all over. */
export function doubtsIn(cue: EditableCue, threshold: number): Span[] {
  if (cue.words === undefined || cue.words.length === 0) {
    return cue.doubt !== undefined && !cue.edited ? [{ from: 0, to: cue.text.length }] : [];
  }
  const { words } = cue;
  return spansOf(cue.text, words).filter(({ from, to }, index) => words[index].probability < threshold && to > from);
}

/**
 * The next doubtful word, or the one before (`by` -1), from a place on; at the end of the transcript the search goes on at
 * its other end. Null where nothing is doubtful.
 */
export function nextDoubt(
  cues: Pick<CueOrder, 'get' | 'first' | 'blocks' | 'neighbour' | 'size'>,
  from: Place | null,
  threshold: number,
  by: 1 | -1,
): (Place & { to: number }) | null {
  const end = (which: 1 | -1) => (which === 1 ? cues.first() : (cues.blocks.at(-1)?.cues.at(-1) ?? null));
  let cue = (from && cues.get(from.id)) ?? end(by);
  const edge = by === 1 ? -1 : Infinity;
  let at = from !== null && cue?.id === from.id ? from.at : edge;
  for (let seen = 0; cue !== null && seen <= cues.size; seen += 1) {
    const doubts = doubtsIn(cue, threshold);
    const found = by === 1 ? doubts.find((doubt) => doubt.from > at) : doubts.findLast((doubt) => doubt.from < at);
    if (found !== undefined) return { id: cue.id, at: found.from, to: found.to };
    cue = cues.neighbour(cue, by) ?? end(by);
    at = edge;
  }
  return null;
}
