/** What of the limits a subtitle breaks. Pure. */
import { measureOf } from './cut.ts';
import type { Limits } from './limits.ts';
import type { Shaped } from './shaped.ts';

/**
 * `value` and `limit` in the unit of the kind: columns (`line`), lines (`lines`), columns a second (`fast`),
 * milliseconds (`short`, `long`, and `gap`: to the subtitle after it).
 */
export type Violation = { kind: 'line' | 'lines' | 'fast' | 'short' | 'long' | 'gap'; value: number; limit: number };

/** Speed is compared with a hundredth to spare: nobody reads so exactly, and it is not written out either. */
const SPEED_SLACK = 0.01;

/** The limits that a subtitle breaks, none for most. @param next the one after it */
export function violationsOf(subtitle: Shaped, next: Shaped | undefined, limits: Limits): Violation[] {
  const { lines, widths, startMs, endMs, fullWidth } = subtitle;
  const { perLine, perSecond } = measureOf(fullWidth, limits);
  const found: Violation[] = [];
  const widest = Math.max(...widths);
  if (widest > perLine) found.push({ kind: 'line', value: widest, limit: perLine });
  if (lines.length > limits.lines) found.push({ kind: 'lines', value: lines.length, limit: limits.lines });
  const shownMs = endMs - startMs;
  const speed = speedOf(subtitle);
  if (speed > perSecond + SPEED_SLACK) found.push({ kind: 'fast', value: speed, limit: perSecond });
  const minMs = Math.round(limits.minSeconds * 1000);
  const maxMs = Math.round(limits.maxSeconds * 1000);
  if (shownMs < minMs) found.push({ kind: 'short', value: shownMs, limit: minMs });
  if (maxMs > 0 && shownMs > maxMs) found.push({ kind: 'long', value: shownMs, limit: maxMs });
  const gapMs = next === undefined ? Infinity : next.startMs - endMs;
  if (gapMs < limits.gapMs) found.push({ kind: 'gap', value: gapMs, limit: limits.gapMs });
  return found;
}

/** Columns a second, line breaks not counted. */
export function speedOf({ widths, startMs, endMs }: Pick<Shaped, 'widths' | 'startMs' | 'endMs'>): number {
  const columns = widths.reduce((sum, width) => sum + width, 0);
  return (columns * 1000) / Math.max(1, endMs - startMs);
}
