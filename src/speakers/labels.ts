/** Labelled cues into a transcript: a cue that was split needs ids of its own for its parts, and speakers have names. Pure. */
import { t } from '../locale/text.ts';
import type { Cue } from '../../workers/protocol.ts';

/** `id`: as in turns and cues. `name`: what the person reads. `joined`: ids of those whom a person has made one with this one. */
export type Speaker = { id: string; name: string; joined?: readonly string[] };

/**
 * Gives each part of a split cue an id. The first keeps the cue's own, so that what refers to it still finds it; the others
 * get it with the number of their part, which is the same each time the cue is split there.
 * @param cues with the ids of the cues they are parts of, the parts of one cue one after the other
 */
export function withPartIds<C extends Cue & { id: string }>(cues: readonly C[]): C[] {
  const taken = new Set(cues.map(({ id }) => id));
  let part = 0;
  return cues.map((cue, index) => {
    part = index > 0 && cues[index - 1].id === cue.id ? part + 1 : 0;
    if (part === 0) return cue;
    let id = `${cue.id}.${part}`;
    while (taken.has(id)) id += "'";
    taken.add(id);
    return { ...cue, id };
  });
}

/**
 * The speakers of these cues in the order of first appearance. Whoever has a name keeps it, and who was made one
 * with others is, also while they say nothing: with another number of speakers they may be back.
 */
export function speakersWithNames(cues: readonly Cue[], known: readonly Speaker[]): Speaker[] {
  const byId = new Map(known.map((speaker) => [speaker.id, speaker]));
  const heard = new Set(
    cues.flatMap(({ speaker, alsoSpeaking = [] }) => (speaker === undefined ? [] : [speaker, ...alsoSpeaking])),
  );
  const silent = known.filter(({ id, name, joined }) => !heard.has(id) && (name !== defaultName(id) || joined));
  return [...[...heard].map((id) => byId.get(id) ?? { id, name: defaultName(id) }), ...silent];
}

/** How a speaker is called until somebody says who it is. */
export function defaultName(id: string): string {
  if (id === 'Left') return t('Left');
  if (id === 'Right') return t('Right');
  return /^\d+$/.test(id) ? t('Speaker {id}', { id }) : id;
}

/** The same people with the same names, in the same order. */
export function isSameList(a: readonly Speaker[], b: readonly Speaker[]): boolean {
  return a.length === b.length && a.every(({ id, name }, at) => id === b[at].id && name === b[at].name);
}
