/**
 * A long transcript in blocks. A ten-hour one has 10,000 cues; as one list every new cue cost 50 ms of comparing and
 * laying out (Chromium, two cores, 23 November 2026). A block that did not change is the same array as before, so
 * nothing in it is looked at, and one that is off the screen is not laid out.
 */
import type { EditableCue } from '../queue/job.ts';

export const CUES_PER_BLOCK = 50;

/** @param before what this function gave the last time; empty the first time */
export function blocks(
  cues: readonly EditableCue[],
  before: readonly (readonly EditableCue[])[],
): readonly (readonly EditableCue[])[] {
  const count = Math.ceil(cues.length / CUES_PER_BLOCK);
  return Array.from({ length: count }, (_, index) => {
    const first = index * CUES_PER_BLOCK;
    const length = Math.min(CUES_PER_BLOCK, cues.length - first);
    const old = before[index];
    const same = old?.length === length && old.every((cue, place) => cue === cues[first + place]);
    return same ? old : cues.slice(first, first + length);
  });
}
