/**
 * The model database: chunks of files, and one commit marker per complete, verified file.
 */
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
  /** Not in the private windows of Safari and WebKitGTK, whose IndexedDB takes everything but Blobs and Files. */
  #takesBlobs = true;

  /** As `Database.keeps`. */
  get keeps(): boolean {
    return this.#database.keeps;
  }

  keys(): Promise<string[]> {
    return this.#database.keys();
  }

  marker(fileKey: string): Promise<Marker | undefined> {
    return this.#database.get<Marker>(fileKey);
  }

  markers(fileKeys: string[]): Promise<(Marker | undefined)[]> {
    return this.#database.getMany<Marker>(fileKeys);
  }

  setMarker(fileKey: string, marker: Marker): Promise<void> {
    return this.#database.set(fileKey, marker);
  }

  setMarkers(markers: [fileKey: string, marker: Marker][]): Promise<void> {
    return this.#database.setMany(markers);
  }

  /** As a Blob, or as an ArrayBuffer of the same bytes where the browser refuses to store Blobs. */
  async setChunk(fileKey: string, index: number, chunk: Blob): Promise<void> {
    const key = chunkKey(fileKey, index);
    if (this.#takesBlobs) {
      try {
        return await this.#database.set(key, chunk);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'EngineFailed') throw error;
      }
    }
    await this.#database.set(key, await chunk.arrayBuffer());
    this.#takesBlobs = false;
  }

  /**
   * Chunks 0 ... count-1; undefined where one is missing. Stored Blobs come as handles; a stored ArrayBuffer comes with
   * its bytes, hence one at a time, and leaves this worker's memory for the browser's own Blob storage at once.
   */
  async chunks(fileKey: string, count: number): Promise<(Blob | undefined)[]> {
    const wanted = Array.from({ length: count }, (_, index) => chunkKey(fileKey, index));
    const first = await this.#database.getMany<Chunk>(wanted.slice(0, 1));
    if (!(first[0] instanceof ArrayBuffer)) return (await this.#database.getMany<Chunk>(wanted)).map(asBlob);
    const chunks: (Blob | undefined)[] = [];
    for (const key of wanted) chunks.push(asBlob(await this.#database.get<Chunk>(key)));
    return chunks;
  }

  /** Bytes of a file's stored chunks, whole or not. `keys`: all of the database. */
  async chunkBytes(fileKey: string, keys: string[]): Promise<number> {
    const count = keys.filter((key) => chunkIndex(key, fileKey) >= 0).length;
    const chunks = count > 0 ? await this.chunks(fileKey, count) : [];
    return chunks.reduce((total, chunk) => total + (chunk?.size ?? 0), 0);
  }

  delete(which: string[]): Promise<void> {
    return this.#database.delete(which);
  }

  /** Marker and chunks, or only the chunks from `fromChunk` on (then the marker goes too: the file is not whole). */
  async evict(fileKey: string, fromChunk = 0): Promise<void> {
    const all = await this.keys();
    await this.delete(all.filter((key) => key === fileKey || chunkIndex(key, fileKey) >= fromChunk));
  }
}

type Chunk = Blob | ArrayBuffer;

const asBlob = (chunk: Chunk | undefined) => (chunk instanceof ArrayBuffer ? new Blob([chunk]) : chunk);

export const chunkKey = (fileKey: string, index: number) => `${fileKey}#${index}`;

/** Index of the chunk that `key` names in file `fileKey`; -1 when it names none. */
export function chunkIndex(key: string, fileKey: string): number {
  return key.startsWith(`${fileKey}#`) ? Number(key.slice(fileKey.length + 1)) : -1;
}

/** Bytes of chunk `index` in a whole file. */
export const chunkLength = (bytes: number, index: number, chunkBytes: number) =>
  Math.min(chunkBytes, bytes - index * chunkBytes);
