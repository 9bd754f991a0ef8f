/** Seconds of work per minute of sound, stage by stage: the unit that runs of any length can be compared by. Pure. */
import { phrase, type Phrase } from '../locale/text.ts';
import type { Gauge, JobReport, StageTimes } from '../../workers/protocol.ts';

export const STAGES: readonly [name: Phrase, stage: keyof StageTimes][] = [
  [phrase('Decode the file'), 'mediaMs'],
  [phrase('Find speech'), 'speechMs'],
  [phrase('Mel spectrogram'), 'melMs'],
  [phrase('Encoder'), 'encodeMs'],
  [phrase('Decoder'), 'decodeMs'],
  [phrase('Word times'), 'wordsMs'],
];

/** Times of some sound. */
export type Worked = { stages: StageTimes; soundSeconds: number };

/** Seconds of work for each minute of sound; null: not run, or of no sound. */
export function perMinute(ms: number, soundSeconds: number): number | null {
  return ms > 0 && soundSeconds > 0 ? (ms * 60) / 1000 / soundSeconds : null;
}

/** Of the current or last job, as far as it is heard; null: none was heard yet. */
export function workOfJob(gauge: Pick<Gauge, 'stages' | 'doneSeconds'> | null): Worked | null {
  if (gauge === null || gauge.doneSeconds <= 0) return null;
  return { stages: gauge.stages, soundSeconds: gauge.doneSeconds };
}

/** Of all finished files; null: there is none. */
export function workOfVisit(reports: readonly JobReport[]): Worked | null {
  if (reports.length === 0) return null;
  const stages = Object.fromEntries(
    STAGES.map(([, stage]) => [stage, reports.reduce((sum, report) => sum + report.stages[stage], 0)]),
  ) as StageTimes;
  return { stages, soundSeconds: reports.reduce((sum, { audioSeconds }) => sum + audioSeconds, 0) };
}
