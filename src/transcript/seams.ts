/** Where something else holds from a cue on: another backend does the work, another language is spoken. Pure. */
import type { EditableCue, Seam } from '../queue/job.ts';
import { languageName } from '../settings/languages.ts';

/** Said as "From here on: CPU", "From here on: German". */
export type Change = { of: 'backend' | 'language'; to: string };

/** By the id of the cue it stands above; `end`: after the last cue, above the line being heard. */
export type Seams = Partial<Record<string, Change[]>>;

export function seamsOf(cues: readonly EditableCue[], backends: readonly Seam[]): Seams {
  const seams: Seams = {};
  const add = (id: string, change: Change) => (seams[id] = [...(seams[id] ?? []), change]);
  for (const { atSeconds, backend } of backends) {
    const above = cues.find((cue) => cue.start >= atSeconds);
    add(above?.id ?? 'end', { of: 'backend', to: backend === 'cpu' ? 'CPU' : 'GPU' });
  }
  cues.forEach((cue, index) => {
    if (index > 0 && cue.language !== cues[index - 1].language) {
      add(cue.id, { of: 'language', to: languageName(cue.language) });
    }
  });
  return seams;
}
