/**
 * Names of cues that a person makes. A cue is named after the one it stands behind, "48000-2~n", with letters that keep
 * its place where several begin at the same moment: there is always a name between two names (D. Greenspan,
 * "Implementing Fractional Indexing", 2020).
 */

const SIGN = '~';
const LETTERS = 26;
const letter = (value: number) => String.fromCharCode(97 + value);

/** The engine's cue that a name goes back to, and the letters behind it. */
function partsOf(id: string): [origin: string, letters: string] {
  const at = id.indexOf(SIGN);
  return at === -1 ? [id, ''] : [id.slice(0, at), id.slice(at + 1)];
}

/**
 * The engine's cue that a name goes back to: of "48000-2~n", which a person has made, and of "48000-2.1", the part of it
 * that another speaker says (src/speakers/labels.ts).
 */
export function originOf(id: string): string {
  const at = id.search(/[~.]/);
  return at === -1 ? id : id.slice(0, at);
}

/**
 * A name for a cue between two others.
 * @param after the one before it; null: it is the first
 * @param before the one behind it; null: it is the last
 * @param isTaken names that are in use elsewhere
 */
export function nameBetween(after: string | null, before: string | null, isTaken: (id: string) => boolean): string {
  const [origin, low] = after === null ? ['0', ''] : partsOf(after);
  const [behind, high] = before === null ? ['', ''] : partsOf(before);
  const top = behind === origin && high > low ? high : null;
  let letters = low;
  do letters = lettersBetween(letters, top);
  while (isTaken(origin + SIGN + letters));
  return origin + SIGN + letters;
}

/** Letters between two others in the order of a dictionary; they never end in "a", so that there is room before them. */
export function lettersBetween(low: string, high: string | null): string {
  let made = '';
  let top = high;
  for (let index = 0; ; index += 1) {
    const from = index < low.length ? low.charCodeAt(index) - 97 : 0;
    const to = top !== null && index < top.length ? top.charCodeAt(index) - 97 : LETTERS;
    const middle = (from + to) >> 1;
    if (from !== to && middle > from) return made + letter(middle);
    // No room in this place: a longer name, below `high` from here on.
    if (from !== to) top = null;
    made += letter(from);
  }
}
