/** Which of the ways a transcript was made still count. Pure. */
import type { Making } from './making.ts';

/** Those of which something is left: a stretch that was heard again counts as long as one of its cues is there. */
export function madeOf(made: readonly Making[], cues: readonly { again?: number }[]): Making[] {
  const left = new Set(cues.map(({ again }) => again));
  return made.filter(({ at, part }) => part === undefined || left.has(at));
}
