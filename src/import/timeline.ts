/** Lines of subtitle files, and the times in them. Pure. */

/** Every line end that subtitle files have; a byte order mark does not belong to the first line. */
export function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
}

/**
 * A moment: hours may be missing, a comma or a point before the fraction, one to three digits of it. At most 60 characters
 * are looked at, so that a line of a million digits costs nothing.
 */
const MOMENT = /^\s*(?:(\d{1,4})\s*:\s*)?(\d{1,3})\s*:\s*(\d{1,3})(?:\s*[.,:]\s*(\d{1,3}))?\s*$/;

/** Seconds; null: no time. */
export function momentOf(text: string): number | null {
  if (text.length > 60) return null;
  const found = MOMENT.exec(text);
  if (found === null) return null;
  const [, hours = '0', minutes, seconds, fraction = '0'] = found as unknown as string[];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0'));
  return ms / 1000;
}

/** `start --> end` with what stands behind it; null: no line of times. */
export function spanOf(line: string): { start: number; end: number; settings: string } | null {
  const arrow = line.indexOf('-->');
  if (arrow < 0) return null;
  const start = momentOf(line.slice(0, arrow));
  const after = line.slice(arrow + 3).trimStart();
  const gap = after.search(/[ \t]/);
  const end = momentOf(gap < 0 ? after : after.slice(0, gap));
  if (start === null || end === null) return null;
  return { start, end, settings: gap < 0 ? '' : after.slice(gap).trim() };
}
