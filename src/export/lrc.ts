/**
 * LRC, the format of lyrics: `[mm:ss.xx]` and a line. Word times are the A2 extension, `<mm:ss.xx>` before each word. No
 * standard exists; minutes take as many digits as they need.
 */
import { flatMapping } from '../mapping.ts';
import { stamped } from './stamps.ts';
import type { Subtitle } from './subtitles.ts';

/** A silence this long ends a line: an empty one stands for it. Milliseconds. */
const SILENCE_MS = 3000;

function lrcClock(ms: number): string {
  const hundredths = Math.floor(ms / 10);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${pad(Math.floor(hundredths / 6000))}:${pad(Math.floor(hundredths / 100) % 60)}.${pad(hundredths % 100)}`;
}

/** Brackets and backslashes that a reader would take for a time or a mark are written in their full-width form. */
function lrcText(text: string): string {
  return text
    .replace(/\[(?=[^\]\s]*:)/g, '［')
    .replace(/<(?=\d+:)/g, '＜')
    .replace(/\\(?=[Nnh])/g, '＼')
    .replace(/\s+/g, ' ');
}

export function* lrc(
  subtitles: readonly Subtitle[],
  { title, wordTimes = false }: { title: string; wordTimes?: boolean },
): Generator<void, string> {
  const head = [`[ti:${lrcText(title).replaceAll(']', '］')}]`, '[re:Earshot]'];
  const lines = yield* flatMapping(subtitles, (subtitle, index) => {
    const one = { ...subtitle, text: subtitle.text.replaceAll('\n', ' ') };
    const words = wordTimes ? stamped(one, lrcText, (ms) => `<${lrcClock(ms)}>`) : lrcText(one.text);
    const line = `[${lrcClock(one.startMs)}]${words}`;
    const next = subtitles[index + 1]?.startMs ?? Infinity;
    return next - one.endMs >= SILENCE_MS ? [line, `[${lrcClock(one.endMs)}]`] : [line];
  });
  return `${[...head, ...lines].join('\n')}\n`;
}
