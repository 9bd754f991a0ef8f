/**
 * The clock of subtitle files. Rounds to whole milliseconds first and splits then: the other way round 2.9996 s
 * becomes 00:00:02,1000.
 */

/** Whole milliseconds; never negative. */
export function toMs(seconds: number): number {
  return Math.max(0, Math.round(seconds * 1000));
}

/**
 * `hh:mm:ss,mmm` (SubRip) or `hh:mm:ss.mmm` (WebVTT). Hours take as many digits as they need, at least two.
 * @param ms whole milliseconds
 */
export function subtitleClock(ms: number, separator: ',' | '.'): string {
  const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = Math.floor(ms / 1000) % 60;
  return `${pad(hours)}:${pad(minutes)}:${pad(seconds)}${separator}${pad(ms % 1000, 3)}`;
}
