/** Entry of the find worker. The page ends it where a pattern takes too long, so it has no state. */
import { find } from './find/find';
import type { FindAnswer, FindRequest } from './protocol';

self.addEventListener('message', ({ data: { id, query, texts } }: MessageEvent<FindRequest>) => {
  let answer: FindAnswer;
  self.postMessage({ id, type: 'begun' } satisfies FindAnswer);
  try {
    answer = { id, type: 'found', found: find(texts, query) };
  } catch (error) {
    answer = { id, type: 'bad', message: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(answer);
});
