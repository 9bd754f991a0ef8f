/** The strip under a file's name: its stretches of speech on a line as long as the file, as far as known. Pure. */
import { lengthOf, type Job, type Region } from './job.ts';

/** Drawing units along the tape; its height is the drawing's own. */
export const TAPE_UNITS = 1000;

type TapeBlock = { kind: 'done' | 'now' | 'ahead'; x: number; width: number };

/** Blocks closer than this, in drawing units, are drawn as one: the eye does not tell them apart. */
const GAP_UNITS = 3;
const LEAST_UNITS = 4;

export function tapeOf(job: Job): TapeBlock[] {
  const length = lengthOf(job);
  if (length === null || length <= 0) return [];
  // With channels heard one after the other there is no single time up to which the file is finished.
  const doneUntil = job.sides ? length : job.progress.doneSeconds;
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
function nowOf(job: Job, doneUntil: number, length: number): Region | null {
  if (job.phase !== 'transcribing') return null;
  const start = Math.max(doneUntil, job.partial?.start ?? 0);
  const region = job.speech.find((span) => span.end > start);
  const window = job.load?.windowSeconds ?? 0;
  const end = Math.min(region?.end ?? start, start + window, length);
  return end > start ? { start: Math.max(start, region?.start ?? start), end } : null;
}

function blocks(spans: readonly Region[], kind: TapeBlock['kind'], at: (seconds: number) => number): TapeBlock[] {
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
