/** What a person can do to one cue, or to two. Each takes cues and gives new ones: start ≤ end, words inside. Pure. */
import type { Word } from '../../workers/protocol.ts';
import type { EditableCue } from '../queue/job.ts';
import { glueBetween } from '../shaper/pieces.ts';
import { clamped, retimed, spread, toMilliseconds, tokensOf, wordsAround } from '../words/word-times.ts';

/** A cue whose text was changed; what was doubted stays marked. */
export function withText(cue: EditableCue, text: string): EditableCue {
  return withWords({ ...cue, text, edited: true }, retimed(cue, text));
}

/**
 * Two cues of one.
 * @param at a place in the text, in UTF-16 code units
 * @returns null where there is nothing on one side of it
 */
export function splitCue(cue: EditableCue, at: number, id: string): [EditableCue, EditableCue] | null {
  const before = cue.text.slice(0, at).trimEnd();
  const behind = cue.text.slice(at).trimStart();
  if (before.trim() === '' || behind === '') return null;
  const share = cue.start + ((cue.end - cue.start) * at) / cue.text.length;
  const [first, second] = cue.words === undefined ? [] : wordsAround(cue.text, cue.words, at);
  const between = (seconds: number) => toMilliseconds(Math.min(cue.end, Math.max(cue.start, seconds)));
  const starts = between(second?.[0]?.start ?? first?.at(-1)?.end ?? share);
  const ends = Math.min(starts, between(first?.at(-1)?.end ?? starts));
  return [
    withWords(
      { ...unheard(cue), end: ends, text: before.trimStart(), edited: true },
      first && clamped(first, cue.start, ends),
    ),
    withWords(
      { ...unheard(cue), id, start: starts, text: behind.trimEnd(), edited: true },
      second && clamped(second, starts, cue.end),
    ),
  ];
}

/** One cue of two, with the name, the speaker and the language of the first. `seam`: where the second begins in it. */
export function mergeCues(first: EditableCue, second: EditableCue): { cue: EditableCue; seam: number } {
  const glue = first.text === '' || second.text === '' ? '' : glueBetween(first.text, second.text);
  const doubt = first.doubt ?? second.doubt;
  const merged: EditableCue = {
    ...unheard(first),
    start: Math.min(first.start, second.start),
    end: Math.max(first.end, second.end),
    text: first.text + glue + second.text,
    edited: true,
    ...(doubt !== undefined && { doubt }),
  };
  const timed = first.words !== undefined || second.words !== undefined;
  return {
    cue: withWords(merged, timed ? [...wordsOf(first), ...wordsOf(second)] : undefined),
    seam: first.text.length + glue.length,
  };
}

/** Words of a cue that may have none: then they lie side by side in it. */
function wordsOf(cue: EditableCue): Word[] {
  return cue.words ?? spread(tokensOf(cue.text), cue.start, cue.end);
}

/**
 * A cue with other times. Its words stay where they sound, as far as that is inside; where the whole cue was moved, they
 * move with it.
 * @param start seconds; below 0 is 0
 * @param end seconds; before `start` is `start`
 */
export function withTimes(cue: EditableCue, start: number, end: number): EditableCue {
  const from = toMilliseconds(Math.max(0, start));
  const to = Math.max(from, toMilliseconds(end));
  const moved = from >= cue.end || to <= cue.start || Math.abs(to - from - (cue.end - cue.start)) < 0.0005;
  const scale = cue.end > cue.start ? (to - from) / (cue.end - cue.start) : 0;
  const place = (seconds: number) => toMilliseconds(from + (seconds - cue.start) * scale);
  const words = moved
    ? cue.words?.map((word) => ({ ...word, start: place(word.start), end: place(word.end) }))
    : cue.words;
  return withWords({ ...cue, start: from, end: to }, words && clamped(words, from, to));
}

/** @param speaker undefined: nobody is named. Who speaks is not one of those who speak in the meantime. */
export function withSpeaker(cue: EditableCue, speaker: string | undefined): EditableCue {
  const { speaker: _, alsoSpeaking, ...nameless } = cue;
  const others = alsoSpeaking?.filter((id) => id !== speaker) ?? [];
  return {
    ...nameless,
    ...(speaker !== undefined && { speaker }),
    ...(others.length > 0 && { alsoSpeaking: others }),
  };
}

/** Half a cue, or two, are no more what was heard as one. */
function unheard(cue: EditableCue): EditableCue {
  const { heard: _, ...rest } = cue;
  return rest;
}

function withWords(cue: EditableCue, words: Word[] | undefined): EditableCue {
  const { words: _, ...wordless } = cue;
  return words === undefined ? wordless : { ...wordless, words };
}
