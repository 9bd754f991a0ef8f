/** How wide text is, in columns, and whether most of it is full-width. Pure. */

/** Text in which every UTF-16 unit is one character of one column: Latin, Greek, Cyrillic and Hebrew letters alone. */
const PLAIN = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0590\u05d0-\u05ea\u2010-\u2027]*$/;

/**
 * East Asian Wide and Fullwidth (UAX #11): Hangul Jamo, CJK from its radicals to its ideographs, Hangul syllables, the
 * compatibility and fullwidth forms, and the supplementary planes of ideographs.
 */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\u{1f1e6}-\u{1f1ff}]/u;
/** Marks and format characters alone: nothing that takes up room. */
const NO_WIDTH = /^[\p{M}\p{Cf}\p{Cc}]+$/u;
/** Wide letters; punctuation and emoji say nothing of the script. */
const WIDE_LETTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Yi}]/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The columns that a text takes up in one line. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += columnsOfOne(segment);
  return columns;
}

function columnsOfOne(grapheme: string): number {
  if (WIDE.test(grapheme) || EMOJI.test(grapheme)) return 2;
  return NO_WIDTH.test(grapheme) ? 0 : 1;
}

/** Whether wide letters make up at least half of the text: then the limits for full-width text hold. */
export function isFullWidth(text: string): boolean {
  if (PLAIN.test(text)) return false;
  let letters = 0;
  let wide = 0;
  for (const character of text) {
    if (WIDE_LETTER.test(character)) wide += 1;
    else if (!/\p{L}/u.test(character)) continue;
    letters += 1;
  }
  return wide > 0 && wide * 2 >= letters;
}
