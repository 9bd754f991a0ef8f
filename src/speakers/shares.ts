/** What can be said of each speaker of a recording: how much they talk, and where they are heard best. Pure. */
import type { Cue, SpeakerTurn } from '../../workers/protocol.ts';

export type Share = {
  speaker: string;
  /** Seconds of talk. Two who talk at once both do. */
  seconds: number;
  /** Of the talk of all, [0, 1]. */
  ofTime: number;
  words: number;
  /** Of the words of all, [0, 1]. */
  ofWords: number;
  /** Where only this speaker talks, five seconds at most; null: nowhere. */
  clearest: { start: number; end: number } | null;
};

/** Seconds that are enough to know a voice by. */
const SAMPLE_SECONDS = 5;
/** Two turns of one speaker with no more than this between them, and nobody else, are heard as one. Seconds. */
const BREATH = 0.5;

/**
 * @param turns sorted by start
 * @param others where somebody is heard behind the one whose turn it is: no part of anybody's share, and not clear
 * @returns in the order of first appearance
 */
export function sharesOf(
  turns: readonly SpeakerTurn[],
  cues: readonly Cue[],
  others: readonly SpeakerTurn[] = [],
): Share[] {
  const seconds = new Map<string, number>();
  for (const { speaker, start, end } of turns) seconds.set(speaker, (seconds.get(speaker) ?? 0) + end - start);
  const words = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const { speaker, text } of cues) {
    if (speaker === undefined) continue;
    const count = wordsIn(text);
    counts.set(text, count);
    words.set(speaker, (words.get(speaker) ?? 0) + count);
  }
  counted = counts;
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const [allSeconds, allWords] = [sum(seconds.values()), sum(words.values())];
  const clear = clearestOf([...turns, ...others].sort((a, b) => a.start - b.start));
  return [...seconds].map(([speaker, own]) => ({
    speaker,
    seconds: own,
    ofTime: allSeconds > 0 ? own / allSeconds : 0,
    words: words.get(speaker) ?? 0,
    ofWords: allWords > 0 ? (words.get(speaker) ?? 0) / allWords : 0,
    clearest: clear.get(speaker) ?? null,
  }));
}

let segmenter: Intl.Segmenter | null = null;
/** Of the texts that were counted last: with another number of speakers nearly all of them are the same. */
let counted: ReadonlyMap<string, number> = new Map();

/** Words as the language's own rules tell them: Chinese and Japanese write no spaces. */
function wordsIn(text: string): number {
  const known = counted.get(text);
  if (known !== undefined) return known;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' });
  let count = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike === true) count += 1;
  return count;
}

/** The longest stretch of each speaker without anybody else, from its middle. */
function clearestOf(turns: readonly SpeakerTurn[]): Map<string, { start: number; end: number }> {
  const longest = new Map<string, { start: number; end: number }>();
  let open = null as SpeakerTurn | null;
  const close = (): void => {
    const best = open && longest.get(open.speaker);
    if (open && (!best || open.end - open.start > best.end - best.start)) longest.set(open.speaker, open);
    open = null;
  };
  /** Up to here somebody has been talking already. */
  let taken = -Infinity;
  for (const turn of turns) {
    if (open !== null && turn.speaker === open.speaker && turn.start - open.end <= BREATH && taken <= open.end) {
      open = { ...open, end: Math.max(open.end, turn.end) };
    } else {
      // Who begins while another still talks takes the end from that one's stretch.
      if (open !== null && turn.speaker !== open.speaker) open = { ...open, end: Math.min(open.end, turn.start) };
      close();
      const start = Math.max(turn.start, taken);
      if (start < turn.end) open = { ...turn, start };
    }
    taken = Math.max(taken, turn.end);
  }
  close();
  for (const [speaker, { start, end }] of longest) {
    const extra = Math.max(0, end - start - SAMPLE_SECONDS) / 2;
    longest.set(speaker, { start: start + extra, end: end - extra });
  }
  return longest;
}
