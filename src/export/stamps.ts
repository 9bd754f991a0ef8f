/** Puts the time of each word into the text of a subtitle. Pure. */
import type { Subtitle } from './subtitles.ts';

/**
 * @param escape of the text between two stamps
 * @param stamp for a time; no two words have the same one, and none that of the subtitle's start or end
 * @returns the text with a stamp before each word but the first. Without word times the text alone.
 */
export function stamped(
  { text, words = [], startMs, endMs }: Subtitle,
  escape: (text: string) => string,
  stamp: (ms: number) => string,
): string {
  let written = '';
  let from = 0;
  let latest = startMs;
  for (const word of words) {
    const at = text.indexOf(word.text, from);
    if (at < 0) continue;
    // A time must lie inside the cue and after the one before it (WebVTT, section 3.4, "WebVTT cue timestamp").
    if (at > from && word.startMs > latest && word.startMs < endMs) {
      written += escape(text.slice(from, at)) + stamp(word.startMs);
      from = at;
      latest = word.startMs;
    }
  }
  return written + escape(text.slice(from));
}
