/** Entry of the worker that makes documents for Word. It makes one, and the page ends it. */
import { docx } from './docx/docx';
import type { DocxAnswer, DocxRequest } from './protocol';

self.addEventListener('message', ({ data }: MessageEvent<DocxRequest>) => {
  docx(data).then(
    (bytes) => self.postMessage({ type: 'made', bytes } satisfies DocxAnswer, { transfer: [bytes.buffer] }),
    (error: unknown) => self.postMessage({ type: 'failed', message: String(error) } satisfies DocxAnswer),
  );
});
