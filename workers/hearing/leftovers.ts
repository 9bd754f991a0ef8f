/**
 * Speech that was detected and that no cue holds: found, cut out of the window's log-mel, and laid end to end as a window
 * of its own. openai/whisper slices the log-mel of the whole file in the same way when it seeks (transcribe.py, mel_segment).
 */
import type { Cue, MelShape } from '../protocol';
import type { SampleRange, TimeRange } from '../speech/ranges';
import { within } from '../speech/windows';
import type { Prepared } from './context';

/** Less speech than this without a cue is let go, seconds. */
export const WORTH_HEARING = 1;
/** Beside a cue is as good as inside: its ends are rounded, and the detection's too. */
const BESIDE = 0.3;
/** Room for the first and last consonant of what is heard again, where there is any, seconds. */
const ROOM = 0.3;

/** Words said one by one are one stretch while their pauses are no longer than this, seconds. */
const PAUSE = 1.5;

/**
 * @param speech in order, on any clock, seconds
 * @param cues of the same stretch of sound
 * @returns the stretches that hold `WORTH_HEARING` and more of speech that lies neither inside nor beside a cue, in order
 */
export function unheard(speech: readonly TimeRange[], cues: readonly Pick<Cue, 'start' | 'end'>[]): TimeRange[] {
  const held = cues
    .map(({ start, end }) => ({ start: start - BESIDE, end: end + BESIDE }))
    .sort((one, other) => one.start - other.start);
  const parts = speech.flatMap((region) => {
    const rest: TimeRange[] = [];
    let from = region.start;
    for (const cue of held) {
      if (cue.end <= from || cue.start >= region.end) continue;
      if (cue.start > from) rest.push({ start: from, end: cue.start });
      from = Math.max(from, cue.end);
    }
    if (from < region.end) rest.push({ start: from, end: region.end });
    return rest;
  });
  const stretches: (TimeRange & { spoken: number })[] = [];
  for (const { start, end } of parts) {
    const last = stretches.at(-1);
    const apart = !last || start - last.end > PAUSE || held.some((cue) => cue.end > last.end && cue.start < start);
    if (apart) stretches.push({ start, end, spoken: end - start });
    else Object.assign(last, { end, spoken: last.spoken + end - start });
  }
  return stretches.filter(({ spoken }) => spoken >= WORTH_HEARING).map(({ start, end }) => ({ start, end }));
}

/** A part of a window: frames [from, to) of its log-mel, which are `span` of the file. */
type Part = { from: number; to: number; span: SampleRange };

/**
 * The window that holds stretches of another one and nothing else, in order.
 * @param stretches seconds of the file
 * @returns null where they are too short for a column of the log-mel
 */
export function againOf(item: Prepared, stretches: readonly TimeRange[], shape: MelShape): Prepared | null {
  const parts = apart(stretches.flatMap((one) => partsOf(item, one, shape)));
  return parts.length > 0 ? windowOf(item, parts, shape) : null;
}

/** The parts of one stretch, one for each piece of the window that it lies in. */
function partsOf({ window }: Prepared, stretch: TimeRange, { sampleRate, hop }: MelShape): Part[] {
  let at = 0;
  return window.pieces.flatMap((piece) => {
    const offset = at - piece.start;
    at += piece.end - piece.start;
    const start = Math.max(piece.start, Math.floor((stretch.start - ROOM) * sampleRate));
    const end = Math.min(piece.end, Math.ceil((stretch.end + ROOM) * sampleRate));
    if (end - start < hop) return [];
    const from = Math.floor((start + offset) / hop);
    const to = Math.floor((end + offset) / hop);
    return to > from ? [{ from, to, span: { start: from * hop - offset, end: to * hop - offset } }] : [];
  });
}

/** Parts whose room overlaps share it: the later one begins where the earlier ends. */
function apart(parts: Part[]): Part[] {
  return parts.flatMap((part, i) => {
    const overlap = i > 0 ? Math.max(0, parts[i - 1].to - part.from) : 0;
    if (overlap === 0) return [part];
    const framesOf = (part.span.end - part.span.start) / (part.to - part.from);
    const later = {
      ...part,
      from: part.from + overlap,
      span: { ...part.span, start: part.span.start + overlap * framesOf },
    };
    return later.to > later.from ? [later] : [];
  });
}

function windowOf(item: Prepared, parts: readonly Part[], { bins, sampleRate, hop }: MelShape): Prepared {
  const total = item.mel.length / bins;
  // The floor of a log-mel is what silence is.
  const mel = new Float32Array(bins * total).fill(item.mel.reduce((least, value) => Math.min(least, value), Infinity));
  let at = 0;
  const speech: SampleRange[] = [];
  const spoken: TimeRange[] = [];
  for (const { from, to, span } of parts) {
    for (let bin = 0; bin < bins; bin++)
      mel.set(item.mel.subarray(bin * total + from, bin * total + to), bin * total + at);
    for (const region of within(item.window.speech ?? [], span.start, span.end)) {
      speech.push(region);
      const offset = (at * hop - span.start) / sampleRate;
      spoken.push({ start: region.start / sampleRate + offset, end: region.end / sampleRate + offset });
    }
    at += to - from;
  }
  const window = { index: item.window.index, pieces: parts.map(({ span }) => span), speech };
  return { window, mel, seconds: (at * hop) / sampleRate, speech: spoken };
}
