/** Starts the workers that every file needs. Here and in the workers' entries comlink is known, and nowhere else. */
import { proxy, transfer, wrap, type Remote } from 'comlink';
import type { EngineApi, FaultName, MediaApi, RecorderApi, RequestEntry, StoreApi } from '../../workers/protocol.ts';
import { Connection } from './connection.ts';

export type EngineConnection = Connection<Remote<EngineApi>>;
export type MediaConnection = Connection<Remote<MediaApi>>;
export type StoreConnection = Connection<Remote<StoreApi>>;
export type RecorderConnection = Connection<Remote<RecorderApi>>;

/** Takes what a worker tells of the requests that it has made. */
export type RequestListener = (entries: RequestEntry[]) => void;

/** The function as one that a worker may call. Calls travel on a port of their own, behind the answers of the worker. */
export const callback = proxy;
/** The port as one that is handed over, not copied: from then on it is the worker's. */
export const handOver = (port: MessagePort): MessagePort => transfer(port, [port]);

// The name tells a worker where the page lives, because its own address is inside assets/. The addresses are written out
// in each call: the bundler finds a worker only by `new Worker(new URL('…', import.meta.url))`.

type TellsRequests = { requests(tell: (entries: RequestEntry[]) => void): Promise<void> };

/**
 * @param reasonOfDeath the fault that an uncaught error of the worker amounts to
 * @param onRequests called with the requests that the worker makes
 */
export function connected<Api extends TellsRequests>(
  worker: Worker,
  reasonOfDeath: FaultName,
  onRequests: RequestListener,
): Connection<Remote<Api>> {
  const connection = new Connection(worker, wrap<Api>(worker), reasonOfDeath);
  connection.call((remote) => (remote as Remote<TellsRequests>).requests(callback(onRequests))).catch(() => {});
  return connection;
}

export function startEngineWorker(onRequests: RequestListener): EngineConnection {
  const worker = new Worker(new URL('../../workers/engine.worker.ts', import.meta.url), {
    type: 'module',
    name: document.baseURI,
  });
  return connected<EngineApi>(worker, 'EngineFailed', onRequests);
}

/** An uncaught error of this worker is a fault of the file, not of the engine: it came out of the file that was read. */
export function startMediaWorker(onRequests: RequestListener): MediaConnection {
  const worker = new Worker(new URL('../../workers/media.worker.ts', import.meta.url), {
    type: 'module',
    name: document.baseURI,
  });
  return connected<MediaApi>(worker, 'DamagedFile', onRequests);
}

export function startStoreWorker(onRequests: RequestListener): StoreConnection {
  const worker = new Worker(new URL('../../workers/store.worker.ts', import.meta.url), {
    type: 'module',
    name: document.baseURI,
  });
  return connected<StoreApi>(worker, 'EngineFailed', onRequests);
}

/** @param onRequests called with the requests that the worker makes */
export function startRecorderWorker(onRequests: RequestListener): RecorderConnection {
  const worker = new Worker(new URL('../../workers/recorder.worker.ts', import.meta.url), {
    type: 'module',
    name: document.baseURI,
  });
  return connected<RecorderApi>(worker, 'EngineFailed', onRequests);
}
