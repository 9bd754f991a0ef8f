/** What a recording is called. Pure. */
import { t } from '../locale/text.ts';

const two = (value: number) => String(value).padStart(2, '0');

/**
 * "Recording 2026-11-26 14.05.09", by the clock on the wall: names sort by time, no two are the same, and no disk
 * refuses a character of them.
 */
export function recordingStem(at: Date): string {
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('.');
  return t('Recording {day} {time}', { day, time });
}
