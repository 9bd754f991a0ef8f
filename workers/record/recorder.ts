/** What the recorder worker does for the page. */
import type { RecorderApi } from '../protocol';
import { RequestLog } from '../requests';
import { Database } from '../store/database';
import { record } from './record';
import { Recordings } from './recordings';

export function createRecorder(): RecorderApi {
  const requests = new RequestLog();
  // A power cut takes no second that is written. To write one takes 3 to 7 ms then instead of 1 (a mean of 100 writes of
  // 8 kB, Chromium 156 on a busy machine of two cores, 26 November 2026).
  const database = new Database('earshot-recordings', 'chunks', 'strict');
  const recordings = new Recordings(database);
  let running = new AbortController();
  return {
    record(port, order, tell) {
      running = new AbortController();
      return record(port, order, database, running.signal, tell);
    },
    async end() {
      running.abort();
    },
    list: () => recordings.list(),
    file: (id) => recordings.file(id),
    mark: (id, change) => recordings.mark(id, change),
    purge: () => recordings.purge(),
    async requests(tell) {
      requests.watch(tell);
    },
  };
}
