/** The files of what an earlier visit did not finish, from where they lay. No part of the first load. */
import { fileAgain, handleOf } from './file-handles.ts';
import type { Job } from './job.ts';
import { unfinishedOf } from './news.ts';

/** The queue, as far as it is needed. */
type Place = {
  jobs: () => readonly Job[];
  /** Resolves when they are in the list. */
  add: (files: readonly File[]) => Promise<void>;
  /** Says what is not finished, if anything is. @param goOn what one press does; null: files have to be chosen */
  offer: (goOn: (() => void) | null) => void;
};

/** A job, and the browser's own handle of its file. */
type Way = { job: Job; handle: FileSystemFileHandle };

/** Of those files of which the browser has kept a handle. */
async function waysBack(jobs: readonly Job[]): Promise<Way[]> {
  const handles = await Promise.all(jobs.map(handleOf));
  return jobs.flatMap((job, index): Way[] => {
    const handle = handles[index];
    return handle === null ? [] : [{ job, handle }];
  });
}

/** Inside a press, in which the browser may ask. @returns those that may be read and are as they were */
async function broughtBack(ways: readonly Way[]): Promise<File[]> {
  const files: File[] = [];
  for (const { job, handle } of ways) {
    const again = await fileAgain(handle, job, true);
    if (again.type === 'file') files.push(again.file);
  }
  return files;
}

/** By a press where the browser has kept the way to a file; by choosing it again where not, or where that has failed. */
export async function offerToGoOn({ jobs, add, offer }: Place): Promise<void> {
  const ways = await waysBack(unfinishedOf(jobs()));
  const goOn = async () => {
    await add(await broughtBack(ways));
    offer(null);
  };
  offer(ways.length > 0 ? () => void goOn() : null);
}
