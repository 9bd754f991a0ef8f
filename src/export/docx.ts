/** Has a worker make a document for Word: that of ten hours takes seconds, in which the page would stand still. */
import type { DocxAnswer, DocxRequest } from '../../workers/protocol.ts';

/** @param signal ends the worker; rejects with its reason then */
export function docx(request: DocxRequest, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL('../../workers/docx.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    worker.onmessage = ({ data }: MessageEvent<DocxAnswer>) =>
      data.type === 'made' ? resolve(data.bytes) : reject(new Error(data.message));
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message || 'the worker did not start'));
    };
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
