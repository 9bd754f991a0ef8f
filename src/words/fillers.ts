/**
 * Filler words, left out of what is shown and exported where a person wants that. The transcript keeps them: these
 * functions take a text and give another one. What is a filler depends on the language: "um" is one in English and a
 * preposition in German, "er" one in English and a pronoun in German. Only what is hardly ever anything else is listed. Pure.
 */
import type { Word } from '../../workers/protocol.ts';
import { spansOf } from './word-times.ts';

/** Whole words, of any case. A letter that is drawn out may stand more than once ("uhhh", "ääh"). */
const FILLERS: Readonly<Record<string, string>> = {
  en: 'u+h+|u+m+|u+h+m+|e+r+m*|e+h+m+|h+m+m+|m+h+m+|m{2,}',
  de: 'ä+h+m*|ä+h+|ö+h+m*|e+h+m+|h+m+|m+h+m*|m{2,}',
  fr: 'e+u+h+|h+e+u+|e+h+m+|h+u+m+|h+m+|m{2,}',
  // "este" is a word ("this one"): it is a filler for sure only where it is drawn out or trails off.
  es: 'e+h{2,}|e+h+m+|e+m{2,}|este{3,}|este(?=…|\\.\\.\\.)|m{2,}|h+m+',
  it: 'e+h+m+|u+h+m+|e+h{2,}|m+h+m*|m{2,}',
  nl: 'u+h+m*|e+h+m+|e+h{2,}|h+m+|m{2,}',
};

/** Languages, ISO codes, whose fillers are known. */
export const FILLER_LANGUAGES: readonly string[] = Object.keys(FILLERS);

const EDGE = String.raw`[\p{L}\p{N}\p{M}'’-]`;
const patterns = new Map<string, RegExp>();

/** Fillers with what leans on them: a comma or dots behind them, and the comma before them where one is behind, too. */
function patternFor(language: string): RegExp | null {
  const fillers = FILLERS[language];
  if (fillers === undefined) return null;
  let pattern = patterns.get(language);
  if (pattern === undefined) {
    const word = `(?<!${EDGE})(?:${fillers})(?!${EDGE})`;
    const run = String.raw`${word}(?:[,\s]+${word})*`;
    pattern = new RegExp(String.raw`(,\s*)?(${run})(\.{2,}|…|,|-(?=\s))?`, 'giu');
    patterns.set(language, pattern);
  }
  return pattern;
}

/** A text without its fillers. Where one began a sentence, the next word has the capital. */
export function withoutFillers(text: string, language: string): string {
  const pattern = patternFor(language);
  if (pattern === null || text.search(pattern) === -1) return text;
  let out = '';
  let at = 0;
  let capital = false;
  const put = (part: string): void => {
    const begun = capital ? part.replace(/\p{L}/u, (letter) => letter.toLocaleUpperCase(language)) : part;
    if (capital && /\p{L}/u.test(part)) capital = false;
    out += begun;
  };
  for (const match of text.matchAll(pattern)) {
    put(text.slice(at, match.index));
    const [, before, run, behind] = match;
    const begins = out.trim() === '' || /[.!?…。]["'”’»)\]]*\s*$/u.test(out);
    if (begins && /^\p{Lu}/u.test(run)) capital = true;
    // A comma before it stays where it ends a clause of its own: "I came, um and went" is "I came, and went".
    if (before !== undefined && behind === undefined) out += before;
    at = match.index + match[0].length;
  }
  put(text.slice(at));
  return out
    .replace(/\s+/g, ' ')
    .replace(/ (?=[,.!?;:…])/gu, '')
    .replace(/^[\s,;:.!?…-]+(?=\s|$)/u, '')
    .trim();
}

/**
 * A cue without its fillers, and the words that are left with the times they have; the cue itself where it has none.
 * @param cue text and words, as they are kept
 */
export function shownCue<C extends { text: string; language: string; words?: Word[] }>(
  cue: C,
  hidden: ReadonlySet<string>,
): C {
  if (!hidden.has(cue.language)) return cue;
  const text = withoutFillers(cue.text, cue.language);
  if (text === cue.text) return cue;
  return cue.words === undefined ? { ...cue, text } : { ...cue, text, words: wordsLeft(cue.words, cue.language, text) };
}

/** The words that are not fillers, each as it stands in the text that is shown. */
function wordsLeft(words: readonly Word[], language: string, text: string): Word[] {
  const left = words.filter((word) => withoutFillers(word.text.trim(), language) !== '');
  const tokens = text.split(' ').filter((token) => token !== '');
  if (tokens.length === left.length) return left.map((word, index) => ({ ...word, text: tokens[index] }));
  // Words that were cut otherwise than at spaces: those that can be found in the text.
  const spans = spansOf(text, left);
  return left.filter((_, index) => spans[index].to > spans[index].from);
}
