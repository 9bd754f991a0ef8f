/**
 * SubRip. No standard exists, so the widest reader is the measure: lines end in CR LF, as SubRip itself writes them and
 * as set-top players expect (every other reader takes both), UTF-8 without a byte order mark, because several readers
 * show it as part of the first number.
 */
import type { Cue } from '../../workers/protocol.ts';
import { subtitleClock } from './subtitle-clock.ts';
import { subtitles } from './subtitles.ts';

export function srt(cues: readonly Cue[]): string {
  return subtitles(cues)
    .map(({ startMs, endMs, text }, index) =>
      [
        String(index + 1),
        `${subtitleClock(startMs, ',')} --> ${subtitleClock(endMs, ',')}`,
        // The format has no escapes, and readers that look for `-->` would take this line for a time.
        ...text.replaceAll('-->', '→').split('\n'),
        '',
        '',
      ].join('\r\n'),
    )
    .join('');
}
