/** Which stretch of a recording is heard again: whole cues, since half of one has no place to go. Pure. */
import type { EditableCue } from '../queue/job.ts';

/** Seconds of the file. */
export type Stretch = { start: number; end: number };

/** Room for the first and the last consonant, where no other cue is, seconds. */
const ROOM = 0.3;

/** The cues that sound between two moments; those that only touch one of them do not. */
export function cuesIn<C extends Stretch>(cues: readonly C[], { start, end }: Stretch): C[] {
  return cues.filter((cue) => cue.start < end && (cue.end > start || (cue.end === cue.start && cue.start >= start)));
}

/** What is asked for, widened to the whole of the cues that it touches. */
export function widened(cues: readonly Stretch[], asked: Stretch): Stretch {
  const inside = cuesIn(cues, asked);
  return {
    start: Math.min(asked.start, ...inside.map((cue) => cue.start)),
    end: Math.max(asked.end, ...inside.map((cue) => cue.end)),
  };
}

/**
 * The sound to hear for it: a little more than its cues, as far as that is nobody else's.
 * @param length of the recording, seconds; null: not known
 */
export function soundFor(cues: readonly EditableCue[], stretch: Stretch, length: number | null): Stretch {
  const own = new Set(cuesIn(cues, stretch));
  const others = cues.filter((cue) => !own.has(cue));
  const before = Math.max(0, ...others.map(({ end }) => end).filter((end) => end <= stretch.start));
  const behind = Math.min(
    length ?? Infinity,
    ...others.map(({ start }) => start).filter((start) => start >= stretch.end),
  );
  return {
    start: Math.max(Math.min(before, stretch.start), stretch.start - ROOM),
    end: Math.min(Math.max(behind, stretch.end), stretch.end + ROOM),
  };
}
