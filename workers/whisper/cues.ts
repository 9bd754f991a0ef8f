/** From a window's segments to cues on the file's clock, each inside one piece of the file. */
import type { Cue, Word } from '../protocol';
import type { FileClock } from '../speech/windows';
import { straddles, type Segment } from './segments';
import type { TextCodec } from './text';
import type { TimedWord } from './words';

/**
 * @param words of all segments, or null where they were not asked for; a segment over a left-out silence is split by
 *   them, and without them put where most of it lies
 * @param keepWords put the words into the cues
 * @returns cues with text, in order, inside the window's pieces; words inside their cue
 */
export function cuesFromSegments(
  segments: readonly Segment[],
  text: TextCodec,
  clock: FileClock,
  words: readonly TimedWord[] | null,
  keepWords: boolean,
): Cue[] {
  return segments
    .flatMap((segment, index): Cue[] => {
      const own = words?.filter((word) => word.segment === index) ?? [];
      const cue = (from: number, to: number, said: string, spoken: readonly TimedWord[]): Cue => {
        const start = milliseconds(clock.toFile(from, 'start'));
        const end = Math.max(start, milliseconds(clock.toFile(to, 'end')));
        return {
          start,
          end,
          text: said.trim(),
          ...(keepWords && { words: wordsWithin(spoken, clock, start, end) }),
          ...(segment.doubt && { doubt: segment.doubt }),
        };
      };
      if (!straddles(segment, clock)) return [cue(segment.start, segment.end, text.decode(segment.tokens), own)];
      if (own.length === 0) {
        const home = clock.mostly(segment.start, segment.end);
        return [
          cue(Math.max(segment.start, home.start), Math.min(segment.end, home.end), text.decode(segment.tokens), []),
        ];
      }
      const groups = new Map<number, TimedWord[]>();
      for (const word of own) {
        const piece = clock.piece((word.start + word.end) / 2, 'start');
        groups.set(piece, [...(groups.get(piece) ?? []), word]);
      }
      return [...groups].map(([piece, group]) => {
        const home = clock.pieces[piece];
        const from = Math.max(home.start, group[0] === own[0] ? segment.start : group[0].start);
        const to = Math.min(home.end, group.at(-1) === own.at(-1) ? segment.end : group.at(-1)!.end);
        return cue(from, Math.max(from, to), group.map((word) => word.raw).join(''), group);
      });
    })
    .filter((cue) => cue.text !== '');
}

function wordsWithin(words: readonly TimedWord[], clock: FileClock, from: number, to: number): Word[] {
  let at = from;
  return words.map((word) => {
    const start = Math.min(to, Math.max(at, milliseconds(clock.toFile(word.start, 'start'))));
    const end = Math.min(to, Math.max(start, milliseconds(clock.toFile(word.end, 'end'))));
    at = end;
    return { start, end, text: word.text, probability: word.probability };
  });
}

/** Whole milliseconds: 114 steps of 0.02 s are 2.2800000000000002 s, which no person needs to see. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
