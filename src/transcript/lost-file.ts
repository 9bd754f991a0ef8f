/** Recordings that were here and can't be read any more: a drive was unplugged, a file was moved, deleted or written to. */
import { isPending, isRunning, type Job } from '../queue/job.ts';

/** The queue, as far as it is needed. */
type Place = { readonly selected: Job | null; amend(id: string, change: (job: Job) => Job): void };

/**
 * Asks for the recording that is shown where it has failed to be read. One that runs or waits says so itself; of any other
 * the file counts as missing, as it does after a reload: its words stay, and it is asked for where its sound would be.
 */
export async function noteIfLost(file: File, place: Place): Promise<void> {
  const read = file.slice(0, 1).arrayBuffer();
  const readable = await read.then(
    () => true,
    () => false,
  );
  const job = place.selected;
  if (readable || job?.file !== file || isRunning(job) || isPending(job)) return;
  place.amend(job.id, (old) => ({ ...old, fileMissing: true }));
}
