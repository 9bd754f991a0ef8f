/** Entry of the media worker. */
import { expose } from 'comlink';
import { openMedia } from './media/open';
import { streamPcm } from './media/stream';
import type { MediaApi } from './protocol';
import { RequestLog } from './requests';

// A stray error does not reach the page by itself, and only a rejected call ends a job: it is logged.
self.addEventListener('error', (event) => console.warn('media worker:', event.message));
self.addEventListener('unhandledrejection', (event) => {
  console.warn('media worker:', event.reason);
  event.preventDefault();
});

const requests = new RequestLog();

const api: MediaApi = {
  async open(file) {
    const media = await openMedia(file);
    media.dispose();
    return media.facts;
  },
  stream: streamPcm,
  async requests(tell) {
    requests.watch(tell);
  },
};

expose(api);
