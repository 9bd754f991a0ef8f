/** Cues gathered to be read: what is said in one go by one speaker is a paragraph. Pure. */
import { UNSPACED_LANGUAGES, type Cue } from '../../workers/protocol.ts';
import { flatMapping } from '../mapping.ts';
import { atOnce } from '../slices.ts';
import { speakerName, type Speaker } from './speakers.ts';

/** Seconds. `name`: what the speaker is called. */
export type Paragraph = { start: number; end: number; text: string; name?: string };

/** A silence this long starts a new paragraph; about the pause between two speakers or two subjects. */
const PAUSE_SECONDS = 2;
/** Without such a silence a paragraph ends at the first sentence end after this many characters (about 100 words). */
const LONG_PARAGRAPH = 600;

// Closing quotes and brackets may follow the stop; Western, CJK, Arabic, Devanagari full stops.
const SENTENCE_END = /[.!?…。！？؟۔।]["'”’»)\]」』]*$/;

type Gathering = {
  /** ISO code, or null when unknown: decides whether a space stands between two cues that do not say it themselves. */
  language: string | null;
  /** False: every cue is a paragraph of its own. */
  paragraphs?: boolean;
  speakers?: readonly Speaker[] | undefined;
};

/** Empty cues are left out; white space inside a text is one space. */
export function paragraphsOf(...of: Parameters<typeof gathering>): Paragraph[] {
  return atOnce(gathering(...of));
}

/** The same, step by step. */
export function* gathering(
  cues: readonly (Cue & { language?: string })[],
  { language, paragraphs = true, speakers }: Gathering,
): Generator<void, Paragraph[]> {
  let last: Paragraph | null = null;
  let speaker: string | undefined;
  return yield* flatMapping(cues, (cue) => {
    const text = cue.text.replace(/\s+/g, ' ').trim();
    if (text === '') return [];
    const isPause = last !== null && cue.start - last.end >= PAUSE_SECONDS;
    const isFull = last !== null && last.text.length >= LONG_PARAGRAPH && SENTENCE_END.test(last.text);
    const isNew = cue.speaker !== speaker;
    speaker = cue.speaker;
    if (last === null || !paragraphs || isPause || isFull || isNew) {
      last = {
        ...{ start: cue.start, end: cue.end, text },
        ...(speaker !== undefined && { name: speakerName(speakers, speaker) }),
      };
      return [last];
    }
    last.text += (UNSPACED_LANGUAGES.has(cue.language ?? language ?? '') ? '' : ' ') + text;
    last.end = Math.max(last.end, cue.end);
    return [];
  });
}
