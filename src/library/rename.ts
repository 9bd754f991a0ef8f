/** Titles of transcripts that are in no list. */
import { promisifyRequest } from 'idb-keyval';
import { isOurs, store, type Header } from '../queue/saved.ts';

/** Another title for a job that is in no list. Does nothing where the job is not there any more. */
export function rename(id: string, title: string): Promise<void> {
  return store()('readwrite', async (jobs) => {
    const header = await promisifyRequest<Header | undefined>(jobs.get(id));
    if (header !== undefined && isOurs(header)) await promisifyRequest(jobs.put({ ...header, title }, id));
  });
}
