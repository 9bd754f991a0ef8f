/** Translations on this device, a record for each transcript. */
import { createStore, del, delMany, get, keys, set, type UseStore } from 'idb-keyval';

/** `of`: the text that was translated: where a cue says something else by now, it has to be done anew. */
export type Translated = { of: string; text: string };

/** By the id of a cue. `language`: ISO code of the translation. */
export type Translation = { language: string; texts: ReadonlyMap<string, Translated> };

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

/** Rejects where the browser does not take it. */
export function keepTranslation(jobId: string, translation: Translation): Promise<void> {
  return set(jobId, translation, store());
}

/** Takes a translation off the device. @returns what puts it back */
export async function takeTranslation(jobId: string): Promise<() => Promise<void>> {
  const translation = await keptTranslation(jobId);
  await del(jobId, store());
  return async () => {
    if (translation !== null) await keepTranslation(jobId, translation);
  };
}

/** Removes what belongs to none of these transcripts. */
export async function forgetOtherTranslations(ids: ReadonlySet<string>): Promise<void> {
  const gone = (await keys<string>(store())).filter((id) => !ids.has(id));
  if (gone.length > 0) await delMany(gone, store());
}
