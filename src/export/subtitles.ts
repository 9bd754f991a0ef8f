/** Cues as subtitle formats want them: sorted, never overlapping, each at least a millisecond long, none empty. */
import type { Cue } from '../../workers/protocol.ts';
import type { Limits } from '../shaper/limits.ts';
import { shaping } from '../shaper/shape.ts';
import type { Shaped } from '../shaper/shaped.ts';
import { piecesOf } from '../shaper/pieces.ts';
import { flatMapping, mapping } from '../mapping.ts';
import type { ExportedJob } from './exported.ts';
import { speakerName } from './speakers.ts';
import { toMs } from './subtitle-clock.ts';

/**
 * Whole milliseconds. `text` has no blank line, no control character and no space at a line's ends. `words`: the words of
 * the text in their order, with the time of each; missing where it is not known.
 */
export type Subtitle = {
  startMs: number;
  endMs: number;
  text: string;
  speaker?: string;
  words?: { startMs: number; endMs: number; text: string }[];
};

// Every line end Unicode knows; a blank line would end the cue in both formats.
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
// Control characters no player shows and some stop at, and lone surrogates, which UTF-8 cannot hold; tab and the line ends
// are not among them.
const CONTROL = /[\u0000-\u0008\u000e-\u001f\u007f\ufffe\uffff]|\p{Cs}/gu;

/** The text's lines without blank ones. Empty when nothing is left to show. */
function subtitleText(text: string): string {
  return text
    .split(LINE_END)
    .map((line) => line.replace(CONTROL, '').trim())
    .filter((line) => line !== '')
    .join('\n');
}

/**
 * Where two cues overlap, the earlier one ends when the later one starts; where they start together, the later one
 * moves by the millisecond the earlier one needs.
 */
export function* subtitles(cues: readonly Cue[]): Generator<void, Subtitle[]> {
  const spoken = yield* flatMapping(cues, (cue) => {
    const text = subtitleText(cue.text);
    if (text === '') return [];
    const known = {
      ...(cue.speaker !== undefined && { speaker: cue.speaker }),
      ...(cue.words !== undefined && cue.words.length > 0 && { words: wordsOf(cue) }),
    };
    return [{ startMs: toMs(cue.start), endMs: toMs(cue.end), text, ...known }];
  });
  spoken.sort((a, b) => a.startMs - b.startMs);
  let free = 0;
  return yield* mapping(spoken, ({ startMs, endMs, ...said }, index) => {
    const start = Math.max(startMs, free);
    const next = spoken[index + 1]?.startMs ?? Infinity;
    const end = Math.max(start + 1, Math.min(endMs, next));
    free = end;
    return { startMs: start, endMs: end, ...said };
  });
}

function wordsOf(cue: Cue): NonNullable<Subtitle['words']> {
  return piecesOf({ ...cue, text: subtitleText(cue.text) }).map(({ startMs, endMs, text }) => ({
    startMs,
    endMs,
    text,
  }));
}

/**
 * A transcript's subtitles, shaped or as they are, step by step.
 * @param labels who speaks stands in the text itself ("Anna: …") where that changes, for formats that cannot say it otherwise
 */
export function* subtitlesOf(
  job: ExportedJob,
  limits: Limits | null,
  labels: boolean,
): Generator<void, { subtitles: Subtitle[]; shaped: Shaped[] | null }> {
  const label = (speaker: string) => `${speakerName(job.speakers, speaker)}:`;
  if (limits === null) {
    const raw = yield* subtitles(job.cues);
    const named = yield* mapping(raw, (one, index) =>
      labels && one.speaker !== undefined && one.speaker !== raw[index - 1]?.speaker
        ? { ...one, text: `${label(one.speaker)} ${one.text}` }
        : one,
    );
    return { subtitles: named, shaped: null };
  }
  const cues = yield* mapping(job.cues, ({ start, end, text, words, speaker, language }) => ({
    ...{ start, end, text: subtitleText(text), language },
    ...(words !== undefined && { words }),
    ...(speaker !== undefined && { speaker }),
  }));
  const endSeconds = job.report?.audioSeconds ?? job.facts?.seconds ?? null;
  const shaped = yield* shaping(cues, { limits, endSeconds, ...(labels && { label }) });
  return { shaped, subtitles: yield* mapping(shaped, subtitleOf) };
}

function subtitleOf({ startMs, endMs, lines, speaker, words }: Shaped): Subtitle {
  return {
    startMs,
    endMs,
    text: lines.join('\n'),
    ...(speaker !== undefined && { speaker }),
    words: words.map(({ startMs: from, endMs: to, text }) => ({ startMs: from, endMs: to, text })),
  };
}
