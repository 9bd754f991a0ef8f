/** Text cut into pieces that are never broken: words with their punctuation, each with its time. Pure. */
import { alignTimes } from '../alignment/times.ts';
import { UNSPACED_SCRIPT } from '../unspaced-scripts.ts';
import { columnsOf } from './columns.ts';
import { breakCost } from './phrases.ts';

/** A cue as it is shaped. Seconds; `words` as heard, empty or missing where nothing says when each is said. */
export type ShapedCue = {
  start: number;
  end: number;
  text: string;
  words?: readonly { start: number; end: number; text: string }[];
  speaker?: string;
  language?: string;
};

/**
 * `glue` stands between this piece and the one before it, where no line is broken there; `breakCost` is what a break
 * there costs (phrases.ts), once `weighed` has set it. Whole milliseconds.
 */
export type Piece = {
  text: string;
  glue: '' | ' ';
  columns: number;
  breakCost: number;
  startMs: number;
  endMs: number;
};

/** White space at which a line may be broken: a no-break space is part of its word. */
const SPACE = /[^\S\u00a0\u202f\ufeff]+/u;
/** What may not begin a line: closing punctuation, iteration and length marks, small kana (JIS X 4051, "kinsoku"). */
const LEANS_LEFT = /^[\p{Pe}\p{Pf}\p{Po}\p{Pd}\p{M}ー々〻ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ～%‰°]+$/u;
/** What may not end one: opening punctuation. */
const LEANS_RIGHT = /^[\p{Ps}\p{Pi}¿¡$£€¥#]+$/u;

const segmenters = new Map<string, Intl.Segmenter>();

function wordsIn(language: string): Intl.Segmenter {
  let segmenter = segmenters.get(language);
  if (segmenter === undefined) {
    try {
      segmenter = new Intl.Segmenter(language, { granularity: 'word' });
    } catch {
      // Not a language tag: the text is cut by its script alone.
      segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
    }
    segmenters.set(language, segmenter);
  }
  return segmenter;
}

/** White space as the pieces know it: one space, none at the ends. */
export function tidy(text: string): string {
  return text.split(SPACE).filter(Boolean).join(' ');
}

/** A text's pieces with the glue before each; joined they give `tidy(text)`. */
export function split(text: string, language: string): { text: string; glue: '' | ' ' }[] {
  const pieces: { text: string; glue: '' | ' ' }[] = [];
  for (const chunk of text.split(SPACE)) {
    if (chunk === '') continue;
    const parts = UNSPACED_SCRIPT.test(chunk) ? withoutSpaces(chunk, language) : [chunk];
    parts.forEach((part, index) => pieces.push({ text: part, glue: index === 0 && pieces.length > 0 ? ' ' : '' }));
  }
  return withPunctuation(pieces);
}

/** Words of a script without spaces, each with the punctuation that leans on it. */
function withoutSpaces(chunk: string, language: string): string[] {
  const parts: string[] = [];
  let opening = '';
  for (const { segment } of wordsIn(language).segment(chunk)) {
    const last = parts.length - 1;
    if (LEANS_RIGHT.test(segment)) opening += segment;
    else if (LEANS_LEFT.test(segment) && opening === '' && last >= 0) parts[last] += segment;
    else {
      parts.push(opening + segment);
      opening = '';
    }
  }
  if (opening !== '') parts.push(opening);
  return parts;
}

/** A mark that stands alone between spaces ("Quoi ?", "« Oui") stays with its word. A row of marks does not pile up. */
function withPunctuation(pieces: { text: string; glue: '' | ' ' }[]): { text: string; glue: '' | ' ' }[] {
  const joined: { text: string; glue: '' | ' ' }[] = [];
  let isJoined = false;
  for (const piece of pieces) {
    const last = joined.at(-1);
    const leans = last !== undefined && (LEANS_LEFT.test(piece.text) || LEANS_RIGHT.test(last.text));
    if (leans && !isJoined) {
      last.text += piece.glue + piece.text;
      isJoined = true;
    } else {
      joined.push({ ...piece });
      isJoined = false;
    }
  }
  return joined;
}

/** The pieces of a cue with their times, which never run backwards and never leave the cue. */
export function piecesOf(cue: ShapedCue): Piece[] {
  const startMs = Math.max(0, Math.round(cue.start * 1000));
  const endMs = Math.max(startMs, Math.round(cue.end * 1000));
  const parts = split(cue.text, cue.language ?? '');
  const spans = alignTimes(
    parts.map(({ text }) => text),
    cue.words ?? [],
    cue.start,
    cue.end,
  );
  let free = startMs;
  return parts.map((part, index) => {
    const { start, end } = spans[index];
    const from = Math.min(endMs, Math.max(free, Math.round(start * 1000)));
    const to = Math.min(endMs, Math.max(from, Math.round(end * 1000)));
    free = to;
    return { ...part, columns: columnsOf(part.text), breakCost: 0, startMs: from, endMs: to };
  });
}

/** The same pieces, each with what a break before it costs. */
export function weighed(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece, index) =>
    index === 0 ? piece : { ...piece, breakCost: breakCost(pieces[index - 1].text, piece.text) },
  );
}

/** What stands between two cues that come to stand in one subtitle. */
export function glueBetween(before: string, after: string): '' | ' ' {
  return UNSPACED_SCRIPT.test(before.slice(-2)) && UNSPACED_SCRIPT.test(after.slice(0, 2)) ? '' : ' ';
}
