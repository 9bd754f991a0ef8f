/** Recordings that are known from an earlier visit, whatever has become of their names. */
import type { Given } from '../given-files.ts';
import { jobOfPrint, rememberFile } from './file-handles.ts';
import { isSameFile, type Job } from './job.ts';
import { readHeaders } from './saved.ts';

/** The queue, as far as it is needed. */
type Place = {
  jobs: () => readonly Job[];
  /** Puts a transcript of the library into the list. */
  open: (id: string) => Promise<boolean>;
  /** Gives a job its file, which is the same under another name or date. */
  relink: (id: string, file: File) => void;
};

/** Gives files to the transcripts that they are of. @returns the files that are new, or that the queue knows by name */
export async function relinked(files: readonly Given[], place: Place): Promise<Given[]> {
  const headers = await readHeaders().catch(() => []);
  const rest: Given[] = [];
  for (const given of files) {
    const { file } = given;
    const job = await jobOfPrint(file, place.jobs()).catch(() => null);
    if (job !== null) {
      place.relink(job.id, file);
      continue;
    }
    rest.push(given);
    // Older than what the list has: the queue then finds it as it finds the others.
    const kept = headers.find(
      ({ name, size, lastModified }) => name === file.name && size === file.size && lastModified === file.lastModified,
    );
    if (kept !== undefined && !place.jobs().some((one) => isSameFile(one, file))) await place.open(kept.id);
  }
  return rest;
}

/** Remembers where files lie, one after another: nobody waits for it. */
export async function rememberAll(files: readonly Given[]): Promise<void> {
  for (const { file, handle } of files) {
    const found = (await handle?.catch(() => null)) ?? null;
    await rememberFile(file, found?.kind === 'file' ? (found as FileSystemFileHandle) : null).catch(() => undefined);
  }
}
