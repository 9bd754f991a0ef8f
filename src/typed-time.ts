/** Times as a person types them. Pure. */

/** Seconds of "1:02:03.5", "2:03,5" or "3.5"; null: it is no time. */
export function readTime(typed: string): number | null {
  const parts = /^\s*(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:[.,]\d*)?)\s*$/.exec(typed);
  if (parts === null) return null;
  const [hours, minutes, seconds] = [parts[1] ?? '0', parts[2] ?? '0', parts[3]].map((part) =>
    Number(part.replace(',', '.')),
  );
  if (parts[2] !== undefined && seconds >= 60) return null;
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000) / 1000;
}

/** "0:03.500", "1:02:03.500". */
export function writeTime(seconds: number): string {
  // Rounded before it is split: 59.9996 s is a minute.
  const all = Math.round(seconds * 1000);
  const [hours, minutes] = [Math.floor(all / 3_600_000), Math.floor(all / 60_000) % 60];
  const rest = ((all % 60_000) / 1000).toFixed(3).padStart(6, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
