/** A text that is known (a script, an older transcript) laid on the sound, by the words that were heard in it. Pure. */
import { keyOf, matching } from '../alignment/match.ts';
import { aligning, type TimedWord } from '../alignment/times.ts';
import { split, tidy } from '../shaper/pieces.ts';
import { atOnce } from '../slices.ts';

/** Seconds. `words` have the times of what was heard; a word that was not heard has a time between its neighbours. */
type AlignedCue = {
  start: number;
  end: number;
  text: string;
  words: { start: number; end: number; text: string; probability: number }[];
};
type AlignedText = {
  cues: AlignedCue[];
  /** The share of the text's words that were heard as they stand there, [0, 1]: under a half it is another text. */
  heard: number;
};

/** Lines longer than this are cut at the next word: a cue is some seconds of speech. */
const MOST_CHARACTERS = 200;

/**
 * @param script lines or paragraphs; each line becomes a cue, long ones several
 * @param heard the words of the recording in order, seconds; `probability` as the model gave it
 * @param language ISO code; decides how words are found in scripts without spaces
 * @param endSeconds of the recording
 */
export function alignText(
  script: string,
  heard: readonly (TimedWord & { probability?: number })[],
  language: string,
  endSeconds: number,
): AlignedText {
  return atOnce(aligningText(script, heard, language, endSeconds));
}

/** The same in steps of some milliseconds. */
export function* aligningText(
  script: string,
  heard: readonly (TimedWord & { probability?: number })[],
  language: string,
  endSeconds: number,
): Generator<void, AlignedText> {
  const rows = script.split(/\r\n|[\n\r\u2028\u2029]/).flatMap((line) => cutLong(tidy(line), language));
  const words = rows.flatMap((row) => row.words);
  const spans = yield* aligning(
    words.map(({ text }) => text),
    heard,
    0,
    endSeconds,
  );
  const keys = words.map(({ text }) => keyOf(text));
  const heardKeys = heard.map(({ text }) => keyOf(text));
  const places = yield* matching(keys, heardKeys);
  let same = 0;
  let at = 0;
  let free = 0;
  const cues = rows.map((row): AlignedCue => {
    const timed = row.words.map(({ text }) => {
      const place = places[at];
      const isSame = place >= 0 && keys[at] === heardKeys[place];
      if (isSame) same += 1;
      const start = Math.max(free, spans[at].start);
      const end = Math.max(start, spans[at].end);
      free = end;
      at += 1;
      return { start, end, text, probability: isSame ? (heard[place].probability ?? 1) : 0 };
    });
    return { start: timed[0].start, end: timed[timed.length - 1].end, text: row.text, words: timed };
  });
  return { cues, heard: words.length === 0 ? 0 : same / words.length };
}

type Row = { text: string; words: { text: string; glue: string }[] };

/** A line as one row, or as several of about the most characters, cut between words and after a sentence where one ends. */
function cutLong(line: string, language: string): Row[] {
  const rows: Row[] = [];
  let open: Row | null = null;
  for (const word of split(line, language)) {
    const isEnd =
      open !== null && /[.!?…。！？؟۔।]["'”’»)\]」』]*$/u.test(open.text) && open.text.length > MOST_CHARACTERS / 4;
    if (open === null || isEnd || open.text.length + word.text.length > MOST_CHARACTERS) {
      open = { text: word.text, words: [word] };
      rows.push(open);
    } else {
      open.text += word.glue + word.text;
      open.words.push(word);
    }
  }
  return rows;
}
