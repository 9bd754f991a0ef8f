/** Tables of cues: CSV for spreadsheets, TSV in openai/whisper's shape. */
import type { Cue } from '../../workers/protocol.ts';
import { flatMapping } from '../mapping.ts';
import { speakerName, type Speaker } from './speakers.ts';
import { toMs } from './subtitle-clock.ts';

/**
 * A cell that begins with one of these is a formula to a spreadsheet, and a recording may say anything (OWASP, "CSV
 * Injection"): an apostrophe before it makes it text.
 */
const FORMULA = /^[\s\p{Cf}]*[=+\-@＝＋－＠]/u;

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

const oneLine = (text: string) => text.replace(/\s+/gu, ' ').trim();

/**
 * RFC 4180: CR LF, every text in quotes. A byte order mark at its start, because Excel takes a file without one for the
 * code page of the machine. Times in seconds.
 */
export function* csv(cues: readonly Cue[], speakers?: readonly Speaker[]): Generator<void, string> {
  const rows = yield* flatMapping(cues, ({ start, end, speaker, text }) => {
    if (text.trim() === '') return [];
    const who = speaker === undefined ? '' : speakerName(speakers, speaker);
    return [[start.toFixed(3), end.toFixed(3), cell(who), cell(oneLine(text))].join(',')];
  });
  return `\ufeff${['start,end,speaker,text', ...rows].join('\r\n')}\r\n`;
}

/** As whisper/utils.py of openai/whisper writes it: whole milliseconds, tabs in the text as spaces. */
export function* tsv(cues: readonly Cue[]): Generator<void, string> {
  const rows = yield* flatMapping(cues, ({ start, end, text }) =>
    text.trim() === '' ? [] : [`${toMs(start)}\t${toMs(end)}\t${oneLine(text)}`],
  );
  return `${['start\tend\ttext', ...rows].join('\n')}\n`;
}
