/** How loud it is, as a meter shows it. Pure. */
import { t } from '../locale/text.ts';

/** The lowest level that the meter shows, in decibels below the loudest that there is. Quiet rooms are below it. */
export const LOWEST_DB = -60;
/** Louder than this is cut off at the top sooner or later. */
const LOUD_DB = -3;
/** A microphone that is on has more noise of its own than this. */
const SILENT_DB = -90;

/** @param peak [0, 1], the largest sample */
function decibels(peak: number): number {
  return peak > 0 ? 20 * Math.log10(peak) : -Infinity;
}

/** The share of the meter that is filled, [0, 1]. */
export function meterShare(peak: number): number {
  return Math.min(1, Math.max(0, 1 - decibels(peak) / LOWEST_DB));
}

/** For those who do not see the meter. */
export function levelWords(peak: number): string {
  const db = decibels(peak);
  if (db <= LOWEST_DB) return t('silent');
  if (db >= LOUD_DB) return t('too loud');
  return db < -40 ? t('quiet') : t('good');
}

export function isSilent(peak: number): boolean {
  return decibels(peak) < SILENT_DB;
}

/** A level comes 20 times a second; the strip shows five a second, the loudest of four each. */
const LEVELS_A_BAR = 4;
/** 24 seconds. */
export const STRIP_BARS = 120;

/** The strip of the last levels. */
export type Strip = { bars: readonly number[]; rest: readonly number[] };
export const EMPTY_STRIP: Strip = { bars: [], rest: [] };

export function withLevel({ bars, rest }: Strip, peak: number): Strip {
  const levels = [...rest, peak];
  if (levels.length < LEVELS_A_BAR) return { bars, rest: levels };
  return { bars: [...bars, Math.max(...levels)].slice(-STRIP_BARS), rest: [] };
}
