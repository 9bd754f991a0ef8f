/** Folded words on this device: a search reads a tenth of a megabyte a transcript, not all that is known of each word. */
import { createStore, delMany, get, keys, setMany, type UseStore } from 'idb-keyval';
import { readJob, type Header } from '../queue/saved.ts';
import { inSlices } from '../slices.ts';
import { foldCues, type FoldedText } from './text.ts';

type Kept = FoldedText & { changed: number };

let opened: UseStore | null = null;

function store(): UseStore {
  return (opened ??= createStore('earshot-texts', 'texts'));
}

/** What is searched of a transcript, made anew where it was changed since; null: it is not there any more. */
export async function textOf({ id, changed = 0 }: Header, signal: AbortSignal): Promise<FoldedText | null> {
  const kept = await get<Kept>(id, store());
  if (kept?.changed === changed) return kept;
  const found = await readJob(id);
  if (found === null) return null;
  const { cues } = found.job;
  const text = await inSlices(foldCues(cues), signal);
  await setMany(
    [
      [id, { ...text, changed } satisfies Kept],
      [`${id}/lines`, cues.map((cue) => cue.text)],
    ],
    store(),
  ).catch(() => undefined);
  return text;
}

/** The texts of all cues, as they are read. */
export async function linesOf(id: string): Promise<readonly string[]> {
  const kept = await get<string[]>(`${id}/lines`, store());
  return kept ?? (await readJob(id))?.job.cues.map(({ text }) => text) ?? [];
}

/** Removes what belongs to none of these transcripts. */
export async function forgetOtherTexts(ids: ReadonlySet<string>): Promise<void> {
  const all = await keys<string>(store());
  await delMany(
    all.filter((key) => !ids.has(key.replace(/\/lines$/, ''))),
    store(),
  );
}
