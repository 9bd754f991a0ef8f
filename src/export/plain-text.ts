/** The words alone, in paragraphs, to read or to paste. */
import type { Cue } from '../../workers/protocol.ts';

/** A silence this long starts a new paragraph; about the pause between two speakers or two subjects. */
const PAUSE_SECONDS = 2;
/** Without such a silence a paragraph ends at the first sentence end after this many characters (about 100 words). */
const LONG_PARAGRAPH = 600;

// Closing quotes and brackets may follow the stop; Western, CJK, Arabic, Devanagari full stops.
const SENTENCE_END = /[.!?…。！？؟۔।]["'”’»)\]」』]*$/;
// Scripts written without spaces between words.
const UNSPACED = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'km', 'my', 'bo']);

/**
 * @param language ISO code, or null when unknown: decides whether a space stands between two cues, where the cue itself
 * does not say what it is in
 */
export function plainText(cues: readonly (Cue & { language?: string })[], language: string | null): string {
  const paragraphs: string[] = [];
  let paragraph = '';
  let heardUntil = -Infinity;
  for (const cue of cues) {
    const text = cue.text.replace(/\s+/g, ' ').trim();
    if (text === '') continue;
    const glue = UNSPACED.has(cue.language ?? language ?? '') ? '' : ' ';
    const pause = cue.start - heardUntil >= PAUSE_SECONDS;
    const full = paragraph.length >= LONG_PARAGRAPH && SENTENCE_END.test(paragraph);
    if (paragraph !== '' && (pause || full)) {
      paragraphs.push(paragraph);
      paragraph = '';
    }
    paragraph = paragraph === '' ? text : paragraph + glue + text;
    heardUntil = Math.max(heardUntil, cue.end);
  }
  if (paragraph !== '') paragraphs.push(paragraph);
  return paragraphs.map((each) => `${each}\n`).join('\n');
}
