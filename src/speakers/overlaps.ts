/** Where more than one speaks at the same time. Pure. */
import type { SpeakerTurn } from '../../workers/protocol.ts';

export type Span = { start: number; end: number };

/** @param turns sorted by start @returns sorted, none touching another */
export function overlapsOf(turns: readonly SpeakerTurn[]): Span[] {
  const overlaps: Span[] = [];
  /** Up to here somebody talks. */
  let latest = -Infinity;
  for (const { start, end } of turns) {
    const until = Math.min(latest, end);
    if (start < until) {
      const last = overlaps.at(-1);
      if (last !== undefined && start <= last.end) last.end = Math.max(last.end, until);
      else overlaps.push({ start, end: until });
    }
    latest = Math.max(latest, end);
  }
  return overlaps;
}
