/**
 * SubRip. No standard exists, so the widest reader is the measure: lines end in CR LF, as SubRip itself writes them and
 * as set-top players expect (every other reader takes both), UTF-8 without a byte order mark, because several readers
 * show it as part of the first number.
 */
import { mapping } from '../mapping.ts';
import { subtitleClock } from './subtitle-clock.ts';
import type { Subtitle } from './subtitles.ts';

/**
 * The format has no escapes, and players look for marks in the text: HTML tags and entities (all; those
 * that read it as WebVTT take every `<` for a tag), `{\an8}` and `{Y:i}`
 * (VLC, FFmpeg), any `{…}` and `\N` (libass, which mpv draws with), `-->` (all). What they would take for a mark is written
 * with the full-width form of its first and last character (Unicode, Halfwidth and Fullwidth Forms), `-->` as an arrow:
 * every character is seen, and none is obeyed. FFmpeg: libavcodec/htmlsubtitles.c; VLC: modules/codec/subsdec.c.
 */
function srtText(text: string): string {
  return text
    .replaceAll('-->', '→')
    .replace(/<([^<>]*)>/g, '＜$1＞')
    .replaceAll('<', '＜')
    .replaceAll('{', '｛')
    .replaceAll('}', '｝')
    .replace(/\\(?=[Nnh])/g, '＼')
    .replace(/&(?=#?\w+;)/g, '＆');
}

/** Step by step, as every writer here. */
export function* srt(subtitles: readonly Subtitle[]): Generator<void, string> {
  const blocks = yield* mapping(subtitles, ({ startMs, endMs, text }, index) =>
    [
      String(index + 1),
      `${subtitleClock(startMs, ',')} --> ${subtitleClock(endMs, ',')}`,
      ...srtText(text).split('\n'),
      '',
      '',
    ].join('\r\n'),
  );
  return blocks.join('');
}
