/** How much of a model is on this device, and whether the rest is on its way. Pure. */
import type { LoadProgress, ModelState } from '../../workers/protocol.ts';

/** One that comes with the page is fetched from it, because a file needs it. */
export function isComing(
  model: ModelState,
  status: { phase: string; modelId?: string; progress?: LoadProgress | null },
): boolean {
  if (status.phase !== 'loading' || status.modelId !== model.id || model.ready) return false;
  return model.source === 'bundled' && status.progress?.phase === 'reading';
}

/** Verified and unfinished bytes. */
export function hereBytes(model: ModelState): number {
  return model.storedBytes + (model.partialBytes ?? 0);
}

/** Begun and not whole: a download goes on from there. */
export function isUnfinished(model: ModelState): boolean {
  return !model.ready && hereBytes(model) > 0;
}
