/** What has happened to a transcript elsewhere, and what of it a document takes. Pure. */
import type { EditableCue } from '../queue/job.ts';
import { originOf } from './cue-ids.ts';

export type Absorbed = {
  /** New, and of nothing that is here: what a running job has heard. No step takes them away again. */
  heard: readonly EditableCue[];
  /** Other than here, or a part of what is other. With `removed` they are one step. */
  changed: readonly EditableCue[];
  removed: readonly string[];
  /** Changed there and here: what is here stays, and has to be told there. */
  kept: readonly string[];
};

/**
 * A cue and its parts, as of one that was split, go together: taken one by one they would say the same words twice.
 * @param here the cue of this name in the document
 * @param unsaved names of the cues that were changed here and not told yet
 * @param seen the cues there as they were when the document last gave to them or took from them
 * @param now the cues there
 */
export function absorbed(
  here: (id: string) => EditableCue | undefined,
  unsaved: Iterable<string>,
  seen: readonly EditableCue[],
  now: readonly EditableCue[],
): Absorbed {
  const old = new Map(seen.map((cue) => [cue.id, cue]));
  const fresh = now.filter((cue) => old.get(cue.id) !== cue);
  const left = new Set(now.map(({ id }) => id));
  const gone = seen.length + fresh.length === now.length ? [] : seen.filter(({ id }) => !left.has(id));
  const touched = new Set([...fresh.filter(({ id }) => old.has(id)), ...gone].map(({ id }) => originOf(id)));
  const own = new Set([...unsaved].map(originOf));
  const isKept = (id: string) => touched.has(originOf(id)) && own.has(originOf(id));

  const others = fresh.filter((cue) => here(cue.id) !== cue);
  const isLost = ({ id }: EditableCue) => old.has(id) && here(id) === undefined;
  const isHeard = ({ id }: EditableCue) => here(id) === undefined && !touched.has(originOf(id));
  const taken = others.filter((cue) => !isKept(cue.id) && !isLost(cue));
  return {
    heard: taken.filter(isHeard),
    changed: taken.filter((cue) => !isHeard(cue)),
    removed: gone.map(({ id }) => id).filter((id) => here(id) !== undefined && !isKept(id)),
    kept: [
      ...others.filter((cue) => isKept(cue.id) || isLost(cue)).map(({ id }) => id),
      ...gone.map(({ id }) => id).filter(isKept),
    ],
  };
}
