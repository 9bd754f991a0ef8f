/** One file on its way to disk: bytes in order, hashed as they come, cut into chunks, committed at the end. */
import { createSHA256, type IHasher } from 'hash-wasm';
import type { ModelFile } from './model-files';
import { CHUNK_BYTES, chunkIndex, chunkLength, type ChunkDatabase } from './chunks';

export class FileSink {
  readonly #database: ChunkDatabase;
  readonly #key: string;
  readonly #file: ModelFile;
  readonly #hasher: IHasher;
  /** Bytes of the chunk that is not full yet. */
  #tail: Uint8Array<ArrayBuffer>[] = [];
  #tailBytes = 0;
  #savedTailBytes = 0;
  #index = 0;

  private constructor(database: ChunkDatabase, key: string, file: ModelFile, hasher: IHasher) {
    this.#database = database;
    this.#key = key;
    this.#file = file;
    this.#hasher = hasher;
  }

  /**
   * Opens the file behind the bytes that are already stored. The hash is rebuilt from those very bytes rather than
   * from a saved state: a state could disagree with the disk, bytes cannot. It costs a second for Whisper base
   * (hash-wasm 4.13: 200 MiB/s on a busy two-core machine, 2026-11).
   */
  static async open(database: ChunkDatabase, key: string, file: ModelFile): Promise<FileSink> {
    const sink = new FileSink(database, key, file, (await createSHA256()).init());
    await sink.#resume();
    return sink;
  }

  /** Forgets the stored chunks: the bytes come anew from the first one. */
  static async fresh(database: ChunkDatabase, key: string, file: ModelFile): Promise<FileSink> {
    await database.evict(key);
    return FileSink.open(database, key, file);
  }

  get loadedBytes(): number {
    return this.#index * CHUNK_BYTES + this.#tailBytes;
  }

  /** Rejects with StorageFull or EngineFailed. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    let rest = bytes;
    while (rest.byteLength > 0) {
      const part = rest.subarray(0, CHUNK_BYTES - this.#tailBytes);
      rest = rest.subarray(part.byteLength);
      this.#hasher.update(part);
      this.#tail.push(part);
      this.#tailBytes += part.byteLength;
      if (this.#tailBytes === CHUNK_BYTES) {
        await this.flush();
        this.#index += 1;
        this.#tail = [];
        this.#tailBytes = this.#savedTailBytes = 0;
      }
    }
  }

  /** Puts the chunk in the making on disk too, so that a cut costs no byte. */
  async flush(): Promise<void> {
    if (this.#tailBytes === this.#savedTailBytes) return;
    await this.#database.setChunk(this.#key, this.#index, new Blob(this.#tail));
    this.#savedTailBytes = this.#tailBytes;
  }

  /** True: the bytes are right and the marker is written. False: they are not, and all of them are gone. */
  async commit(): Promise<boolean> {
    await this.flush();
    const { bytes, sha256 } = this.#file;
    const count = Math.ceil(bytes / CHUNK_BYTES);
    const right = this.loadedBytes === bytes && this.#hasher.digest() === sha256;
    // Between first and last chunk the database may have been emptied by hand.
    const stored = right ? await this.#database.chunks(this.#key, count) : [];
    const whole = right && stored.every((chunk, index) => chunk?.size === chunkLength(bytes, index, CHUNK_BYTES));
    if (!whole) {
      await this.#database.evict(this.#key);
      return false;
    }
    const marker = { bytes, sha256, chunks: count, chunkBytes: CHUNK_BYTES, savedAt: Date.now() };
    await this.#database.setMarker(this.#key, marker);
    return true;
  }

  async #resume(): Promise<void> {
    const all = await this.#database.keys();
    const count = all.filter((key) => chunkIndex(key, this.#key) >= 0).length;
    for (const chunk of await this.#database.chunks(this.#key, count)) {
      const most = chunkLength(this.#file.bytes, this.#index, CHUNK_BYTES);
      const bytes = chunk && chunk.size <= most ? await readable(chunk) : null;
      if (!bytes) break;
      this.#hasher.update(bytes);
      if (bytes.byteLength < CHUNK_BYTES) {
        this.#tail = [bytes];
        this.#tailBytes = this.#savedTailBytes = bytes.byteLength;
        break;
      }
      this.#index += 1;
    }
    await this.#database.evict(this.#key, this.#index + (this.#tailBytes > 0 ? 1 : 0));
  }
}

/** Null when the file behind a stored Blob is gone from the disk. */
const readable = (chunk: Blob) =>
  chunk.arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => null,
  );
