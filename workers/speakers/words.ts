/**
 * From turns to cues: each word gets the speaker who is active at its time, and a cue is split where the speaker changes.
 * Pure, and of times only; a cue without words is never split, it gets the speaker of most of its time.
 */
import type { CueLabels, CueTimes, SpeakerTurn } from '../protocol';

/** What another speaker says for less than this within somebody's words is a "mhm": no cue of its own. Seconds. */
const SHORTEST_INTERJECTION = 0.5;
/** It stands alone where so much silence lies between it and the words before and after it. Seconds. */
const ALONE = 0.5;
/** A word between two turns belongs to the nearest one if that is no further away. Times of words err by as much. Seconds. */
const NEAR = 1;
/** Two who speak at the same time for less than this are no overlap worth a mark: one lets the other begin. Seconds. */
const SHORTEST_OVERLAP = 0.3;

type Span = { start: number; end: number };
/** A stretch of words by one speaker, [from, to) among the cue's words. */
type Run = { speaker: string | null; from: number; to: number };

/**
 * @param times of cues sorted by start
 * @param turns sorted by start; those of different speakers may overlap
 * @returns the parts of each cue; a part is nobody's where nobody was heard near
 */
export function labelsOf(times: CueTimes, turns: readonly SpeakerTurn[]): CueLabels {
  const clock = new TurnClock(turns);
  const numbers = new Map<string, number>();
  const numberOf = (speaker: string): number => {
    if (!numbers.has(speaker)) numbers.set(speaker, numbers.size);
    return numbers.get(speaker)!;
  };
  const parts: { cue: number; end: number; speaker: number }[] = [];
  const others: number[] = [];
  const put = (cue: number, { to, speaker }: Run, span: Span): void => {
    if (speaker !== null)
      for (const other of clock.othersDuring(span, speaker)) others.push(parts.length, numberOf(other));
    parts.push({ cue, end: to, speaker: speaker === null ? -1 : numberOf(speaker) });
  };
  let first = 0;
  for (const [index, count] of times.wordCounts.entries()) {
    const cue = spanAt(times.spans, index);
    const words = Array.from({ length: count }, (_, i) => spanAt(times.words, first + i));
    first += count;
    if (count === 0) {
      put(index, { speaker: clock.speakerOf(cue, null), from: 0, to: 0 }, cue);
      continue;
    }
    const before = index > 0 ? spanAt(times.spans, index - 1).end : -Infinity;
    const after = index + 1 < times.wordCounts.length ? spanAt(times.spans, index + 1).start : Infinity;
    const runs = withoutInterjections(runsOf(words, clock), words, before, after);
    for (const [at, run] of runs.entries())
      put(index, run, {
        start: at === 0 ? cue.start : words[run.from].start,
        end: at === runs.length - 1 ? cue.end : words[run.to - 1].end,
      });
  }
  return {
    names: [...numbers.keys()],
    cues: Uint32Array.from(parts, ({ cue }) => cue),
    ends: Uint32Array.from(parts, ({ end }) => end),
    speakers: Int32Array.from(parts, ({ speaker }) => speaker),
    others: Uint32Array.from(others),
  };
}

function spanAt(spans: Float64Array, index: number): Span {
  return { start: spans[2 * index], end: spans[2 * index + 1] };
}

/** Runs of words by one speaker; a word that nobody is near to goes with the word before it. */
function runsOf(words: readonly Span[], clock: TurnClock): Run[] {
  const runs: Run[] = [];
  for (const [index, word] of words.entries()) {
    const last = runs.at(-1);
    const speaker = clock.speakerOf(word, last?.speaker ?? null) ?? last?.speaker ?? null;
    if (last && (last.speaker === speaker || last.speaker === null)) {
      last.to = index + 1;
      last.speaker = speaker;
    } else runs.push({ speaker, from: index, to: index + 1 });
  }
  return runs;
}

/** Gives short runs to their neighbour, the shortest first, until none is left that does not stand alone. */
function withoutInterjections(runs: Run[], words: readonly Span[], cueBefore: number, cueAfter: number): Run[] {
  const left = runs.map((run) => ({ ...run }));
  const startOf = (run: Run) => words[run.from].start;
  const endOf = (run: Run) => words[run.to - 1].end;
  for (;;) {
    if (left.length === 1) return left;
    let shortest = -1;
    let seconds = SHORTEST_INTERJECTION;
    for (const [index, run] of left.entries()) {
      const gapBefore = startOf(run) - (index > 0 ? endOf(left[index - 1]) : cueBefore);
      const gapAfter = (index < left.length - 1 ? startOf(left[index + 1]) : cueAfter) - endOf(run);
      if (gapBefore >= ALONE && gapAfter >= ALONE) continue;
      // Floating point: 10.5 - 10 is no less than 0.5, and 10.3 - 9.8 must not be either.
      const length = Math.round((endOf(run) - startOf(run)) * 1000) / 1000;
      if (length < seconds) [shortest, seconds] = [index, length];
    }
    if (shortest < 0) return left;
    const [before, run, after] = [left[shortest - 1], left[shortest], left[shortest + 1]];
    const gapBefore = before ? startOf(run) - endOf(before) : Infinity;
    const gapAfter = after ? startOf(after) - endOf(run) : Infinity;
    if (before && gapBefore <= gapAfter) before.to = run.to;
    else after.from = run.from;
    left.splice(shortest, 1);
    // The two around it may be the same speaker's.
    for (let i = left.length - 1; i > 0; i--) {
      if (left[i].speaker !== left[i - 1].speaker) continue;
      left[i - 1].to = left[i].to;
      left.splice(i, 1);
    }
  }
}

/** Turns looked up by time, each lookup in the order of those that are near. */
class TurnClock {
  readonly #turns: readonly SpeakerTurn[];
  /** The latest end of the turns up to each: how far back one has to look. */
  readonly #reach: Float64Array;

  constructor(turns: readonly SpeakerTurn[]) {
    this.#turns = turns;
    this.#reach = new Float64Array(turns.length);
    let latest = -Infinity;
    for (const [index, { end }] of turns.entries()) this.#reach[index] = latest = Math.max(latest, end);
  }

  /** Who is active for most of [start, end]; `current`, who spoke before, where it is a tie; the nearest if nobody is. */
  speakerOf({ start, end }: Span, current: string | null): string | null {
    const shares = new Map<string, number>();
    let nearest: string | null = null;
    let distance = NEAR;
    for (const turn of this.#near(start - NEAR, end + NEAR)) {
      const shared = Math.min(end, turn.end) - Math.max(start, turn.start);
      if (shared > 0 || (start === end && shared === 0))
        shares.set(turn.speaker, (shares.get(turn.speaker) ?? 0) + shared);
      else if (-shared < distance) [nearest, distance] = [turn.speaker, -shared];
    }
    let best: string | null = null;
    for (const [speaker, shared] of shares) {
      const most = best === null ? -1 : shares.get(best)!;
      if (shared > most + 1e-6 || (Math.abs(shared - most) <= 1e-6 && speaker === current)) best = speaker;
    }
    return best ?? nearest;
  }

  /** Who else speaks while `speaker` does, in the order of beginning. */
  othersDuring({ start, end }: Span, speaker: string): string[] {
    const within = [...this.#near(start, end)].map((turn) => ({
      speaker: turn.speaker,
      start: Math.max(start, turn.start),
      end: Math.min(end, turn.end),
    }));
    const own = within.filter((turn) => turn.speaker === speaker);
    const shares = new Map<string, number>();
    for (const other of within) {
      if (other.speaker === speaker) continue;
      const shared = own.reduce(
        (sum, turn) => sum + Math.max(0, Math.min(turn.end, other.end) - Math.max(turn.start, other.start)),
        0,
      );
      shares.set(other.speaker, (shares.get(other.speaker) ?? 0) + shared);
    }
    return [...shares].filter(([, shared]) => shared >= SHORTEST_OVERLAP).map(([other]) => other);
  }

  *#near(start: number, end: number): Generator<SpeakerTurn> {
    let [low, high] = [0, this.#turns.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#reach[middle] < start) low = middle + 1;
      else high = middle;
    }
    for (let i = low; i < this.#turns.length && this.#turns[i].start <= end; i++)
      if (this.#turns[i].end >= start) yield this.#turns[i];
  }
}
