/** Recordings that are known from an earlier visit. */
import type { Given } from '../given-files.ts';
import { rememberFile } from './file-handles.ts';
import { isSameFile, type Job } from './job.ts';
import { readHeaders } from './saved.ts';

/** The queue, as far as it is needed. */
type Place = {
  jobs: () => readonly Job[];
  /** Puts a transcript of the library into the list. */
  open: (id: string) => Promise<boolean>;
};

/** Puts the transcripts of these files into the list that are older than what it has: the queue finds them there. */
export async function openKept(files: readonly Given[], { jobs, open }: Place): Promise<void> {
  const headers = await readHeaders().catch(() => []);
  for (const { file } of files) {
    const kept = headers.filter(
      ({ name, size, lastModified }) => name === file.name && size === file.size && lastModified === file.lastModified,
    );
    // One that was just removed can still be on the disk, and is not opened.
    for (const { id } of kept) if (jobs().some((one) => isSameFile(one, file)) || (await open(id))) break;
  }
}

/** Remembers where files lie, one after another: nobody waits for it. */
export async function rememberAll(files: readonly Given[]): Promise<void> {
  for (const { file, handle } of files) {
    const found = (await handle?.catch(() => null)) ?? null;
    await rememberFile(file, found?.kind === 'file' ? (found as FileSystemFileHandle) : null).catch(() => undefined);
  }
}
