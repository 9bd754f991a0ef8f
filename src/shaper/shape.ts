/**
 * Cues into subtitles: the words of neighbouring cues are cut anew at sentences and phrases, broken into lines, and timed
 * so that they can be read. No word is changed, lost or cut. Pure.
 */
import { flatMapping } from '../mapping.ts';
import { atOnce } from '../slices.ts';
import { violationsOf, type Violation } from './check.ts';
import { cuts, measureOf } from './cut.ts';
import type { Limits } from './limits.ts';
import { lineBreaks, textOf, widthOf } from './lines.ts';
import { endsSentence } from './phrases.ts';
import { glueBetween, piecesOf, weighed, type Piece, type ShapedCue } from './pieces.ts';
import { columnsOf, isFullWidth } from './columns.ts';
import { retiming } from './retime.ts';
import type { Shaped } from './shaped.ts';

type ShapeOptions = {
  limits: Limits;
  /** Seconds of the recording, where they are known: no subtitle is shown longer. */
  endSeconds?: number | null;
  /** What stands before the first words of a speaker in the text itself, as "Anna:"; without it nothing does. */
  label?: (speaker: string) => string;
};

/** A silence this long always ends a subtitle. */
const PAUSE_MS = 1500;
/** So much is cut in one step: about three minutes of speech, some milliseconds of work. */
const STEP_PIECES = 500;
/** A stretch that has grown to this ends at the next sentence's end, so that no step grows with the recording. */
const LONG_STRETCH = 1000;

type Violated = { index: number; violations: Violation[] };

/** Cues of one speaker and one width of script without a long silence. */
type Stretch = { pieces: Piece[]; speaker: string | undefined; fullWidth: boolean };

/** All at once; ten hours of speech take two seconds (two cores, 26 November 2026). */
export function shape(cues: readonly ShapedCue[], options: ShapeOptions): Shaped[] {
  return atOnce(shaping(cues, options));
}

/** Step by step, for callers that let the page draw in between. A step takes a few milliseconds. */
export function* shaping(cues: readonly ShapedCue[], options: ShapeOptions): Generator<void, Shaped[]> {
  const { limits, label } = options;
  const shaped: Shaped[] = [];
  let latest = 0;
  let speaker: string | undefined;
  let waiting: Stretch | null = null;
  const settle = function* (next: Stretch | null): Generator<void, void> {
    if (waiting !== null) {
      const named = waiting.speaker !== undefined && waiting.speaker !== speaker ? label?.(waiting.speaker) : undefined;
      speaker = waiting.speaker;
      yield* cutStretch(withLabel(waiting, named, limits), limits, next?.pieces[0].startMs ?? Infinity, shaped);
    }
    waiting = next;
  };
  for (const stretch of stretches(cues)) {
    yield* settle(stretch);
    latest = Math.max(latest, stretch.pieces.at(-1)?.endMs ?? 0);
  }
  yield* settle(null);
  const { endSeconds } = options;
  const endMs = endSeconds === null || endSeconds === undefined ? latest : Math.round(endSeconds * 1000);
  return yield* retiming(shaped, limits, endMs);
}

/** Subtitles with the limits they break. */
export function listViolations(shaped: readonly Shaped[], limits: Limits): Violated[] {
  return atOnce(listing(shaped, limits));
}

/** The same in steps of some milliseconds. */
export function* listing(shaped: readonly Shaped[], limits: Limits): Generator<void, Violated[]> {
  return yield* flatMapping(shaped, (subtitle, index) => {
    const violations = violationsOf(subtitle, shaped[index + 1], limits);
    return violations.length > 0 ? [{ index, violations }] : [];
  });
}

function* stretches(cues: readonly ShapedCue[]): Generator<Stretch> {
  const sorted = cues.every((cue, index) => index === 0 || cues[index - 1].start <= cue.start)
    ? cues
    : cues.toSorted((a, b) => a.start - b.start);
  let open: Stretch | null = null;
  for (const cue of sorted) {
    const pieces = piecesOf(cue);
    if (pieces.length === 0) continue;
    const fullWidth = isFullWidth(cue.text);
    if (open !== null && open.speaker === cue.speaker && open.fullWidth === fullWidth && follows(pieces[0], open)) {
      pieces[0].glue = glueBetween(open.pieces.at(-1)?.text ?? '', pieces[0].text);
      open.pieces.push(...pieces);
    } else {
      if (open !== null) yield open;
      open = { pieces, speaker: cue.speaker, fullWidth };
    }
  }
  if (open !== null) yield open;
}

function follows(first: Piece, { pieces }: Stretch): boolean {
  const last = pieces[pieces.length - 1];
  const isFull = pieces.length > LONG_STRETCH && (endsSentence(last.text) || pieces.length > LONG_STRETCH * 2);
  return !isFull && first.startMs >= last.startMs && first.startMs - last.endMs < PAUSE_MS;
}

/** The label is a part of the first word, or a piece of its own where both do not fit into a line. */
function withLabel(stretch: Stretch, label: string | undefined, limits: Limits): Stretch {
  if (label === undefined || label === '') return stretch;
  const [first, ...rest] = stretch.pieces;
  const columns = columnsOf(label);
  if (columns + 1 + first.columns <= measureOf(stretch.fullWidth, limits).perLine) {
    const named: Piece = { ...first, text: `${label} ${first.text}`, columns: columns + 1 + first.columns };
    return { ...stretch, pieces: [named, ...rest] };
  }
  const named: Piece = { text: label, glue: '', columns, breakCost: 0, startMs: first.startMs, endMs: first.startMs };
  return { ...stretch, pieces: [named, { ...first, glue: ' ' }, ...rest] };
}

/** A long stretch is cut in parts, each of which ends where a subtitle does. */
function* cutStretch(
  { pieces, speaker, fullWidth }: Stretch,
  limits: Limits,
  nextMs: number,
  shaped: Shaped[],
): Generator<void, void> {
  const measure = measureOf(fullWidth, limits);
  let from = 0;
  while (from < pieces.length) {
    const to = Math.min(pieces.length, from + STEP_PIECES);
    const part = weighed(pieces.slice(from, to));
    const last = to === pieces.length;
    const starts = cuts(part, limits, measure, last ? nextMs : pieces[to].startMs);
    // What the part's end has cut short is cut again with what follows.
    const kept = last || starts.length < 2 ? starts.length : starts.length - 1;
    for (let index = 0; index < kept; index += 1) {
      const { lines, widths, words } = laidOut(part, starts[index], starts[index + 1] ?? part.length, measure.perLine);
      const { startMs } = words[0];
      const { endMs } = words[words.length - 1];
      shaped.push({ startMs, endMs, lines, widths, words, fullWidth, ...(speaker !== undefined && { speaker }) });
    }
    from = kept === starts.length ? to : from + starts[kept];
    yield;
  }
}

function laidOut(
  pieces: readonly Piece[],
  from: number,
  to: number,
  perLine: number,
): Pick<Shaped, 'lines' | 'widths' | 'words'> {
  const breaks = new Set(lineBreaks(pieces, from, to, perLine));
  const begins = [from, ...breaks];
  const endOf = (index: number) => begins[index + 1] ?? to;
  return {
    lines: begins.map((begin, index) => textOf(pieces, begin, endOf(index))),
    widths: begins.map((begin, index) => widthOf(pieces, begin, endOf(index))),
    words: pieces.slice(from, to).map(({ text, glue, startMs, endMs }, index) => ({
      ...{ text, startMs, endMs },
      glue: index === 0 ? '' : breaks.has(from + index) ? '\n' : glue,
    })),
  };
}
