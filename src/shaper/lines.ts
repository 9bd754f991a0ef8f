/** Breaks the text of one subtitle into lines: as few as hold it, at phrases, of about one length. Pure. */
import type { Piece } from './pieces.ts';

/** How much a line that is half as long as the others counts, beside the points of phrases.ts. */
const IMBALANCE = 60;

/** The columns of `pieces[from]` to `pieces[to - 1]` in one line. */
export function widthOf(pieces: readonly Piece[], from: number, to: number): number {
  let width = 0;
  for (let at = from; at < to; at += 1) width += pieces[at].columns + (at === from ? 0 : pieces[at].glue.length);
  return width;
}

/** `pieces[from]` to `pieces[to - 1]` as one line of text. */
export function textOf(pieces: readonly Piece[], from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) text += (at === from ? '' : pieces[at].glue) + pieces[at].text;
  return text;
}

/** The fewest lines that hold the pieces; one that is wider than a line by itself has a line of its own. */
function fewestLines(pieces: readonly Piece[], from: number, to: number, perLine: number): number {
  let lines = 1;
  let width = pieces[from].columns;
  for (let at = from + 1; at < to; at += 1) {
    const more = pieces[at].glue.length + pieces[at].columns;
    if (width + more > perLine) {
      lines += 1;
      width = pieces[at].columns;
    } else width += more;
  }
  return lines;
}

/**
 * @param perLine columns
 * @returns the place of the first piece of each line after the first
 */
export function lineBreaks(pieces: readonly Piece[], from: number, to: number, perLine: number): number[] {
  const lines = fewestLines(pieces, from, to, perLine);
  if (lines === 1) return [];
  const even = widthOf(pieces, from, to) / lines;
  const count = to - from;
  // least[line][n]: the cost of the first n pieces in so many lines, and where the last of these lines begins.
  let least = new Float64Array(count + 1).fill(Infinity);
  least[0] = 0;
  const begins: Int32Array[] = [];
  for (let line = 1; line <= lines; line += 1) {
    const costs = new Float64Array(count + 1).fill(Infinity);
    const begin = new Int32Array(count + 1);
    for (let last = line; last <= count; last += 1) {
      let width = 0;
      for (let first = last - 1; first >= line - 1; first -= 1) {
        const piece = pieces[from + first];
        width += piece.columns + (first === last - 1 ? 0 : pieces[from + first + 1].glue.length);
        if (width > perLine && first < last - 1) break;
        const uneven = (width - even) / even;
        const cost = least[first] + IMBALANCE * uneven * uneven + (first === 0 ? 0 : piece.breakCost);
        if (cost < costs[last]) {
          costs[last] = cost;
          begin[last] = first;
        }
      }
    }
    least = costs;
    begins.push(begin);
  }
  const breaks: number[] = [];
  for (let line = lines - 1, at = count; line > 0; line -= 1) {
    at = begins[line][at];
    breaks.unshift(from + at);
  }
  return breaks;
}
