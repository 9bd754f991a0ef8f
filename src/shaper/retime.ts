/** When subtitles come and go: long enough to be read, not longer than allowed, apart from each other. Pure. */
import { mapping } from '../mapping.ts';
import { measureOf } from './cut.ts';
import type { Limits } from './limits.ts';
import type { Shaped } from './shaped.ts';

/** A subtitle that comes before its words by up to this much still seems in time. Milliseconds. */
const EARLY_MS = 200;

/**
 * @param shaped with the times of their words; those of several speakers may overlap
 * @param endMs of the recording; subtitles that start before it end by then
 * @returns the same with times that are sorted, apart, and at least a millisecond long; in lack of room a limit breaks
 */
export function* retiming(shaped: readonly Shaped[], limits: Limits, endMs: number): Generator<void, Shaped[]> {
  const sorted = yield* inOrder(shaped);
  yield;
  const maxMs = Math.round(limits.maxSeconds * 1000) || Infinity;
  let start = sorted[0]?.startMs ?? 0;
  let lastEnd = -Infinity;
  return yield* mapping(sorted, (subtitle, index) => {
    // Those that start together follow each other by the millisecond that each one needs.
    const next = Math.max(sorted[index + 1]?.startMs ?? Infinity, start + 1);
    const wanted = Math.min(maxMs, readingMs(subtitle, limits));
    const latest = Math.max(start + 1, Math.min(next - limits.gapMs, endMs));
    const end = Math.max(start + 1, Math.min(Math.max(subtitle.endMs, start + wanted), latest, start + maxMs));
    // No room behind it: it may come a moment before its words.
    const missing = start + wanted - end;
    const earliest = Math.max(0, lastEnd + limits.gapMs, start - EARLY_MS);
    const from = missing > 0 ? Math.min(start, Math.max(earliest, start - missing)) : start;
    lastEnd = end;
    start = next;
    return { ...subtitle, startMs: from, endMs: end, words: inside(subtitle.words, from, end) };
  });
}

/** Sorted by start. Where the cues of one speaker overlap, the words stay in the order of the cues. */
function* inOrder(shaped: readonly Shaped[]): Generator<void, Shaped[]> {
  const latest = new Map<string | undefined, number>();
  const placed = yield* mapping(shaped, (subtitle) => {
    const startMs = Math.max(subtitle.startMs, latest.get(subtitle.speaker) ?? 0);
    latest.set(subtitle.speaker, startMs);
    return { ...subtitle, startMs };
  });
  return placed.sort((a, b) => a.startMs - b.startMs);
}

/** The least time that a subtitle has to stay. */
function readingMs({ widths, fullWidth }: Shaped, limits: Limits): number {
  const { perSecond } = measureOf(fullWidth, limits);
  const columns = widths.reduce((sum, width) => sum + width, 0);
  return Math.max(Math.round(limits.minSeconds * 1000), Math.ceil((columns * 1000) / perSecond));
}

function inside(words: Shaped['words'], startMs: number, endMs: number): Shaped['words'] {
  return words.map((word) => ({
    ...word,
    startMs: Math.min(endMs, Math.max(startMs, word.startMs)),
    endMs: Math.min(endMs, Math.max(startMs, word.endMs)),
  }));
}
