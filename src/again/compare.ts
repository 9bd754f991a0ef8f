/** Two hearings of the same stretch laid beside each other: what belongs together in a row, and which words differ. Pure. */
import { keyOf, match } from '../alignment/match.ts';
import type { EditableCue } from '../queue/job.ts';
import { tokensOf } from '../words/word-times.ts';
import type { FreshCue } from './hear-range.ts';

/** A run of a text. `differs`: the other hearing has other words there, or none. */
export type Run = { text: string; differs: boolean };

/** Cues of both hearings of the same moments. Either side may be empty, not both. */
export type Row = {
  start: number;
  end: number;
  old: readonly EditableCue[];
  fresh: readonly FreshCue[];
  oldRuns: readonly Run[];
  freshRuns: readonly Run[];
  /** Both say the same, to the letter. */
  same: boolean;
};

/** Where one hearing has a border and a cue of the other one reaches over it by no more than this, it is a border of both, seconds. */
const LEEWAY = 0.35;

/**
 * @param old cues of the transcript in a stretch, sorted
 * @param fresh of the same stretch, sorted
 */
export function compare(old: readonly EditableCue[], fresh: readonly FreshCue[]): Row[] {
  return rowsOf(old, fresh).map(([before, after]) => {
    const said = before.map(({ text }) => text.trim()).join(' ');
    const heard = after.map(({ text }) => text.trim()).join(' ');
    const [oldRuns, freshRuns] = runsOf(said, heard);
    const cues = [...before, ...after];
    return {
      start: Math.min(...cues.map(({ start }) => start)),
      end: Math.max(...cues.map(({ end }) => end)),
      ...{ old: before, fresh: after, oldRuns, freshRuns, same: said === heard },
    };
  });
}

/** Both lists cut wherever neither has a cue that goes on. */
function rowsOf(
  old: readonly EditableCue[],
  fresh: readonly FreshCue[],
): [readonly EditableCue[], readonly FreshCue[]][] {
  const all = [
    ...old.map((cue) => ({ cue, old: cue, fresh: null })),
    ...fresh.map((cue) => ({ cue, old: null, fresh: cue })),
  ].sort((one, other) => one.cue.start - other.cue.start || one.cue.end - other.cue.end);
  const rows: [EditableCue[], FreshCue[]][] = [];
  let end = -Infinity;
  for (const { cue, old: before, fresh: after } of all) {
    const last = rows.at(-1);
    const leeway = Math.min(LEEWAY, (cue.end - cue.start) / 2);
    const row: [EditableCue[], FreshCue[]] = last === undefined || cue.start >= end - leeway ? [[], []] : last;
    if (row !== last) rows.push(row);
    if (before !== null) row[0].push(before);
    if (after !== null) row[1].push(after);
    end = Math.max(end, cue.end);
  }
  return rows;
}

/** Both texts in runs; words that are paired are the same only to the letter. */
export function runsOf(old: string, fresh: string): [Run[], Run[]] {
  const [said, heard] = [tokensOf(old), tokensOf(fresh)];
  const pairs = match(said.map(keyOf), heard.map(keyOf));
  const isSame = new Set<number>();
  const same = said.map((word, index) => {
    const place = pairs[index];
    if (place < 0 || heard[place] !== word) return false;
    isSame.add(place);
    return true;
  });
  return [runs(old, said, (index) => !same[index]), runs(fresh, heard, (index) => !isSame.has(index))];
}

/** A text cut where its words begin or cease to differ; the runs together are the text. */
function runs(text: string, tokens: readonly string[], differs: (index: number) => boolean): Run[] {
  const found: Run[] = [];
  let at = 0;
  tokens.forEach((token, index) => {
    const to = text.indexOf(token, at) + token.length;
    const last = found.at(-1);
    const other = differs(index);
    if (last !== undefined && last.differs === other) last.text += text.slice(at, to);
    else found.push({ text: text.slice(at, to), differs: other });
    at = to;
  });
  return found;
}

/** The speaker of each fresh cue that names nobody: whoever said most of the old words of its time. */
export function withSpeakers(old: readonly EditableCue[], fresh: readonly FreshCue[]): FreshCue[] {
  const shared = (one: FreshCue, other: EditableCue) => Math.min(one.end, other.end) - Math.max(one.start, other.start);
  return fresh.map((cue) => {
    if (cue.speaker !== undefined) return cue;
    let [most, least] = [undefined as EditableCue | undefined, 0];
    for (const other of old) if (shared(cue, other) > least) [most, least] = [other, shared(cue, other)];
    return most?.speaker === undefined ? cue : { ...cue, speaker: most.speaker };
  });
}
