/**
 * The model database: chunks of files as Blobs, and one commit marker per complete, verified file.
 * idb-keyval allows one store per database, so models have their own.
 */
import { delMany, get, getMany, keys, set, setMany } from 'idb-keyval';
import { Database } from './database';

/**
 * Length of every chunk but a file's last. 4 MiB: Whisper base is 52 records; a crash loses at most one chunk a file
 * in flight; two files in flight hold at most 8 MiB in memory. Blobs, because a stored Blob comes back as
 * a handle to the disk: a whole file is `new Blob(chunks)` with no byte in memory until it is read.
 */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/** Written last, when length and SHA-256 of the stored bytes are right. No marker: the file does not exist. */
export type Marker = {
  bytes: number;
  sha256: string;
  chunks: number;
  chunkBytes: number;
  savedAt: number;
  /** Milliseconds since the epoch of the last time the stored bytes were read again and hashed. */
  checkedAt?: number;
};

/** Every call rejects as those of `Database`. */
export class ChunkDatabase {
  readonly #database = new Database('earshot-models', 'chunks');

  keys(): Promise<string[]> {
    return this.#database.run((use) => keys<string>(use));
  }

  marker(fileKey: string): Promise<Marker | undefined> {
    return this.#database.run((use) => get<Marker>(fileKey, use));
  }

  markers(fileKeys: string[]): Promise<(Marker | undefined)[]> {
    return this.#database.run((use) => getMany<Marker>(fileKeys, use));
  }

  setMarker(fileKey: string, marker: Marker): Promise<void> {
    return this.#database.run((use) => set(fileKey, marker, use));
  }

  setMarkers(markers: [fileKey: string, marker: Marker][]): Promise<void> {
    return this.#database.run((use) => setMany(markers, use));
  }

  setChunk(fileKey: string, index: number, chunk: Blob): Promise<void> {
    return this.#database.run((use) => set(chunkKey(fileKey, index), chunk, use));
  }

  /** Chunks 0 ... count-1; undefined where one is missing. */
  chunks(fileKey: string, count: number): Promise<(Blob | undefined)[]> {
    const wanted = Array.from({ length: count }, (_, index) => chunkKey(fileKey, index));
    return this.#database.run((use) => getMany<Blob>(wanted, use));
  }

  /** Bytes of a file's stored chunks, whole or not. `keys`: all of the database. */
  async chunkBytes(fileKey: string, keys: string[]): Promise<number> {
    const count = keys.filter((key) => chunkIndex(key, fileKey) >= 0).length;
    const chunks = count > 0 ? await this.chunks(fileKey, count) : [];
    return chunks.reduce((total, chunk) => total + (chunk?.size ?? 0), 0);
  }

  delete(which: string[]): Promise<void> {
    return this.#database.run((use) => delMany(which, use));
  }

  /** Marker and chunks, or only the chunks from `fromChunk` on (then the marker goes too: the file is not whole). */
  async evict(fileKey: string, fromChunk = 0): Promise<void> {
    const all = await this.keys();
    await this.delete(all.filter((key) => key === fileKey || chunkIndex(key, fileKey) >= fromChunk));
  }
}

export const chunkKey = (fileKey: string, index: number) => `${fileKey}#${index}`;

/** Index of the chunk that `key` names in file `fileKey`; -1 when it names none. */
export function chunkIndex(key: string, fileKey: string): number {
  return key.startsWith(`${fileKey}#`) ? Number(key.slice(fileKey.length + 1)) : -1;
}

/** Bytes of chunk `index` in a whole file. */
export const chunkLength = (bytes: number, index: number, chunkBytes: number) =>
  Math.min(chunkBytes, bytes - index * chunkBytes);
