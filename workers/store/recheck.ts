/**
 * Reads a stored model again now and then, when nothing else is to be done: a disk can go bad in silence, and a wrong
 * weight shows only as wrong words.
 */
import type { ModelStore } from './model-store';

/** A month: rare enough to cost nothing, often enough that a disk that goes bad is noticed. */
const EVERY_MS = 30 * 24 * 3600 * 1000;
/** Without a job for so long, the person is doing something else. */
const IDLE_MS = 30_000;

/**
 * @param knownRightMs when every stored byte was last known to be right; null: nothing is stored
 * A clock that was set back makes a check due as well: what it says of the past cannot be believed.
 */
export function isDue(knownRightMs: number | null, nowMs: number): boolean {
  return knownRightMs !== null && (nowMs - knownRightMs >= EVERY_MS || knownRightMs - nowMs >= EVERY_MS);
}

export type Recheck = {
  /** Nothing runs: the model is looked at in a while, when its time has come. */
  later(modelId: string): void;
  /** Something begins: a check goes on another time. */
  stop(): void;
};

/** @param onDamage the stored bytes were wrong, whether they could be fetched again or not */
export function createRecheck(
  store: Pick<ModelStore, 'knownRightAt' | 'verify'>,
  onDamage: (modelId: string) => Promise<void>,
  idleMs = IDLE_MS,
): Recheck {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | null = null;

  async function check(modelId: string): Promise<void> {
    const mine = new AbortController();
    running = mine;
    try {
      if (!isDue(await store.knownRightAt(modelId), Date.now())) return;
      const damaged = await store.verify(modelId, mine.signal);
      if (damaged.length > 0) await onDamage(modelId);
    } catch (error) {
      if (mine.signal.aborted) return;
      console.warn('a stored model was damaged', error);
      await onDamage(modelId);
    }
  }

  return {
    later(modelId) {
      clearTimeout(timer);
      timer = setTimeout(() => void check(modelId), idleMs);
    },
    stop() {
      clearTimeout(timer);
      running?.abort();
    },
  };
}
