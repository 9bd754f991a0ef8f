/** WebVTT (https://www.w3.org/TR/webvtt1/): `&`, `<` and `>` are escaped, which also takes `-->` out of the text. */
import type { Cue } from '../../workers/protocol.ts';
import { subtitleClock } from './subtitle-clock.ts';
import { subtitles } from './subtitles.ts';

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function vtt(cues: readonly Cue[]): string {
  const blocks = subtitles(cues).map(
    ({ startMs, endMs, text }) => `${subtitleClock(startMs, '.')} --> ${subtitleClock(endMs, '.')}\n${escape(text)}\n`,
  );
  return ['WEBVTT\n', ...blocks].join('\n');
}
