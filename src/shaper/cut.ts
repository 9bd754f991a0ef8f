/**
 * Cuts a stretch of speech into subtitles: of all ways that keep to the limits, the one with the least cost (dynamic
 * programming over the places between words, as Knuth and Plass break paragraphs, 1981). Pure.
 */
import type { Limits } from './limits.ts';
import { endsSentence } from './phrases.ts';
import type { Piece } from './pieces.ts';

/** Each subtitle costs this much, so that they are full rather than many; a break anywhere costs 30. */
const EACH = 30;
/** A sentence that begins in the midst of a subtitle. */
const SENTENCE_INSIDE = 12;
/** A second of silence inside a subtitle; a break in it is as much cheaper. */
const SILENCE = 60;
/** Silences under this belong to the flow of speech. Milliseconds. */
const BREATH_MS = 250;
/** Twice as fast as may be read. */
const TOO_FAST = 80;
/** On screen for no time at all, where there is a shortest time. */
const TOO_SHORT = 60;

/** The limits as columns of one kind of text, whatever it is written in. Infinity: none. */
type Measure = { perLine: number; perSecond: number };

/** @param full most of the text is full-width */
export function measureOf(full: boolean, limits: Limits): Measure {
  const perLine = full ? limits.fullWidthPerLine * 2 : limits.charactersPerLine;
  const perSecond = full ? limits.fullWidthPerSecond * 2 : limits.charactersPerSecond;
  return { perLine: perLine || Infinity, perSecond: perSecond || Infinity };
}

/**
 * @param pieces of one speaker, weighed, without a long silence between them
 * @param nextMs when the speech after them begins
 * @returns the place of the first piece of each subtitle; the first is 0
 */
export function cuts(pieces: readonly Piece[], limits: Limits, measure: Measure, nextMs: number): number[] {
  const count = pieces.length;
  const most = limits.words || Infinity;
  const maxMs = Math.round(limits.maxSeconds * 1000) || Infinity;
  const minMs = limits.minSeconds * 1000;
  const before = boundaries(pieces);
  /** least[n]: the cost of the first n pieces; begin[n]: where the last of their subtitles begins. */
  const least = new Float64Array(count + 1).fill(Infinity);
  const begin = new Int32Array(count + 1);
  least[0] = 0;
  for (let from = 0; from < count; from += 1) {
    if (least[from] === Infinity) continue;
    let lines = 1;
    let width = 0;
    let columns = 0;
    let inside = 0;
    for (let to = from + 1; to <= count; to += 1) {
      const piece = pieces[to - 1];
      const first = to === from + 1;
      const wider = piece.columns + (first ? 0 : piece.glue.length);
      if (!first && width + wider > measure.perLine) {
        lines += 1;
        width = piece.columns;
        columns += piece.columns;
      } else {
        width += wider;
        columns += wider;
      }
      if (!first) inside += before[to - 1].inside;
      const spokenMs = piece.endMs - pieces[from].startMs;
      if (!first && (lines > limits.lines || to - from > most || spokenMs > maxMs)) break;
      const untilMs = to < count ? pieces[to].startMs : nextMs;
      const shownMs = Math.max(1, Math.min(maxMs, untilMs - limits.gapMs - pieces[from].startMs));
      const speed = (columns * 1000) / shownMs / measure.perSecond;
      const cost =
        least[from] +
        EACH +
        inside +
        (to < count ? before[to].cost : 0) +
        (speed > 1 ? TOO_FAST * Math.min(4, speed - 1) : 0) +
        (shownMs < minMs ? TOO_SHORT * (1 - shownMs / minMs) : 0);
      if (cost < least[to]) {
        least[to] = cost;
        begin[to] = from;
      }
    }
  }
  const starts: number[] = [];
  for (let at = count; at > 0; at = begin[at]) starts.unshift(begin[at]);
  return starts;
}

/** Of each place before a piece: what a cut there costs, and what it costs to have it inside a subtitle. */
function boundaries(pieces: readonly Piece[]): { cost: number; inside: number }[] {
  return pieces.map((piece, index) => {
    if (index === 0) return { cost: 0, inside: 0 };
    const last = pieces[index - 1];
    const silence = (SILENCE * Math.max(0, piece.startMs - last.endMs - BREATH_MS)) / 1000;
    const cost = Math.max(0, piece.breakCost - silence);
    return { cost, inside: silence + (endsSentence(last.text) ? SENTENCE_INSIDE : 0) };
  });
}
