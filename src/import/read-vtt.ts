/** Reads WebVTT with the tolerance of its standard: a block without a line of times is a note, and passed over. */
import { t } from '../locale/text.ts';
import type { Word } from '../../workers/protocol.ts';
import { Cast, Faults, settling, type Imported } from './imported.ts';
import { namingSpeakers } from './spoken-names.ts';
import { linesOf, spanOf } from './timeline.ts';
import { vttText, type VttSpan } from './vtt-text.ts';

/** So many lines are read in one step. */
const STEP_LINES = 2000;

export function* readVtt(text: string): Generator<void, Imported> {
  const lines = linesOf(text);
  const faults = new Faults();
  const cast = new Cast();
  const cues: Imported['cues'] = [];
  let language: string | null = null;
  let at = 0;
  let steps = 0;
  for (; at < lines.length && lines[at].trim() !== ''; at += 1) {
    // YouTube writes the language into the header.
    const found = /^\s*language\s*:\s*([A-Za-z]{2,3})\b/i.exec(lines[at]);
    if (found !== null) language = found[1].toLowerCase();
    // A file that lost its blank line after the header begins here.
    if (spanOf(lines[at]) !== null) break;
  }
  while (at < lines.length) {
    if (lines[at].trim() === '') {
      at += 1;
      continue;
    }
    // A block: up to a blank line, or to the next line of times.
    const span = spanOf(lines[at]);
    if (span === null) {
      if (lines[at].includes('-->')) faults.add(at + 1, t('this time cannot be read'));
      else if (/^(NOTE|STYLE|REGION)\b/.test(lines[at])) at = blankAfter(lines, at);
      at += 1;
      continue;
    }
    if (span.end < span.start) faults.add(at + 1, t('it ends before it begins'));
    const said: string[] = [];
    for (at += 1; at < lines.length && lines[at].trim() !== '' && !lines[at].includes('-->'); at += 1) {
      said.push(lines[at]);
      if ((steps += 1) % STEP_LINES === 0) yield;
    }
    const { spans, voice } = vttText(said.join('\n'));
    const shown = spans.map((part) => part.text).join('');
    if (shown.trim() !== '') {
      const speaker = cast.id(voice);
      const words = wordsOf(spans, span.start, span.end);
      cues.push({
        ...{ start: span.start, end: span.end, text: shown.trim() },
        ...(words.length > 0 && { words }),
        ...(speaker !== undefined && { speaker }),
      });
    }
    if ((steps += 1) % STEP_LINES === 0) yield;
  }
  const good = yield* settling(cues, faults);
  // Where the file has voices, or the time of each word, a name before a colon is none of a speaker's.
  const isPlain = good.every(({ speaker, words }) => speaker === undefined && words === undefined);
  const named = isPlain ? yield* namingSpeakers(good) : { cues: good, speakers: cast.speakers };
  return {
    ...{ kind: 'vtt', ...named, language },
    ...{ mediaName: null, mediaSeconds: null, faults: faults.list },
  };
}

function blankAfter(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at].trim() !== '') at += 1;
  return at;
}

/** A stretch between two times is a word, or several that nobody told apart. Certain: the file says nothing else. */
function wordsOf(spans: readonly VttSpan[], start: number, end: number): Word[] {
  if (spans.every(({ at }) => at === null)) return [];
  let latest = start;
  return spans.flatMap(({ text, at }, index) => {
    const from = Math.min(end, Math.max(latest, at ?? start));
    const to = Math.min(end, Math.max(from, spans[index + 1]?.at ?? end));
    latest = from;
    return text.trim() === '' ? [] : [{ start: from, end: to, text: text.trim(), probability: 1 }];
  });
}
