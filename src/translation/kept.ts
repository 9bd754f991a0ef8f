/** Translations on this device, a record for each transcript. */
import { createStore, delMany, get, keys, set, type UseStore } from 'idb-keyval';
import type { Translation } from './translated.ts';

let opened: UseStore | null = null;

function store(): UseStore {
  return (opened ??= createStore('earshot-translations', 'jobs'));
}

/** Null: there is none, or it cannot be read. Never rejects. */
export async function keptTranslation(jobId: string): Promise<Translation | null> {
  try {
    return (await get<Translation>(jobId, store())) ?? null;
  } catch {
    return null;
  }
}

/**
 * Rejects where the browser does not take it.
 * @param jobs ids of the transcripts there are: what is kept of others goes
 */
export async function keepTranslation(jobId: string, translation: Translation, jobs: readonly string[]): Promise<void> {
  await set(jobId, translation, store());
  const gone = (await keys<string>(store())).filter((id) => !jobs.includes(id));
  if (gone.length > 0) await delMany(gone, store());
}
