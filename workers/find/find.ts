/** Finds words and patterns in texts. Pure. */
import type { FindQuery, FoundText } from '../protocol';

/** More places than a person would look at one by one, and as many as are replaced at once. */
export const MOST_PLACES = 200_000;

/** A letter, a digit or a sign on one: what a whole word must not touch. */
const WORD = '[\\p{L}\\p{N}\\p{M}_]';

/** @throws SyntaxError where the pattern is no regular expression */
export function expressionOf({ pattern, matchCase, wholeWord, regex }: FindQuery): RegExp {
  const source = regex ? `(?:${pattern})` : pattern.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(wholeWord ? `(?<!${WORD})${source}(?!${WORD})` : source, matchCase ? 'gu' : 'giu');
}

/**
 * @returns by place in `texts`; texts without a match are left out, and so are matches of nothing (`x*`)
 * @throws SyntaxError where the pattern is no regular expression
 */
export function find(texts: readonly string[], query: FindQuery): [text: number, places: FoundText[]][] {
  const expression = expressionOf(query);
  const found: [number, FoundText[]][] = [];
  let left = MOST_PLACES;
  for (const [index, text] of texts.entries()) {
    const places: FoundText[] = [];
    for (const match of text.matchAll(expression)) {
      if (match[0] === '' || left === 0) continue;
      left -= 1;
      const made = query.regex ? expanded(query.replacement, match) : query.replacement;
      places.push({ from: match.index, to: match.index + match[0].length, with: made });
    }
    if (places.length > 0) found.push([index, places]);
    if (left === 0) break;
  }
  return found;
}

/** As String.prototype.replace reads a replacement (ECMA-262, GetSubstitution), but for what stands around a match. */
function expanded(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(/\$(?:(\$)|(&)|(\d{1,2})|<([^>]*)>)/g, (whole, dollar, all, digits, name) => {
    if (dollar !== undefined) return '$';
    if (all !== undefined) return match[0];
    if (name !== undefined) return match.groups === undefined ? whole : (match.groups[name as string] ?? '');
    const number = Number(digits);
    if (number >= 1 && number < match.length) return match[number] ?? '';
    // "$12" with fewer than twelve groups is the first one and a 2.
    const first = Math.floor(number / 10);
    return first >= 1 && first < match.length ? (match[first] ?? '') + String(digits).slice(1) : whole;
  });
}
