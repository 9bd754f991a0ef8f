/** The tape of a file: speech by speech, on a line as long as the file. Only what is known is drawn. Pure. */
import { lengthOf, type Job, type Span } from './job.ts';

/** Drawing units along the tape; its height is the drawing's own. */
export const TAPE_UNITS = 1000;

export type TapeBlock = { kind: 'done' | 'now' | 'ahead'; x: number; width: number };

/** Closer than this the eye sees one block. */
const GAP_UNITS = 3;
const LEAST_UNITS = 4;

export function tapeOf(job: Job): TapeBlock[] {
  const length = lengthOf(job);
  if (length === null || length <= 0) return [];
  const doneUntil = job.progress.doneSeconds;
  const heard = job.cues.map(({ start, end }) => ({ start, end: Math.min(end, doneUntil) }));
  const now = nowOf(job, doneUntil, length);
  const ahead = job.speech
    .filter((span) => span.end > doneUntil)
    .map((span) => ({ start: Math.max(span.start, doneUntil, now?.end ?? 0), end: span.end }));
  const at = (seconds: number) => (Math.min(Math.max(seconds, 0), length) / length) * TAPE_UNITS;
  return [
    ...blocks(heard, 'done', at),
    ...(now === null ? [] : blocks([now], 'now', at)),
    ...blocks(ahead, 'ahead', at),
  ];
}

/** The stretch being heard: from where the words stand to the end of the speech found there. */
function nowOf(job: Job, doneUntil: number, length: number): Span | null {
  if (job.phase !== 'transcribing') return null;
  const start = Math.max(doneUntil, job.partial?.start ?? 0);
  const region = job.speech.find((span) => span.end > start);
  const window = job.load?.windowSeconds ?? 0;
  const end = Math.min(region?.end ?? start, start + window, length);
  return end > start ? { start: Math.max(start, region?.start ?? start), end } : null;
}

function blocks(spans: readonly Span[], kind: TapeBlock['kind'], at: (seconds: number) => number): TapeBlock[] {
  const merged: TapeBlock[] = [];
  for (const span of spans) {
    const x = at(span.start);
    const end = at(span.end);
    if (end <= x) continue;
    const last = merged.at(-1);
    if (last !== undefined && x - (last.x + last.width) < GAP_UNITS) {
      last.width = Math.max(last.width, end - last.x);
    } else {
      merged.push({ kind, x, width: Math.max(LEAST_UNITS, end - x) });
    }
  }
  return merged;
}
