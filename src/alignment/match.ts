/**
 * Two texts laid beside each other, word by word: the alignment with the least edit distance (Wagner and Fischer, "The
 * String-to-String Correction Problem", 1974), between words that occur once in both and stand in the same order
 * (the anchors of patience diff), so that hours of text take seconds, not days. Pure.
 */

import { atOnce } from '../slices.ts';

/** Costs. A word for another is dearer than a word for one that looks like it, and cheaper than one gone and one come. */
const SIMILAR = 3;
const OTHER = 6;
const GAP = 4;

/** A table of so many cells takes a few milliseconds. */
const SMALL_TABLE = 250_000;
/** Where there is no anchor, the largest table that is worked through; beyond it both texts are halved. */
const LARGE_TABLE = 2_000_000;

/** What a word is compared by: compatibility forms, case, accents and punctuation make no difference. */
export function keyOf(word: string): string {
  const folded = word
    .normalize('NFKD')
    .replace(/\p{Mn}+/gu, '')
    .toLowerCase();
  const letters = folded.replace(/[^\p{L}\p{N}\p{Mc}]+/gu, '');
  // A word of marks alone is compared as it is.
  return letters === '' ? folded : letters;
}

/**
 * @param said and
 * @param heard as `keyOf` gives them
 * @returns for each of `said` the index of its word in `heard`, -1 where it has none. Indices only grow.
 */
export function match(said: readonly string[], heard: readonly string[]): Int32Array {
  return atOnce(matching(said, heard));
}

/** The same in steps of some milliseconds. */
export function* matching(said: readonly string[], heard: readonly string[]): Generator<void, Int32Array> {
  const found = new Int32Array(said.length).fill(-1);
  const open: [from: number, to: number, fromHeard: number, toHeard: number][] = [[0, said.length, 0, heard.length]];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    let [from, to, fromHeard, toHeard] = range;
    while (from < to && fromHeard < toHeard && said[from] === heard[fromHeard]) found[from++] = fromHeard++;
    while (from < to && fromHeard < toHeard && said[to - 1] === heard[toHeard - 1]) found[--to] = --toHeard;
    const cells = (to - from) * (toHeard - fromHeard);
    if (cells === 0) continue;
    yield;
    if (cells <= SMALL_TABLE) {
      table(said, heard, from, to, fromHeard, toHeard, found);
      continue;
    }
    const anchors = anchorsOf(said, heard, from, to, fromHeard, toHeard);
    if (anchors.length > 0) {
      for (const [at, atHeard] of anchors) {
        found[at] = atHeard;
        open.push([from, at, fromHeard, atHeard]);
        [from, fromHeard] = [at + 1, atHeard + 1];
      }
      open.push([from, to, fromHeard, toHeard]);
    } else if (cells <= LARGE_TABLE) {
      table(said, heard, from, to, fromHeard, toHeard, found);
    } else {
      const middle = (from + to) >> 1;
      const middleHeard = (fromHeard + toHeard) >> 1;
      open.push([from, middle, fromHeard, middleHeard], [middle, to, middleHeard, toHeard]);
    }
  }
  return found;
}

/** Words that stand once in either range, in the longest order that both share. */
function anchorsOf(
  said: readonly string[],
  heard: readonly string[],
  from: number,
  to: number,
  fromHeard: number,
  toHeard: number,
): [number, number][] {
  const once = onceIn(said, from, to);
  const onceHeard = onceIn(heard, fromHeard, toHeard);
  const pairs: [number, number][] = [];
  for (const [word, at] of once) {
    const atHeard = onceHeard.get(word);
    if (at >= 0 && atHeard !== undefined && atHeard >= 0) pairs.push([at, atHeard]);
  }
  pairs.sort((a, b) => a[0] - b[0]);
  return longestRising(pairs);
}

/** Where each word stands; -1: more than once. */
function onceIn(words: readonly string[], from: number, to: number): Map<string, number> {
  const places = new Map<string, number>();
  for (let at = from; at < to; at += 1) places.set(words[at], places.has(words[at]) ? -1 : at);
  return places;
}

/** The longest subsequence whose second numbers rise (patience sorting). */
function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const tops: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, value], index) => {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tops[middle]][1] < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : tops[low - 1];
    tops[low] = index;
  });
  const rising: [number, number][] = [];
  for (let at = tops.at(-1) ?? -1; at >= 0; at = before[at]) rising.push(pairs[at]);
  return rising.reverse();
}

function substitution(one: string, other: string): number {
  if (one === other) return 0;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  // A common start or end of two thirds: another form of the word, or one letter misheard.
  const enough = Math.ceil((long.length * 2) / 3);
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  let end = 0;
  while (end < short.length - start && short[short.length - 1 - end] === long[long.length - 1 - end]) end += 1;
  return start + end >= enough ? SIMILAR : OTHER;
}

/** The table of edit distances of two ranges, and the way back through it. */
function table(
  said: readonly string[],
  heard: readonly string[],
  from: number,
  to: number,
  fromHeard: number,
  toHeard: number,
  found: Int32Array,
): void {
  const rows = to - from;
  const columns = toHeard - fromHeard;
  /** 0: a pair, 1: a word that was not heard, 2: a heard one that is not said. */
  const ways = new Uint8Array((rows + 1) * (columns + 1));
  let above = Int32Array.from({ length: columns + 1 }, (_, column) => column * GAP);
  let here = new Int32Array(columns + 1);
  ways.fill(2, 1, columns + 1);
  for (let row = 1; row <= rows; row += 1) {
    const word = said[from + row - 1];
    const line = row * (columns + 1);
    here[0] = row * GAP;
    ways[line] = 1;
    for (let column = 1; column <= columns; column += 1) {
      const pair = above[column - 1] + substitution(word, heard[fromHeard + column - 1]);
      const gone = above[column] + GAP;
      const come = here[column - 1] + GAP;
      const least = Math.min(pair, gone, come);
      here[column] = least;
      ways[line + column] = least === pair ? 0 : least === gone ? 1 : 2;
    }
    [above, here] = [here, above];
  }
  let row = rows;
  let column = columns;
  while (row > 0 || column > 0) {
    const way = ways[row * (columns + 1) + column];
    if (way === 0) found[from + row - 1] = fromHeard + column - 1;
    if (way !== 2) row -= 1;
    if (way !== 1) column -= 1;
  }
}
