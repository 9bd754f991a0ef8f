/** Whether two voices are one person's. Pure. */
import type { SpeakerVoice } from '../../workers/protocol.ts';

/** A voice that a person has kept on this device, under the name they gave it. Numbers, never sound. */
export type KnownVoice = { id: string; name: string; voice: Int8Array; keptAtMs: number };

export type Suggestion = { speaker: string; known: KnownVoice };

/**
 * Cosine from which on it is asked whether two voices are one person's. Of 81 voices of 16 people (six languages, the five
 * conversations of `npm run speakers` and single recordings, half of them also in telephone band; 2026-11) one person's in
 * two recordings were 0.74 to 0.98 alike, two people's 0.36 to 0.77: at 0.78 1 of 290 pairs is not asked about and none of
 * 2,860 in vain, at 0.75 7 are (two alike voices on the telephone), at 0.82 18 are not asked about. All are readers in
 * quiet rooms: in other rooms fewer will be asked about.
 */
export const ALIKE = 0.78;

/** Cosine of two voices; 0 where one of them is none. */
export function likeness(a: Int8Array, b: Int8Array): number {
  let [product, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? 0;
    product += value * other;
    aa += value * value;
    bb += other * other;
  }
  return aa > 0 && bb > 0 ? product / Math.sqrt(aa * bb) : 0;
}

/** The most alike first; each speaker and each known voice once. */
export function suggestionsOf(voices: readonly SpeakerVoice[], known: readonly KnownVoice[]): Suggestion[] {
  const pairs = voices
    .flatMap(({ speaker, voice }) => known.map((one) => ({ speaker, known: one, like: likeness(voice, one.voice) })))
    .filter(({ like }) => like >= ALIKE)
    .sort((a, b) => b.like - a.like);
  const found: Suggestion[] = [];
  for (const { speaker, known: one } of pairs) {
    if (found.some((other) => other.speaker === speaker || other.known.id === one.id)) continue;
    found.push({ speaker, known: one });
  }
  return found;
}
