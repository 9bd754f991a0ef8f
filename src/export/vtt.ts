/** WebVTT (https://www.w3.org/TR/webvtt1/): `&`, `<` and `>` are escaped, which also takes `-->` out of the text. */
import { mapping } from '../mapping.ts';
import { speakerName, type Speaker } from './speakers.ts';
import { stamped } from './stamps.ts';
import { subtitleClock } from './subtitle-clock.ts';
import type { Subtitle } from './subtitles.ts';

/**
 * FFmpeg, and what plays with it, takes `\N`, `\n` and `\h` of WebVTT for marks of another format (ASS): a word joiner, which
 * nobody sees, stands between; src/import/vtt-text.ts takes it out again.
 */
function escape(text: string): string {
  return text
    .replace(/\\(?=[Nnh])/g, '\\\u2060')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** The voice span of section 3.2; at the end of a cue it needs no end tag. */
function voice(speaker: string | undefined, speakers: readonly Speaker[] | undefined): string {
  return speaker === undefined ? '' : `<v ${escape(speakerName(speakers, speaker))}>`;
}

/** @param wordTimes a timestamp before each word but the first, so that players can mark what is being said */
export function* vtt(
  subtitles: readonly Subtitle[],
  { speakers, wordTimes = false }: { speakers?: readonly Speaker[] | undefined; wordTimes?: boolean } = {},
): Generator<void, string> {
  const blocks = yield* mapping(subtitles, (subtitle) => {
    const { startMs, endMs, text, speaker } = subtitle;
    const words = wordTimes ? stamped(subtitle, escape, (ms) => `<${subtitleClock(ms, '.')}>`) : escape(text);
    return `${subtitleClock(startMs, '.')} --> ${subtitleClock(endMs, '.')}\n${voice(speaker, speakers)}${words}\n`;
  });
  return ['WEBVTT\n', ...blocks].join('\n');
}
