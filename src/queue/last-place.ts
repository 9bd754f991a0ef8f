/**
 * Where a person was in each transcript: in a long one they come back there when another was on the screen meanwhile, or
 * the page was opened anew. Kept are an id and a time, never words.
 */
const KEY = 'earshot-places';
/** So many transcripts, those looked at last. */
const AT_MOST = 50;

/** Seconds of sound of the first cue that was in sight, by job; the one that was on the screen is the last. */
let places: Map<string, number> | null = null;

function read(): Map<string, number> {
  if (places !== null) return places;
  places = new Map();
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    for (const one of Array.isArray(kept) ? (kept as unknown[]) : []) {
      const [id, seconds] = Array.isArray(one) ? (one as unknown[]) : [];
      if (typeof id === 'string' && Number.isFinite(seconds)) places.set(id, Number(seconds));
    }
  } catch {
    // Nothing kept, or nothing that can be read: every transcript begins at its first cue.
  }
  return places;
}

/** Of the transcript that was on the screen last; null: none is known. */
export function lastShown(): string | null {
  return [...read().keys()].at(-1) ?? null;
}

/** Seconds of sound; 0: at the beginning, or never looked at. */
export function placeIn(jobId: string): number {
  return read().get(jobId) ?? 0;
}

/** This transcript is on the screen, with the cue of that second first in sight. */
export function keepPlace(jobId: string, seconds: number): void {
  const all = read();
  if (lastShown() === jobId && all.get(jobId) === seconds) return;
  all.delete(jobId);
  all.set(jobId, seconds);
  for (const old of [...all.keys()].slice(0, -AT_MOST)) all.delete(old);
  try {
    localStorage.setItem(KEY, JSON.stringify([...all]));
  } catch {
    // No storage: the places last as long as the page does.
  }
}
