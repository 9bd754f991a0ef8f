/** Cues as subtitle formats want them: sorted, never overlapping, each at least a millisecond long, none empty. */
import type { Cue } from '../../workers/protocol.ts';
import { toMs } from './subtitle-clock.ts';

/** Whole milliseconds. `text` has no blank line, no control character and no space at a line's ends. */
export type Subtitle = { startMs: number; endMs: number; text: string };

// Every line end Unicode knows; a blank line would end the cue in both formats.
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
// Control characters no player shows and some stop at; tab and the line ends are not among them.
const CONTROL = /[\u0000-\u0008\u000e-\u001f\u007f]/g;

/** The text's lines without blank ones. Empty when nothing is left to show. */
export function subtitleText(text: string): string {
  return text
    .split(LINE_END)
    .map((line) => line.replace(CONTROL, '').trim())
    .filter((line) => line !== '')
    .join('\n');
}

/**
 * Where two cues overlap, the earlier one ends when the later one starts; where they start together, the later one
 * moves by the millisecond the earlier one needs.
 */
export function subtitles(cues: readonly Cue[]): Subtitle[] {
  const spoken = cues
    .map((cue) => ({ startMs: toMs(cue.start), endMs: toMs(cue.end), text: subtitleText(cue.text) }))
    .filter((cue) => cue.text !== '')
    .sort((a, b) => a.startMs - b.startMs);
  let free = 0;
  return spoken.map(({ startMs, endMs, text }, index) => {
    const start = Math.max(startMs, free);
    const next = spoken[index + 1]?.startMs ?? Infinity;
    const end = Math.max(start + 1, Math.min(endMs, next));
    free = end;
    return { startMs: start, endMs: end, text };
  });
}
