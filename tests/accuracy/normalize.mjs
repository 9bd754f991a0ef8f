/**
 * The text normalization that Whisper's word error rates are published with (openai/whisper, whisper/normalizers/basic.py
 * and english.py; "Robust Speech Recognition via Large-Scale Weak Supervision", appendix C): what two people would write
 * differently for the same words is no error. Written from the published rules; the table of spellings is data of theirs
 * (spelling.json carries its source and licence).
 */
import { readFileSync } from 'node:fs';
import { END, finishNumbers, prepareNumbers, readNumbers, SPACE, START } from './numbers.mjs';

/** @type {Map<string, string>} British spellings to American ones. */
const spellings = new Map(
  Object.entries(JSON.parse(readFileSync(new URL('spelling.json', import.meta.url), 'utf8')).spellings),
);

/** Letters that Unicode does not take apart into a plain one and a mark. */
const PLAIN = {
  ...{ œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', æ: 'ae', Æ: 'AE', ß: 'ss', ẞ: 'SS', đ: 'd', Đ: 'D' },
  ...{ ð: 'd', Ð: 'D', þ: 'th', Þ: 'th', ł: 'l', Ł: 'L' },
};

/** Whole words: pattern and what is said. Order matters: "won't" comes before every "n't". */
const WHOLE = {
  "won't": 'will not',
  "can't": 'can not',
  "let's": 'let us',
  "ain't": 'aint',
  "y'all": 'you all',
  wanna: 'want to',
  kinda: 'kind of',
  sorta: 'sort of',
  dunno: 'do not know',
  gotta: 'got to',
  gonna: 'going to',
  "i'ma": 'i am going to',
  imma: 'i am going to',
  woulda: 'would have',
  coulda: 'could have',
  shoulda: 'should have',
  cause: 'because',
  "ma'am": 'madam',
};
const TITLES = {
  ...{ mr: 'mister', mrs: 'missus', st: 'saint', dr: 'doctor', prof: 'professor', capt: 'captain', gov: 'governor' },
  ...{ ald: 'alderman', gen: 'general', sen: 'senator', rep: 'representative', pres: 'president', rev: 'reverend' },
  ...{ hon: 'honorable', asst: 'assistant', assoc: 'associate', lt: 'lieutenant', col: 'colonel', jr: 'junior' },
  ...{ sr: 'senior', esq: 'esquire' },
};
const ENDINGS = {
  "'d been": 'had been',
  "'s been": 'has been',
  "'d gone": 'had gone',
  "'s gone": 'has gone',
  "'d done": 'had done',
  "'s got": 'has got',
  "n't": 'not',
  "'re": 'are',
  "'s": 'is',
  "'d": 'would',
  "'ll": 'will',
  "'t": 'not',
  "'ve": 'have',
  "'m": 'am',
};
/** @type {[RegExp, string][]} */
const REPLACED = [
  [/[<[][^>\]]*[>\]]/gu, ''],
  [/\([^)]+\)/gu, ''],
  [new RegExp(`${START}(hmm|mm|mhm|mmm|uh|um)${END}`, 'gu'), ''],
  [new RegExp(`${SPACE}+'`, 'gu'), "'"],
  ...Object.entries(WHOLE).map(([word, said]) => pattern(`${START}${word}${END}`, said)),
  ...Object.entries(TITLES).map(([word, said]) => pattern(`${START}${word}${END}`, `${said} `)),
  ...Object.entries(ENDINGS).map(([word, said]) => pattern(`${word}${END}`, ` ${said}`)),
  // Commas inside numbers go, and so does each period that no digit follows.
  [/(\p{Nd}),(\p{Nd})/gu, '$1$2'],
  [/\.([^0-9]|$)/gu, ' $1'],
];
const SPACES = new RegExp(`${SPACE}+`, 'gu');

/** @returns {[RegExp, string]} */
function pattern(/** @type {string} */ source, /** @type {string} */ said) {
  return [new RegExp(source, 'gu'), said];
}

/** The characters of a text as people see them. */
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const lettersOf = (/** @type {string} */ text) => Array.from(graphemes.segment(text), ({ segment }) => segment);

/**
 * English: lower case, without what stands in brackets or between words ("uh"), contractions and titles written out,
 * numbers in digits, American spelling, no punctuation and no accents.
 * @param {string} text
 * @returns {string} words with one space between them; there may be one at either end, as in the original
 */
export function normalizeEnglish(text) {
  const said = REPLACED.reduce((before, [from, to]) => before.replace(from, to), text.toLowerCase());
  const plain = said
    .normalize('NFKD')
    .replace(/[\p{M}\p{S}\p{P}œŒøØæÆßẞđĐðÐþÞłŁ]/gu, (sign) =>
      /[.%$¢€£]/.test(sign) ? sign : (PLAIN[sign] ?? (/\p{Mn}/u.test(sign) ? '' : ' ')),
    );
  const numbers = finishNumbers(readNumbers(wordsOf(prepareNumbers(plain))).join(' '));
  return (
    wordsOf(numbers)
      .map((word) => spellings.get(word) ?? word)
      .join(' ')
      // Signs that turned out to belong to no number.
      .replace(/[.$¢€£]([^0-9])/gu, ' $1')
      .replace(/([^0-9])%/gu, '$1 ')
      .replace(SPACES, ' ')
  );
}

/**
 * Every other language: lower case, without what stands in brackets, punctuation, symbols and marks replaced by spaces.
 * @param {string} text
 * @param {{ splitLetters?: boolean }} [options] `splitLetters`: each character is a word
 * @returns {string} words with one space between them; there may be one at either end, as in the original
 */
export function normalizeBasic(text, { splitLetters = false } = {}) {
  const plain = text
    .toLowerCase()
    .replace(/[<[][^>\]]*[>\]]/gu, '')
    .replace(/\([^)]+\)/gu, '')
    .normalize('NFKC')
    .replace(/[\p{M}\p{S}\p{P}]/gu, ' ')
    .toLowerCase();
  return (splitLetters ? lettersOf(plain).join(' ') : plain).replace(SPACES, ' ');
}

/** Languages written without spaces: Chinese, Cantonese, Japanese, Thai, Lao, Burmese (appendix C of the paper). */
const UNSPACED = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'my']);
const primary = (/** @type {string} */ language) => /^[a-z]*/.exec(language.toLowerCase())?.[0] ?? '';

/** @param {string} language ISO 639-1 code; of "en+de" and "en-US" the first part counts */
export const isUnspaced = (language) => UNSPACED.has(primary(language));

/**
 * The rules for a language: English has its own; where words are written without spaces, the characters are the words.
 * @param {string} text
 * @param {string} language ISO 639-1 code; of "en+de" and "en-US" the first part counts
 */
export function normalize(text, language) {
  if (primary(language) === 'en') return normalizeEnglish(text);
  return normalizeBasic(text, { splitLetters: isUnspaced(language) });
}

/** @param {string} text normalized */
export const wordsOf = (text) => text.split(SPACES).filter(Boolean);
