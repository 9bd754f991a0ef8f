/** Entry of the media worker. */
import { expose } from 'comlink';
import { measureLevels } from './media/measure-levels';
import { openMedia } from './media/open';
import { streamPcm } from './media/stream';
import type { MediaApi } from './protocol';
import { RequestLog } from './requests';

// Only a rejected call ends a job. An uncaught error would reach the page as the end of this worker unless it is
// prevented here, so it is logged and goes no further.
self.addEventListener('error', (event) => {
  console.warn('media worker:', event.message);
  event.preventDefault();
});
self.addEventListener('unhandledrejection', (event) => {
  console.warn('media worker:', event.reason);
  event.preventDefault();
});

const requests = new RequestLog();

const api: MediaApi = {
  async open(file, choice) {
    const media = await openMedia(file, choice);
    media.dispose();
    return media.facts;
  },
  stream: streamPcm,
  levels: measureLevels,
  async requests(tell) {
    requests.watch(tell);
  },
};

expose(api);
