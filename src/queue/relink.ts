/** Recordings that are known from an earlier visit. */
import type { Given } from '../given-files.ts';
import { rememberFile } from './file-handles.ts';
import { isSameFile, type Job } from './job.ts';
import { isHeld } from '../held-lock.ts';
import { leaving, lockOf } from './ownership.ts';
import { readHeaders } from './saved.ts';

/** The queue, as far as it is needed. */
type Place = {
  jobs: () => readonly Job[];
  /** Puts a transcript of the library into the list. */
  open: (id: string) => Promise<boolean>;
  /** Takes one that another tab has removed out of the list. */
  drop: (id: string) => void;
};

/**
 * Puts the transcripts of these files into the list that are older than what it has: the queue finds them there. What was
 * just removed, here or in another tab, may still be on the disk or in the list for a moment: its file is a new one.
 */
export async function openKept(files: readonly Given[], { jobs, open, drop }: Place): Promise<void> {
  const headers = await readHeaders().catch(() => null);
  if (headers === null) return;
  for (const { file } of files) {
    const kept = headers.filter((header) => isSameFile(header, file)).map(({ id }) => id);
    for (const { id, elsewhere } of jobs().filter((job) => isSameFile(job, file)))
      if (elsewhere && (!kept.includes(id) || (await isLeaving(id)))) drop(id);
    for (const id of kept) {
      if (jobs().some((job) => isSameFile(job, file))) break;
      if (!(await isLeaving(id)) && (await open(id))) break;
    }
  }
}

const isLeaving = (id: string) => isHeld(lockOf(leaving(id)));

/** Remembers where files lie, one after another: nobody waits for it. */
export async function rememberAll(files: readonly Given[]): Promise<void> {
  for (const { file, handle } of files) {
    const found = (await handle?.catch(() => null)) ?? null;
    await rememberFile(file, found?.kind === 'file' ? (found as FileSystemFileHandle) : null).catch(() => undefined);
  }
}
