/** The words of a transcript as they are searched: without case and accents, cue after cue. Pure. */
import { mapping } from '../mapping.ts';

/** `starts`: seconds; `at`: where each cue begins in `folded`, in which a space stands between cues. */
export type FoldedText = { starts: Float64Array; at: Uint32Array; folded: string };

/** What was found: when it is said, and in which cue (or over its end into the next). */
export type Match = { seconds: number; cue: number };

/** Letters are compared without case and accents, and any run of blanks is one. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/gu, ' ');
}

/** @param cues in their order */
export function* foldCues(cues: readonly { start: number; text: string }[]): Generator<void, FoldedText> {
  const at = new Uint32Array(cues.length);
  let length = 0;
  const parts = yield* mapping(cues, ({ text }, index) => {
    const part = fold(text).trim();
    at[index] = length;
    length += part.length + 1;
    return part;
  });
  return { starts: Float64Array.from(cues, ({ start }) => start), at, folded: parts.join(' ') };
}

/** Every place of a phrase. @param phrase folded and trimmed; an empty one is nowhere */
export function matchesIn({ starts, at, folded }: FoldedText, phrase: string): Match[] {
  const found: Match[] = [];
  if (phrase === '') return found;
  for (let place = folded.indexOf(phrase); place !== -1; place = folded.indexOf(phrase, place + phrase.length)) {
    let [low, high] = [0, at.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (at[middle] <= place) low = middle;
      else high = middle - 1;
    }
    found.push({ seconds: starts[low], cue: low });
  }
  return found;
}

/**
 * A line to show: the cue, and the next where the phrase goes on there, in parts of which every second one is the phrase.
 * @param phrase folded and trimmed
 */
export function highlighted(texts: readonly string[], phrase: string): string[] {
  const [first, second = ''] = texts.map((text) => text.replace(/\s+/gu, ' ').trim());
  const line = fold(first).includes(phrase) ? first : `${first} ${second}`;
  // Folding changes lengths ("ﬁ" is two letters), so each folded character remembers where it came from.
  let folded = '';
  const from: number[] = [];
  for (let at = 0; at < line.length;) {
    const character = String.fromCodePoint(line.codePointAt(at) ?? 0);
    const part = fold(character);
    for (let index = 0; index < part.length; index++) from.push(at);
    folded += part;
    at += character.length;
  }
  const parts: string[] = [];
  let done = 0;
  for (let place = folded.indexOf(phrase); place !== -1 && phrase !== '';) {
    const [start, end] = [from[place], from[place + phrase.length] ?? line.length];
    parts.push(line.slice(done, start), line.slice(start, end));
    done = end;
    place = folded.indexOf(phrase, place + phrase.length);
  }
  return [...parts, line.slice(done)];
}

/** A line of up to so many characters is shown whole; of a longer one what is around its first place. */
const WHOLE = 300;
const [BEFORE, AFTER] = [80, 180];

/** @param parts as `highlighted` gives them. @returns the same of a part of the line, with dots where something is left out */
export function excerpt(parts: readonly string[]): string[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length <= WHOLE || parts.length < 2) return [...parts];
  const shown = [endOf(parts[0], BEFORE), parts[1]];
  let room = AFTER;
  for (const part of parts.slice(2)) {
    if (part.length <= room) {
      shown.push(part);
      room -= part.length;
      continue;
    }
    // A place is shown whole or not at all.
    if (shown.length % 2 === 0) shown.push(beginningOf(part, room));
    else shown[shown.length - 1] += '…';
    break;
  }
  return shown;
}

/** Cut between words where there are some, and never inside a character. */
function beginningOf(text: string, most: number): string {
  const cut = text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut.replace(/\s+\S*$/u, '')}…`;
}

function endOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(-most).replace(/^[\uDC00-\uDFFF]/, '');
  return `…${cut.replace(/^\S*\s+(?=\S)/u, '')}`;
}
