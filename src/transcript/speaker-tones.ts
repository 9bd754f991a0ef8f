/** Which colour a speaker has (src/transcript/speaker-colours.css). Pure. */
import type { Speaker } from '../queue/job.ts';

const TONES = 8;

/** 1 to 8, of one who is in no list. A number has its own; any other name has always the same. */
function toneOf(id: string): number {
  if (/^\d+$/.test(id)) return ((Number(id) + TONES - 1) % TONES) + 1;
  return ([...id].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % TONES) + 1;
}

/**
 * The colours of these speakers: as long as there are enough, each has one alone. It goes with the id, so a new name changes
 * no colour.
 * @returns a colour for any id
 */
export function tonesOf(speakers: readonly Speaker[]): (id: string) => number {
  const tones = new Map<string, number>();
  const numbered = speakers.filter(({ id }) => /^\d+$/.test(id));
  for (const { id } of [...numbered, ...speakers.filter((speaker) => !numbered.includes(speaker))]) {
    const taken = new Set(tones.values());
    let tone = toneOf(id);
    for (let tries = 0; taken.has(tone) && tries < TONES; tries += 1) tone = (tone % TONES) + 1;
    tones.set(id, tone);
  }
  return (id) => tones.get(id) ?? toneOf(id);
}
