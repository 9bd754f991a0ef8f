/** A finished job as exports take it, with these cues. */
import type { ExportedJob } from '../../src/export/exported.ts';
import type { EditableCue } from '../../src/queue/job.ts';

export function exportedJob(
  cues: readonly Omit<EditableCue, 'id' | 'edited' | 'language'>[],
  over: Partial<ExportedJob> = {},
): ExportedJob {
  return {
    ...{ name: 'Tape 2.wav', size: 9, facts: null, language: 'de', languageProbability: 0.9, load: null, seams: [] },
    report: null,
    cues: cues.map((cue, index) => ({ ...cue, id: `0-${index}`, edited: false, language: 'de' })),
    ...over,
  };
}
