/** Word times through a change of the text: what was not changed keeps its times, what was is put between. Pure. */
import type { Cue, Word } from '../../workers/protocol.ts';
import { UNSPACED_SCRIPT } from '../unspaced-scripts.ts';

/** UTF-16 code units of a text, `to` exclusive. */
export type Span = { from: number; to: number };

/** A cue as far as word times depend on it. */
type Timed = Pick<Cue, 'start' | 'end' | 'text' | 'words'>;

/** A word of Whisper's in a script without spaces: a character with its punctuation. */
const CHARACTER = /[^\p{M}\p{P}]?[\p{M}\p{P}]*/gu;
/** Above this many pairs of words the longest common subsequence is not looked for: a whole text was pasted. */
const MOST_PAIRS = 250_000;

/** Whole milliseconds, as the engine gives them. */
export const toMilliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** Where each word stands in the text; a word that is not in it is empty, and stands where it would be. */
export function spansOf(text: string, words: readonly Pick<Word, 'text'>[]): Span[] {
  let searchFrom = 0;
  return words.map(({ text: word }) => {
    const spoken = word.trim();
    const from = spoken === '' ? -1 : text.indexOf(spoken, searchFrom);
    if (from === -1) return { from: searchFrom, to: searchFrom };
    searchFrom = from + spoken.length;
    return { from, to: searchFrom };
  });
}

/** A text in the pieces that have times: words between spaces, characters where a script has no spaces. */
export function tokensOf(text: string): string[] {
  return (text.match(/\S+/g) ?? []).flatMap((piece) =>
    UNSPACED_SCRIPT.test(piece) ? (piece.match(CHARACTER) ?? []).filter((character) => character !== '') : [piece],
  );
}

/** Tokens side by side from `start` to `end`, each as long as its share of the characters. A person is sure of them. */
export function spread(tokens: readonly string[], start: number, end: number): Word[] {
  const all = tokens.reduce((sum, token) => sum + token.length, 0);
  let before = 0;
  return tokens.map((text) => {
    const from = start + ((end - start) * before) / all;
    before += text.length;
    const to = start + ((end - start) * before) / all;
    return { start: toMilliseconds(from), end: toMilliseconds(to), text, probability: 1 };
  });
}

/**
 * The words of a cue whose text becomes `text`. Unchanged words keep their times, also behind an insertion or a
 * deletion; a changed run has the times of what it stands for, or lies between its neighbours.
 * @returns undefined where the cue has no word times
 */
export function retimed(cue: Timed, text: string): Word[] | undefined {
  const { words, text: old } = cue;
  if (words === undefined) return undefined;
  if (words.length === 0 && old.trim() !== '') return [];
  const spans = spansOf(old, words);
  const prefix = commonPrefix(old, text);
  const suffix = commonSuffix(old, text, prefix);
  const shift = text.length - old.length;

  // Words that stand before the change, and behind it: only what is between is compared.
  let first = 0;
  while (first < words.length && keepsBefore(spans[first])) first += 1;
  let last = words.length;
  while (last > first && keepsBehind(spans[last - 1])) last -= 1;
  const from = first === 0 ? 0 : spans[first - 1].to;
  const to = last === words.length ? text.length : spans[last].from + shift;

  const changed = aligned(words.slice(first, last), tokensOf(text.slice(from, to)), {
    start: first === 0 ? cue.start : words[first - 1].end,
    end: last === words.length ? cue.end : words[last].start,
  });
  return [...words.slice(0, first), ...changed, ...words.slice(last)];

  /** A letter typed right at a word's end makes another word of it, but not where words stand without spaces. */
  function keepsBefore({ from, to }: Span): boolean {
    if (to === from || to > prefix) return false;
    return to < prefix || isEdge(text, to) || !isEdge(old, to);
  }

  function keepsBehind({ from, to }: Span): boolean {
    const begins = old.length - suffix;
    if (to === from || from < begins) return false;
    return from > begins || isEdge(text, from + shift - 1) || !isEdge(old, from - 1);
  }
}

/** Where the change from one text to another ends in the other: where a caret stands after it. */
export function endOfChange(from: string, to: string): number {
  return to.length - commonSuffix(from, to, commonPrefix(from, to));
}

function isEdge(text: string, at: number): boolean {
  return at < 0 || at >= text.length || /\s/.test(text[at]);
}

function commonPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

function commonSuffix(a: string, b: string, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1;
  return length;
}

/** New tokens with the times of the old words: the same ones keep them, the runs between are interpolated. */
function aligned(old: readonly Word[], tokens: readonly string[], gap: { start: number; end: number }): Word[] {
  const words: Word[] = [];
  let [oldAt, newAt] = [0, 0];
  for (const [oldIndex, newIndex] of [...commonPairs(old, tokens), [old.length, tokens.length] as const]) {
    const before = words.at(-1)?.end ?? gap.start;
    const next = old[oldIndex]?.start ?? gap.end;
    words.push(...run(old.slice(oldAt, oldIndex), tokens.slice(newAt, newIndex), before, next));
    if (oldIndex < old.length) words.push(old[oldIndex]);
    [oldAt, newAt] = [oldIndex + 1, newIndex + 1];
  }
  return words;
}

function run(replaced: readonly Word[], tokens: readonly string[], before: number, next: number): Word[] {
  if (tokens.length === replaced.length) {
    return replaced.map(({ start, end }, index) => ({ start, end, text: tokens[index], probability: 1 }));
  }
  const start = replaced.length > 0 ? replaced[0].start : before;
  const end = replaced.at(-1)?.end ?? next;
  return spread(tokens, start, Math.max(start, end));
}

/** Longest common subsequence, as pairs of places (Wagner and Fischer, "The String-to-String Correction Problem"). */
function commonPairs(old: readonly Word[], tokens: readonly string[]): [number, number][] {
  const [rows, columns] = [old.length, tokens.length];
  if (rows * columns > MOST_PAIRS) return [];
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        old[row].text.trim() === tokens[column]
          ? lengths[(row + 1) * width + column + 1] + 1
          : Math.max(lengths[(row + 1) * width + column], lengths[row * width + column + 1]);
    }
  }
  const pairs: [number, number][] = [];
  for (let row = 0, column = 0; row < rows && column < columns;) {
    if (old[row].text.trim() === tokens[column]) pairs.push([row++, column++]);
    else if (lengths[(row + 1) * width + column] >= lengths[row * width + column + 1]) row += 1;
    else column += 1;
  }
  return pairs;
}

/** Words in two at a place in the text; a word that the place is in is cut where its letters are. */
export function wordsAround(text: string, words: readonly Word[], at: number): [before: Word[], behind: Word[]] {
  const spans = spansOf(text, words);
  const before: Word[] = [];
  const behind: Word[] = [];
  words.forEach((word, index) => {
    const { from, to } = spans[index];
    if (to <= at) before.push(word);
    else if (from >= at) behind.push(word);
    else {
      const cut = toMilliseconds(word.start + ((word.end - word.start) * (at - from)) / (to - from));
      before.push({ ...word, end: cut, text: text.slice(from, at) });
      behind.push({ ...word, start: cut, text: text.slice(at, to) });
    }
  });
  return [before, behind];
}

/** Words that stand outside a span of time go to its edge. */
export function clamped(words: readonly Word[], start: number, end: number): Word[] {
  const inside = (seconds: number) => Math.min(end, Math.max(start, seconds));
  return words.map((word) =>
    word.start >= start && word.end <= end && word.start <= word.end
      ? word
      : { ...word, start: inside(word.start), end: Math.max(inside(word.start), inside(word.end)) },
  );
}
