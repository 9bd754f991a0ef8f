/** A stored model is read again now and then: a wrong weight shows only as wrong words. */
import type { ModelStore } from './model-store';

/** A month: rare enough to cost nothing, often enough that a disk that goes bad is noticed. */
const EVERY_MS = 30 * 24 * 3600 * 1000;

/**
 * @param knownRightMs when every stored byte was last known to be right; null: nothing is stored
 * A clock that was set back makes a check due as well: what it says of the past cannot be believed.
 */
export function isDue(knownRightMs: number | null, nowMs: number): boolean {
  return knownRightMs !== null && (nowMs - knownRightMs >= EVERY_MS || knownRightMs - nowMs >= EVERY_MS);
}

/**
 * Verifies a model whose time has come. Nobody asked for it, so nothing is downloaded from another origin.
 * @returns whether its stored bytes were wrong, healed or not. Never rejects.
 */
export async function recheck(store: Pick<ModelStore, 'knownRightAt' | 'verify'>, modelId: string): Promise<boolean> {
  try {
    if (!isDue(await store.knownRightAt(modelId), Date.now())) return false;
    const damaged = await store.verify(modelId, undefined, undefined, true);
    return damaged.length > 0;
  } catch (error) {
    console.warn('a stored model was damaged', error);
    return true;
  }
}
