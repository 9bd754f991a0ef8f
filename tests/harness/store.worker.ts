/** The model store where it really lives: in a worker. */
import { expose } from 'comlink';
import { unzipSync } from 'fflate';
import type { DownloadProgress } from '../../workers/protocol';
import { ModelStore, type ModelStoreOptions } from '../../workers/store/model-store';
import { StoredModels } from '../../workers/store/stored-models';

export type StoreOptions = Omit<ModelStoreOptions, 'fetchFor'>;
/** `networkBytes` counts only when `outcome` is `done`; otherwise `outcome` is the fault's name. */
export type DownloadReport = { outcome: string; detail: string; networkBytes: number; events: DownloadProgress[] };

let store: ModelStore;
let stored: StoredModels;
let stop = new AbortController();

/** Errors as plain data: what a spec looks at is their name and message. */
async function caught<T>(task: Promise<T>): Promise<{ outcome: string; detail: string; value: T | null }> {
  try {
    return { outcome: 'done', detail: '', value: await task };
  } catch (error) {
    const known = error instanceof Error ? error : new Error(String(error));
    return { outcome: known.name, detail: known.message, value: null };
  }
}

const stopAt = (bytes: number) => (progress: { loadedBytes: number }) => {
  if (progress.loadedBytes >= bytes) stop.abort();
};

async function digest(blob: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const api = {
  open(options: StoreOptions): void {
    store = new ModelStore(options);
    stored = new StoredModels(options.models);
  },
  states: () => store.states(),
  add: (hubId: string) => caught(store.add(hubId)),
  useMirror: (address: string | null) => caught(store.useMirror(address)),
  mirror: () => store.mirror(),
  ready: (modelId: string, optional: string[] = []) => stored.ready(modelId, optional),

  /** `stopAtBytes`: cancels as soon as so many bytes are loaded. `onEvent` hears each event as it comes. */
  async download(
    modelId: string,
    { stopAtBytes = Infinity, optional = [] as string[] } = {},
    onEvent: (progress: DownloadProgress) => void = () => {},
  ): Promise<DownloadReport> {
    stop = new AbortController();
    const events: DownloadProgress[] = [];
    const { value, ...end } = await caught(
      store.download(
        modelId,
        stop.signal,
        (progress) => {
          events.push(progress);
          onEvent(progress);
          if (progress.loadedBytes >= stopAtBytes) stop.abort();
        },
        { optional },
      ),
    );
    return { ...end, networkBytes: value ?? 0, events };
  },
  cancel: () => stop.abort(),
  delete: (modelId: string) => caught(store.delete(modelId)),
  /** `stopAtBytes`: cancels as soon as so many bytes are read; so does `importFrom`. `unasked`: nobody asked for it. */
  verify(modelId: string, stopAtBytes = Infinity, unasked = false) {
    stop = new AbortController();
    return caught(store.verify(modelId, stop.signal, stopAt(stopAtBytes), unasked));
  },

  /** Reads a file the way the engine does, and what is damaged once more after the store has healed it. */
  read: (modelId: string, path: string) =>
    caught(
      stored
        .blob(modelId, path)
        .catch(async (error: Error) => {
          if (error.name !== 'ModelDamaged') throw error;
          await store.heal(modelId);
          return stored.blob(modelId, path);
        })
        .then(async (blob) => ({ bytes: blob.size, sha256: await digest(blob) })),
    ),

  /** Imports what these addresses give, as if picked from the disk under `path`. `flipAt`: with one wrong bit. */
  async importFrom(sources: { path: string; url: string; flipAt?: number }[], stopAtBytes = Infinity) {
    stop = new AbortController();
    const files = await Promise.all(
      sources.map(async ({ path, url, flipAt }) => {
        const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
        if (flipAt !== undefined) bytes[flipAt] ^= 1;
        return { path, blob: new Blob([bytes]) };
      }),
    );
    return caught(store.importFiles(files, stop.signal, stopAt(stopAtBytes)));
  },
  /** What would be saved to disk. */
  exported: (modelId: string) =>
    caught(
      store
        .exportFiles(modelId)
        .then((files) => Promise.all(files.map(async ({ path, blob }) => ({ path, sha256: await digest(blob) })))),
    ),

  /** The archive, as an unpacker that is not ours reads it. */
  exportedZip: (modelId: string) =>
    caught(
      store.exportZip(modelId).then(async (zip) => {
        const files = Object.entries(unzipSync(new Uint8Array(await zip.arrayBuffer())));
        return Promise.all(files.map(async ([path, bytes]) => ({ path, sha256: await digest(new Blob([bytes])) })));
      }),
    ),

  /** To a stick, off this disk, and back. */
  async viaZip(modelId: string) {
    const zip = await (await store.exportZip(modelId)).arrayBuffer();
    await store.delete(modelId);
    return caught(store.importFiles([{ path: 'stick/model.zip', blob: new Blob([zip]) }]));
  },

  /** Reads a file the way transformers.js does; null: a miss. */
  async match(key: string) {
    const response = await stored.cache().match(key);
    if (!response) return null;
    return { length: response.headers.get('content-length'), sha256: await digest(await response.blob()) };
  },
};

expose(api);
