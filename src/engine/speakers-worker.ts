/** Starts the worker that tells speakers apart: no part of the first load, as most visits never need it. */
import type { SpeakersApi } from '../../workers/protocol.ts';
import { connected, type RequestListener } from './workers.ts';

export type SpeakersConnection = ReturnType<typeof startSpeakersWorker>;

export function startSpeakersWorker(onRequests: RequestListener) {
  // The bundler finds a worker only where its address is written out.
  const worker = new Worker(new URL('../../workers/speakers.worker.ts', import.meta.url), {
    type: 'module',
    name: document.baseURI,
  });
  return connected<SpeakersApi>(worker, 'EngineFailed', onRequests);
}
