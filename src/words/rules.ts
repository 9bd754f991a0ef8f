/**
 * A person's own spellings: what is put in the place of what was heard, in words as they come. A rule is text for text, no
 * pattern. All rules look at what was heard, none at what another one has put there. Pure.
 */
import type { Cue } from '../../workers/protocol.ts';
import { UNSPACED_SCRIPT } from '../unspaced-scripts.ts';
import { retimed } from './word-times.ts';

export type Rule = {
  from: string;
  to: string;
  /** Not inside a longer word. Scripts without spaces have no such border. */
  wholeWord: boolean;
  matchCase: boolean;
  /** ISO code; empty: all. */
  language: string;
};

/** A cue as rules see it. `heard`: what it said before a rule changed it, with the times of those words. */
export type Ruled = Cue & { language: string; heard?: Pick<Cue, 'text' | 'words'> };

/** A cue with the rules of now applied; itself where they change nothing. */
export type Spell = <C extends Ruled>(cue: C) => C;

/** A place in a text, UTF-16 code units, and what belongs there. */
export type Replacement = { from: number; to: number; with: string };

const WORD = String.raw`[\p{L}\p{N}\p{M}]`;

function patternOf({ from, wholeWord, matchCase }: Rule): RegExp {
  const said = from.trim();
  const border = (character: string | undefined) =>
    wholeWord && character !== undefined && new RegExp(WORD, 'u').test(character) && !UNSPACED_SCRIPT.test(character);
  const characters = [...said];
  const text = said
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`))
    .join(String.raw`\s+`);
  const before = border(characters[0]) ? `(?<!${WORD})` : '';
  const behind = border(characters.at(-1)) ? `(?!${WORD})` : '';
  return new RegExp(before + text + behind, matchCase ? 'gu' : 'giu');
}

/** What the rules for a language find in a text, in order and apart: the earlier one wins, then the longer, then the rule that stands first. */
export function replacementsIn(text: string, language: string, rules: readonly Rule[]): Replacement[] {
  const found = rules
    .filter((rule) => rule.from.trim() !== '' && (rule.language === '' || rule.language === language))
    .flatMap((rule, order) =>
      [...text.matchAll(patternOf(rule))].map((match) => ({
        ...{ from: match.index, to: match.index + match[0].length, with: rule.to.trim(), order },
      })),
    )
    .sort((one, other) => one.from - other.from || other.to - one.to || one.order - other.order);
  let free = 0;
  return found.flatMap(({ order: _, ...one }) => {
    if (one.from < free || text.slice(one.from, one.to) === one.with) return [];
    free = one.to;
    return [one];
  });
}

/**
 * The cue with the rules applied, or itself where they change nothing. Words keep their times; those that were put in have the times
 * of what they stand for.
 */
export function withRules<C extends Ruled>(cue: C, rules: readonly Rule[]): C {
  const places = replacementsIn(cue.text, cue.language, rules);
  if (places.length === 0) return cue;
  let text = '';
  let at = 0;
  for (const place of places) {
    text += cue.text.slice(at, place.from) + place.with;
    at = place.to;
  }
  text = (text + cue.text.slice(at)).replace(/\s+/g, ' ').trim();
  const words = retimed(cue, text);
  const heard = { text: cue.text, ...(cue.words !== undefined && { words: cue.words }) };
  return { ...cue, text, ...(words !== undefined && { words }), heard };
}

/** The cue as it was heard; itself where no rule has changed it. */
export function asHeard<C extends Ruled>(cue: C): C {
  if (cue.heard === undefined) return cue;
  const { heard, ...rest } = cue;
  const { words: _, ...wordless } = rest;
  return { ...wordless, ...heard } as unknown as C;
}

/** What of a cue stood there before the rules, without the words that begin and end it unchanged. */
export function heardPart({ text, heard }: Pick<Ruled, 'text' | 'heard'>): string {
  if (heard === undefined) return '';
  const [was, now] = [heard.text, text].map((one) => one.split(' '));
  let start = 0;
  while (start < was.length - 1 && start < now.length - 1 && was[start] === now[start]) start += 1;
  let end = 0;
  while (end < was.length - start - 1 && end < now.length - start - 1 && was.at(-1 - end) === now.at(-1 - end))
    end += 1;
  return was.slice(start, was.length - end).join(' ');
}

// ── as text ──────────────────────────────────────────────────────────────────────────────────────────────────

const PART = 'part';
const CASE = 'case';

/**
 * A rule a line: what is heard, what is written, and what is not as usual ("part" of a word, "case" matters, a language), with tabs
 * between.
 */
export function rulesAsText(rules: readonly Rule[]): string {
  const clean = (text: string) => text.replace(/\s+/g, ' ').trim();
  return rules
    .map(({ from, to, wholeWord, matchCase, language }) => {
      const more = [wholeWord ? '' : PART, matchCase ? CASE : '', language].filter((part) => part !== '').join(' ');
      return `${clean(from)}\t${clean(to)}${more === '' ? '' : `\t${more}`}\n`;
    })
    .join('');
}

/**
 * The rules in a text, which may also have arrows ("a → b", "a => b") or commas in a spreadsheet's file for tabs.
 * @returns `skipped`: lines in which there was none
 */
export function rulesOfText(text: string): { rules: Rule[]; skipped: number } {
  const rules: Rule[] = [];
  let skipped = 0;
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|[\n\r]/)) {
    if (line.trim() === '') continue;
    const [from, to, more] = (/\t/.test(line) ? line.split('\t') : line.split(/\s*(?:→|=>|->)\s*/)).map((part) =>
      part.trim(),
    ) as [string, string | undefined, string | undefined];
    if (from === '' || to === undefined) {
      skipped += 1;
      continue;
    }
    const marks = (more ?? '').split(/[\s,]+/).filter((mark) => mark !== '');
    const language = marks.find((mark) => mark !== PART && mark !== CASE) ?? '';
    rules.push({ from, to, wholeWord: !marks.includes(PART), matchCase: marks.includes(CASE), language });
  }
  return { rules, skipped };
}

/** Only what is a rule; what was kept by another version may be anything. */
export function validRules(value: unknown): Rule[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).flatMap((one): Rule[] => {
    const { from, to, wholeWord, matchCase, language } = (one ?? {}) as Record<string, unknown>;
    if (typeof from !== 'string' || typeof to !== 'string') return [];
    return [
      {
        ...{ from, to, wholeWord: wholeWord !== false, matchCase: matchCase === true },
        language: typeof language === 'string' ? language : '',
      },
    ];
  });
}
