/** The model store in a worker, and the disk behind it laid bare. */
import { wrap } from 'comlink';
import type { api } from './store.worker';

const worker = new Worker(new URL('./store.worker.ts', import.meta.url), { type: 'module', name: 'store' });
export const store = wrap<typeof api>(worker);

/** Ends the worker in the middle of whatever it does: a crash. */
export const crash = () => worker.terminate();

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('earshot-models');
    request.onupgradeneeded = () => request.result.createObjectStore('chunks');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(String(request.error)));
  });
}

async function inStore<T>(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await database();
  try {
    return await new Promise((resolve, reject) => {
      const request = run(db.transaction('chunks', mode).objectStore('chunks'));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error(String(request.error)));
    });
  } finally {
    db.close();
  }
}

export const keys = () => inStore('readonly', (chunks) => chunks.getAllKeys()) as Promise<string[]>;
export const remove = (key: string) => inStore('readwrite', (chunks) => chunks.delete(key));
export const put = (key: string, value: unknown) => inStore('readwrite', (chunks) => chunks.put(value, key));
export const sizeOf = async (key: string) =>
  (await inStore('readonly', (chunks) => chunks.get(key) as IDBRequest<Blob>)).size;

/** Turns one bit of a stored chunk. */
export async function flip(key: string, at: number): Promise<void> {
  const chunk = await inStore('readonly', (chunks) => chunks.get(key) as IDBRequest<Blob>);
  const bytes = new Uint8Array(await chunk.arrayBuffer());
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await put(key, new Blob([bytes]));
}

/** What "Clear site data" does to an open database. Rejects when a connection refuses to let go. */
export function deleteDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('earshot-models');
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error(String(request.error)));
    request.onblocked = () => reject(new Error('a connection refused to close'));
  });
}
