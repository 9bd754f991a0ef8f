/**
 * Where the recordings lie, so that their sound is there again after a reload: the browser's own handle of a file where it
 * gives one, and a print of its contents, by which a copy or a renamed file is known. Not a part of the first load.
 */
import { createStore, delMany, get, keys, set, type UseStore } from 'idb-keyval';
import { fingerprintOf } from './fingerprint.ts';
import { isSameFile, type Job } from './job.ts';

/** What a file is known by, as in `isSameFile`. */
type Known = { name: string; size: number; lastModified: number };
/** `print`: as `fingerprintOf` gives it. */
type Kept = { handle: FileSystemFileHandle | null; print: string | null };

/** In no standard library of TypeScript yet (https://wicg.github.io/file-system-access/). */
type Permitted = FileSystemFileHandle & {
  queryPermission?(options: { mode: 'read' }): Promise<PermissionState>;
  requestPermission?(options: { mode: 'read' }): Promise<PermissionState>;
};

let opened: UseStore | null = null;

function store(): UseStore {
  return (opened ??= createStore('earshot-files', 'files'));
}

function keyOf({ name, size, lastModified }: Known): string {
  return `${size}-${lastModified}-${name}`;
}

/** Remembers a file. A handle that is known stays where the file is given again without one. */
export async function rememberFile(file: File, handle: FileSystemFileHandle | null): Promise<void> {
  const before = await get<Kept>(keyOf(file), store());
  await set(keyOf(file), { handle: handle ?? before?.handle ?? null, print: await fingerprintOf(file) }, store());
}

/** The browser's handle of a recording; null: it gave none, or it is not known any more. */
export async function handleOf(known: Known): Promise<FileSystemFileHandle | null> {
  return (await get<Kept>(keyOf(known), store()).catch(() => undefined))?.handle ?? null;
}

/** Never rejects. Of jobs, the one whose file this is: the same content under whatever name, or else the same name and date. */
export async function jobOf(file: File, jobs: readonly Job[]): Promise<Job | undefined> {
  const print = await fingerprintOf(file);
  const printOf = async (job: Job) => job.fingerprint ?? (await get<Kept>(keyOf(job), store()))?.print ?? null;
  const prints = await Promise.all(jobs.map((job) => printOf(job).catch(() => null)));
  return (
    jobs.find((_, index) => print !== null && prints[index] === print) ??
    jobs.find((job, index) => (print === null || prints[index] === null) && isSameFile(job, file))
  );
}

/** Removes what belongs to none of these recordings. */
export async function forgetOtherFiles(recordings: readonly Known[]): Promise<void> {
  const wanted = new Set(recordings.map(keyOf));
  const all = await keys<string>(store());
  await delMany(
    all.filter((key) => !wanted.has(key)),
    store(),
  );
}

/** Whether the file may be read without asking, and the file itself. */
export type Again =
  | { type: 'file'; file: File }
  | { type: 'ask' } // the browser wants a press
  | { type: 'refused' }
  | { type: 'gone' }; // it was moved, deleted or changed

/** @param asking inside a press, in which the browser may ask the person */
export async function fileAgain(handle: FileSystemFileHandle, known: Known, asking: boolean): Promise<Again> {
  const permitted = handle as Permitted;
  const state = await (asking
    ? permitted.requestPermission?.({ mode: 'read' })
    : permitted.queryPermission?.({ mode: 'read' }));
  if (state !== 'granted' && state !== undefined) return asking ? { type: 'refused' } : { type: 'ask' };
  try {
    const file = await handle.getFile();
    return keyOf(file) === keyOf(known) ? { type: 'file', file } : { type: 'gone' };
  } catch {
    return { type: 'gone' };
  }
}
