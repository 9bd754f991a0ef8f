/** When each part of a text is said, from words that were heard or from the length of the parts alone. Pure. */
import { atOnce } from '../slices.ts';
import { UNSPACED_SCRIPT } from '../unspaced-scripts.ts';
import { keyOf, matching } from './match.ts';

/** Seconds. */
type Span = { start: number; end: number };
export type TimedWord = Span & { text: string };

/** Below so many seconds a word a hole is no room: the word before it gives some of its own. */
const ROOM_SECONDS = 0.06;

/** What is compared: a word, or a character of one. `share`: the part of its owner's length before it and with it. */
type Unit = { key: string; owner: number; from: number; to: number };

/**
 * @param parts of a text, in order; none empty
 * @param heard words of the same stretch with their times, in order; their text may differ from the parts
 * @param start of the stretch, seconds
 * @param end of the stretch
 * @returns a span for each part. Parts without a heard word share the time between their neighbours by their length.
 */
export function alignTimes(parts: readonly string[], heard: readonly TimedWord[], start: number, end: number): Span[] {
  return atOnce(aligning(parts, heard, start, end));
}

/** The same in steps of some milliseconds. */
export function* aligning(
  parts: readonly string[],
  heard: readonly TimedWord[],
  start: number,
  end: number,
): Generator<void, Span[]> {
  if (parts.length === 0) return [];
  const known = heard.length === 0 ? parts.map(() => null) : (exact(parts, heard) ?? (yield* nearest(parts, heard)));
  return filled(parts, known, start, Math.max(start, end));
}

/** The same characters, however they are cut: each part's time is read off at its first and last character. */
function exact(parts: readonly string[], heard: readonly TimedWord[]): Span[] | null {
  const bare = (text: string) => text.replace(/\s+/gu, '');
  const said = parts.map(bare);
  const words = heard.map(({ start, end, text }) => ({ start, end, length: bare(text).length }));
  if (said.join('') !== heard.map(({ text }) => bare(text)).join('')) return null;
  let index = 0;
  let before = 0;
  /** @param last the character's end is asked for, not its start */
  const timeAt = (place: number, last: boolean): number => {
    while (index < words.length - 1 && place >= before + words[index].length + (last ? 1 : 0)) {
      before += words[index].length;
      index += 1;
    }
    const { start, end, length } = words[index];
    return length === 0 ? start : start + ((end - start) * Math.min(length, place - before)) / length;
  };
  let at = 0;
  return said.map((text) => {
    const start = timeAt(at, false);
    at += text.length;
    return { start, end: Math.max(start, timeAt(at, true)) };
  });
}

/** Scripts without spaces are compared by character: their words are cut differently by everyone who cuts them. */
function unitsOf(texts: readonly string[]): Unit[] {
  return texts.flatMap((text, owner) => {
    if (!UNSPACED_SCRIPT.test(text)) return [{ key: keyOf(text), owner, from: 0, to: 1 }];
    const characters = [...text];
    const size = 1 / characters.length;
    return characters.map((one, index) => ({ key: keyOf(one), owner, from: index * size, to: (index + 1) * size }));
  });
}

/** The least edit distance: a part has the time of the words it stands beside. */
function* nearest(parts: readonly string[], heard: readonly TimedWord[]): Generator<void, (Span | null)[]> {
  const said = unitsOf(parts);
  const words = unitsOf(heard.map(({ text }) => text));
  const found = yield* matching(
    said.map(({ key }) => key),
    words.map(({ key }) => key),
  );
  const spans: (Span | null)[] = parts.map(() => null);
  found.forEach((place, index) => {
    if (place < 0) return;
    const { owner, from, to } = words[place];
    const word = heard[owner];
    const start = word.start + (word.end - word.start) * from;
    const end = word.start + (word.end - word.start) * to;
    const known = spans[said[index].owner];
    spans[said[index].owner] = known === null ? { start, end } : { start: known.start, end: Math.max(known.end, end) };
  });
  return spans;
}

/** Parts without a time get one between those that have. */
function filled(parts: readonly string[], known: readonly (Span | null)[], start: number, end: number): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < parts.length;) {
    const span = known[at];
    if (span !== null) {
      spans.push(span);
      at += 1;
      continue;
    }
    let next = at;
    while (next < parts.length && known[next] === null) next += 1;
    let first = at;
    let from = spans.at(-1)?.end ?? start;
    const to = Math.max(from, known[next]?.start ?? end);
    if (to - from < ROOM_SECONDS * (next - at) && first > 0) {
      first -= 1;
      from = spans.pop()?.start ?? from;
    }
    const lengths = parts.slice(first, next).map((part) => Math.max(1, part.length));
    const whole = lengths.reduce((sum, length) => sum + length, 0);
    let before = 0;
    for (const length of lengths) {
      const begun = from + ((to - from) * before) / whole;
      before += length;
      spans.push({ start: begun, end: from + ((to - from) * before) / whole });
    }
    at = next;
  }
  return spans;
}
