/**
 * Reads SubRip as it is found: with or without numbers, hours and blank lines, with commas or points, with marks in the
 * text. A line of times begins a cue, whatever stands before it; what cannot be read is passed over and told of.
 */
import { t } from '../locale/text.ts';
import { Faults, settling, type Imported } from './imported.ts';
import { namingSpeakers } from './spoken-names.ts';
import { linesOf, spanOf } from './timeline.ts';

/** So many lines are read in one step. */
const STEP_LINES = 2000;

/** Marks that players obey and nobody reads: SubRip's own tags, and position and style in braces. */
const TAGS = /<\/?(?:b|i|u|s|font(?:\s[^<>]{0,200})?)\s*>/gi;
const STYLES = /\{\\[^{}]{0,200}\}|\{[CcFfoPSsYy]:[^{}]{0,200}\}/g;

function plainSrtText(text: string): string {
  return text
    .replace(TAGS, '')
    .replace(STYLES, '')
    .replace(/&nbsp;/gi, '\u00a0');
}

export function* readSrt(text: string): Generator<void, Imported> {
  const lines = linesOf(text);
  const faults = new Faults();
  const cues: Imported['cues'] = [];
  let open: { start: number; end: number; lines: string[] } | null = null;
  /** The number of the open cue, as far as the file has numbers. */
  let number = 0;
  /** @param withNumber the last line of the cue is the number of the next one */
  const close = (withNumber: boolean): void => {
    if (open === null) return;
    const said = open.lines;
    const isNumber = (line: string | undefined) => line !== undefined && /^\s*\d{1,9}\s*$/.test(line);
    // A number right before a line of times is no text where a blank line stands before it, or where it counts on.
    if (withNumber && isNumber(said.at(-1))) {
      const next = Number(said.at(-1));
      if (said.length === 1 || said.at(-2)?.trim() === '' || next === number + 1) {
        said.pop();
        number = next;
      }
    }
    while (said.length > 0 && said.at(-1)?.trim() === '') said.pop();
    const shown = plainSrtText(said.filter((line) => line.trim() !== '').join('\n')).trim();
    if (shown !== '') cues.push({ start: open.start, end: open.end, text: shown });
    open = null;
  };
  for (const [index, line] of lines.entries()) {
    if (index % STEP_LINES === STEP_LINES - 1) yield;
    const span = spanOf(line);
    if (span !== null) {
      close(true);
      open = { start: span.start, end: span.end, lines: [] };
      if (span.end < span.start) faults.add(index + 1, t('it ends before it begins'));
    } else if (open !== null) {
      if (/^\s*\d+:\d/.test(line) && line.includes('-->')) faults.add(index + 1, t('this time cannot be read'));
      open.lines.push(line);
    } else if (/^\s*\d{1,9}\s*$/.test(line)) {
      number = Number(line);
    } else if (line.trim() !== '') {
      faults.add(index + 1, t('there is text without a time'));
    }
  }
  close(false);
  return {
    ...{ kind: 'srt', ...(yield* namingSpeakers(yield* settling(cues, faults))), language: null },
    ...{ mediaName: null, mediaSeconds: null, faults: faults.list },
  };
}
