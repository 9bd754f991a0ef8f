/**
 * Names that stay: when more sound is heard, or another number of speakers is stated, who has spoken before keeps the name
 * that the person has seen, and has perhaps changed.
 */
import type { SpeakerTurn } from '../protocol';

/**
 * @param before turns as they were told last
 * @param turns the new ones, sorted by start
 * @returns the new ones with the names of the old ones they share most time with; nobody's name is given twice, and who is
 *   new gets the lowest number that was never used
 */
export function namedAs(before: readonly SpeakerTurn[], turns: readonly SpeakerTurn[]): SpeakerTurn[] {
  const shared = sharedSeconds(before, turns);
  const names = new Map<string, string>();
  const taken = new Set<string>();
  // The largest first. Between equal ones the earlier in the old list decides, which is the same every time.
  for (const { old, fresh } of [...shared].sort((a, b) => b.seconds - a.seconds)) {
    if (names.has(fresh) || taken.has(old)) continue;
    names.set(fresh, old);
    taken.add(old);
  }
  const known = new Set(before.map(({ speaker }) => speaker));
  let number = 1;
  return turns.map((turn) => {
    let name = names.get(turn.speaker);
    if (name === undefined) {
      while (known.has(String(number))) number += 1;
      name = String(number);
      known.add(name);
      names.set(turn.speaker, name);
    }
    return { ...turn, speaker: name };
  });
}

function sharedSeconds(
  before: readonly SpeakerTurn[],
  turns: readonly SpeakerTurn[],
): { old: string; fresh: string; seconds: number }[] {
  const shared = new Map<string, { old: string; fresh: string; seconds: number }>();
  let from = 0;
  for (const old of before) {
    // Turns are sorted by start; one that began long ago may still go on, so only those that are over are passed by.
    while (from < turns.length && turns[from].end <= old.start) from += 1;
    for (let i = from; i < turns.length && turns[i].start < old.end; i++) {
      const seconds = Math.min(old.end, turns[i].end) - Math.max(old.start, turns[i].start);
      if (seconds <= 0) continue;
      const key = JSON.stringify([old.speaker, turns[i].speaker]);
      const entry = shared.get(key) ?? { old: old.speaker, fresh: turns[i].speaker, seconds: 0 };
      entry.seconds += seconds;
      shared.set(key, entry);
    }
  }
  return [...shared.values()];
}
