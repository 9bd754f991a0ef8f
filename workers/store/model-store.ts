/**
 * The models on this device. A file exists when its commit marker does, and the marker is written only after length
 * and SHA-256 were right: nothing unverified is ever handed out.
 */
import { createSHA256 } from 'hash-wasm';
import { ABORTED, fault, type DownloadProgress, type ModelState } from '../protocol';
import { addressOf, catalogue, findByKey, HUB_URL, type CatalogueModel, type ModelFile } from './catalogue';
import { ChunkDatabase, chunkLength, type Marker } from './chunks';
import { DEFAULT_RETRY, fetchInto, throwIfAborted, type RetryPolicy } from './download';
import { FileSink } from './file-sink';
import { Pace } from './pace';
import { freeBytes, makeSureOfRoom, noRoom } from './room';
import { alone } from './tabs';

export type ModelStoreOptions = {
  /** Absolute address of the page's folder: bundled models lie under `models/` there. */
  baseUrl: string;
  /** The hub, or a mirror with the hub's path layout. */
  hubUrl?: string;
  models?: CatalogueModel[];
  fetch?: typeof fetch;
  retry?: RetryPolicy;
};

type OnProgress = (progress: DownloadProgress) => void;
/** Paths of optional files to treat as needed. */
type Extra = { optional?: string[] };

/** What transformers.js takes as `env.customCache`. */
export type ModelCache = {
  match(key: string): Promise<Response | undefined>;
  put(): Promise<void>;
};

/** Two at a time: the small files' round trips hide behind a large one; more only splits the same line. */
const PARALLEL_FILES = 2;
/** Progress goes out ten times a second at most. */
const PROGRESS_MS = 100;

export class ModelStore {
  readonly models: CatalogueModel[];
  readonly #database = new ChunkDatabase('earshot-models');
  readonly #baseUrl: string;
  readonly #hubUrl: string;
  readonly #fetch: typeof fetch;
  readonly #retry: RetryPolicy;

  constructor(options: ModelStoreOptions) {
    this.models = options.models ?? catalogue;
    this.#baseUrl = options.baseUrl;
    this.#hubUrl = options.hubUrl ?? HUB_URL;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#retry = options.retry ?? DEFAULT_RETRY;
  }

  /** The catalogue with what is on this device. Rejects with EngineFailed when the browser refuses IndexedDB. */
  async states(): Promise<ModelState[]> {
    const keys = await this.#database.keys();
    return Promise.all(
      this.models.map(async (model): Promise<ModelState> => {
        const needed = neededFiles(model);
        const stored = await this.#committed(model, needed);
        const missing = needed.filter((file) => !stored.includes(file));
        const partial = await Promise.all(
          missing.map((file) => this.#database.chunkBytes(keyOf(model, file.path), keys)),
        );
        return {
          id: model.id,
          name: model.name,
          source: model.source,
          totalBytes: bytesOf(needed),
          storedBytes: bytesOf(stored),
          partialBytes: partial.reduce((total, bytes) => total + bytes, 0),
          ready: missing.length === 0,
          host: model.source === 'hub' ? new URL(this.#hubUrl).host : 'this page',
          multilingual: model.multilingual,
          ...(model.note !== undefined && { note: model.note }),
        };
      }),
    );
  }

  /** All files needed to run the model are here and were verified. */
  async ready(modelId: string, { optional = [] }: Extra = {}): Promise<boolean> {
    const model = this.#model(modelId);
    const needed = neededFiles(model, optional);
    return (await this.#committed(model, needed)).length === needed.length;
  }

  /**
   * Fetches, verifies and keeps what is missing. Cut or cancelled, the bytes that came stay and the next call goes
   * on from there. While another tab downloads the same model this one waits, and `onProgress` shows the other's.
   * @returns bytes that came over the network; 0 means everything was here
   * Rejects with DownloadFailed, DownloadBlocked, ModelDamaged, StorageFull or AbortError.
   */
  async download(
    modelId: string,
    signal: AbortSignal = new AbortController().signal,
    onProgress: OnProgress = () => {},
    { optional = [] }: Extra = {},
  ): Promise<number> {
    const model = this.#model(modelId);
    throwIfAborted(signal);
    return alone(
      modelId,
      (tell) =>
        this.#fetchMissing(signal, model, neededFiles(model, optional), (progress) => {
          onProgress(progress);
          tell(progress);
        }),
      { signal, onOther: onProgress },
    );
  }

  /**
   * A stored file as a Blob over its chunks: no byte is in memory before it is read. Chunk count and lengths are
   * checked; what is damaged is evicted and fetched again once.
   * Rejects with ModelMissing when it was never stored, ModelDamaged when it cannot be healed.
   */
  async blob(modelId: string, path: string): Promise<Blob> {
    const model = this.#model(modelId);
    const file = model.files.find((one) => one.path === path);
    const marker = file && (await this.#database.marker(keyOf(model, path)));
    if (!file || !marker || !matches(marker, file)) throw fault('ModelMissing', `${modelId}/${path}`);
    const chunks = (await this.#wholeChunks(model, file, marker)) ?? (await this.#heal(model, file));
    return new Blob(chunks, { type: path.endsWith('.json') ? 'application/json' : 'application/octet-stream' });
  }

  /** Rejects as `blob`. */
  async text(modelId: string, path: string): Promise<string> {
    return (await this.blob(modelId, path)).text();
  }

  /** Rejects as `blob`. */
  async json(modelId: string, path: string): Promise<unknown> {
    return JSON.parse(await this.text(modelId, path)) as unknown;
  }

  /** Frees the disk: all revisions, all chunks, finished or not. Waits for a download of the same model to end. */
  async delete(modelId: string): Promise<void> {
    await alone(modelId, async () => {
      const all = await this.#database.keys();
      await this.#database.delete(all.filter((key) => key.startsWith(`${modelId}@`)));
    });
  }

  /**
   * Reads every stored byte again and compares its SHA-256; what is damaged is evicted and fetched again once.
   * @returns paths that were damaged and are right again
   * Rejects with ModelDamaged, a download fault or AbortError; the damaged files are gone then, the model not ready.
   */
  async verify(
    modelId: string,
    signal: AbortSignal = new AbortController().signal,
    onProgress: OnProgress = () => {},
  ): Promise<string[]> {
    const model = this.#model(modelId);
    const check = async () => {
      const stored = await this.#committed(model, model.files);
      const damaged: ModelFile[] = [];
      const pace = new Pace(modelId, stored);
      for (const file of stored) {
        if (!(await this.#hashIsRight(signal, model, file))) damaged.push(file);
        pace.set(file.path, file.bytes, 'checked');
        onProgress(pace.progress(performance.now()));
      }
      for (const file of damaged) await this.#database.evict(keyOf(model, file.path));
      await this.#fetchMissing(signal, model, damaged, onProgress);
      return damaged.map((file) => file.path);
    };
    return alone(modelId, check, { signal, onOther: onProgress });
  }

  /**
   * For `env.customCache` of transformers.js. A miss is a miss, whatever the reason: it never throws. `put` keeps
   * nothing, because transformers.js neither resumes, nor checks, nor reports a full disk.
   */
  cache(): ModelCache {
    return {
      match: async (key) => {
        const found = findByKey(this.models, key);
        if (!found) return undefined;
        try {
          const blob = await this.blob(found.model.id, found.file.path);
          return new Response(blob, { headers: { 'content-length': String(blob.size) } });
        } catch {
          return undefined;
        }
      },
      put: () => Promise.resolve(),
    };
  }

  #model(modelId: string): CatalogueModel {
    const model = this.models.find((one) => one.id === modelId);
    if (!model) throw fault('ModelMissing', `No model is called ${modelId}.`);
    return model;
  }

  async #committed(model: CatalogueModel, files: ModelFile[]): Promise<ModelFile[]> {
    const markers = await this.#database.markers(files.map((file) => keyOf(model, file.path)));
    return files.filter((file, index) => matches(markers[index], file));
  }

  /** Null when a chunk is missing or has the wrong length. */
  async #wholeChunks(model: CatalogueModel, file: ModelFile, marker: Marker): Promise<Blob[] | null> {
    const chunks = await this.#database.chunks(keyOf(model, file.path), marker.chunks);
    const whole = chunks.filter(
      (chunk, index): chunk is Blob => chunk?.size === chunkLength(file.bytes, index, marker.chunkBytes),
    );
    return whole.length === marker.chunks ? whole : null;
  }

  #heal(model: CatalogueModel, file: ModelFile): Promise<Blob[]> {
    const key = keyOf(model, file.path);
    const stored = async () => {
      const marker = await this.#database.marker(key);
      return marker ? this.#wholeChunks(model, file, marker) : null;
    };
    return alone(model.id, async () => {
      // Another tab may have healed it while this one waited.
      const healed = await stored();
      if (healed) return healed;
      // Only the marker goes: the chunks before the damage are hashed again and built upon.
      await this.#database.delete([key]);
      try {
        await this.#fetchMissing(new AbortController().signal, model, [file], () => {});
      } catch (error) {
        throw fault('ModelDamaged', `${file.path} was damaged on disk and did not come again: ${String(error)}`);
      }
      const chunks = await stored();
      if (!chunks) throw fault('ModelDamaged', file.path);
      return chunks;
    });
  }

  async #hashIsRight(signal: AbortSignal, model: CatalogueModel, file: ModelFile): Promise<boolean> {
    const marker = await this.#database.marker(keyOf(model, file.path));
    const chunks = marker && (await this.#wholeChunks(model, file, marker));
    if (!chunks) return false;
    const hasher = (await createSHA256()).init();
    for (const chunk of chunks) {
      throwIfAborted(signal);
      const buffer = await chunk.arrayBuffer().catch(() => null);
      if (!buffer) return false;
      hasher.update(new Uint8Array(buffer));
    }
    return hasher.digest() === file.sha256;
  }

  /** Under the model's lock only. Returns the bytes that came over the network. */
  async #fetchMissing(
    signal: AbortSignal,
    model: CatalogueModel,
    files: ModelFile[],
    onProgress: OnProgress,
  ): Promise<number> {
    await this.#evictStale(model);
    let networkBytes = 0;
    for (let pass = 1; pass <= 2; pass += 1) {
      const stored = await this.#committed(model, files);
      if (stored.length === files.length) break;
      networkBytes += await this.#fetchFiles(signal, model, files, stored, onProgress);
    }
    const stored = await this.#committed(model, files);
    // The database was emptied under the download, twice.
    if (stored.length < files.length) throw fault('DownloadFailed', 'The browser threw the stored files away.');
    const pace = new Pace(model.id, files);
    for (const file of files) pace.set(file.path, file.bytes, 'checked');
    onProgress(pace.progress(performance.now()));
    return networkBytes;
  }

  async #fetchFiles(
    signal: AbortSignal,
    model: CatalogueModel,
    files: ModelFile[],
    stored: ModelFile[],
    onProgress: OnProgress,
  ): Promise<number> {
    const missing = files.filter((file) => !stored.includes(file));
    const pace = new Pace(model.id, files);
    for (const file of stored) pace.set(file.path, file.bytes, 'checked');
    let networkBytes = 0;
    let toldMs = -Infinity;
    const report = (now: boolean) => {
      const nowMs = performance.now();
      if (!now && nowMs - toldMs < PROGRESS_MS) return;
      toldMs = nowMs;
      onProgress(pace.progress(nowMs));
    };

    const sinks: FileSink[] = [];
    for (const file of missing) {
      const sink = await FileSink.open(this.#database, keyOf(model, file.path), file);
      sinks.push(sink);
      pace.set(file.path, sink.loadedBytes, 'waiting');
      throwIfAborted(signal);
    }
    report(true);
    const bytesToCome = () => bytesOf(missing) - sinks.reduce((total, sink) => total + sink.loadedBytes, 0);
    if (model.source === 'hub') await makeSureOfRoom(bytesToCome());
    try {
      await inParallel(signal, PARALLEL_FILES, missing, async (file, index, either) => {
        await this.#fetchOne(either, model, file, sinks[index], (bytes, sink) => {
          networkBytes += bytes;
          sinks[index] = sink;
          pace.arrive(bytes, performance.now());
          pace.set(file.path, sink.loadedBytes, 'loading');
          report(false);
        });
        pace.set(file.path, file.bytes, 'checked');
        report(true);
      });
    } catch (error) {
      report(true);
      if (error instanceof Error && error.name === 'StorageFull') throw noRoom(bytesToCome(), await freeBytes());
      throw error;
    }
    return networkBytes;
  }

  /** Bytes that are wrong as a whole are thrown away and fetched once more; then the server's file is wrong. */
  async #fetchOne(
    signal: AbortSignal,
    model: CatalogueModel,
    file: ModelFile,
    opened: FileSink,
    onBytes: (bytes: number, sink: FileSink) => void,
  ): Promise<void> {
    const key = keyOf(model, file.path);
    let sink = opened;
    let wrong = fault('ModelDamaged', `${file.path}: the SHA-256 is not the expected one.`);
    for (let pass = 1; pass <= 2; pass += 1) {
      const outcome = await fetchInto(
        signal,
        sink,
        {
          address: addressOf(model, file.path, this.#baseUrl, this.#hubUrl),
          totalBytes: file.bytes,
          credentials: model.source === 'bundled' ? 'same-origin' : 'omit',
          fetch: this.#fetch,
          retry: this.#retry,
        },
        (bytes) => onBytes(bytes, sink),
      );
      if (outcome === 'whole') {
        if (await sink.commit()) return;
      } else {
        wrong = outcome.restart;
        await this.#database.evict(key);
      }
      sink = await FileSink.open(this.#database, key, file);
    }
    throw wrong;
  }

  /** What this version of the page can never use: other revisions of the model, files it no longer has. */
  async #evictStale(model: CatalogueModel): Promise<void> {
    const current = new Set(model.files.map((file) => keyOf(model, file.path)));
    const all = await this.#database.keys();
    const stale = all.filter((key) => key.startsWith(`${model.id}@`) && !current.has(key.replace(/#\d+$/, '')));
    if (stale.length > 0) await this.#database.delete(stale);
  }
}

const keyOf = (model: CatalogueModel, path: string) => `${model.id}@${model.revision}/${path}`;

const neededFiles = (model: CatalogueModel, optional: string[] = []) =>
  model.files.filter((file) => !file.optional || optional.includes(file.path));

const bytesOf = (files: ModelFile[]) => files.reduce((total, file) => total + file.bytes, 0);

const matches = (marker: Marker | undefined, file: ModelFile) =>
  marker !== undefined && marker.sha256 === file.sha256 && marker.bytes === file.bytes;

/** `task` over all items, `width` at a time. The first failure stops the others softly and is the one thrown. */
async function inParallel<T>(
  signal: AbortSignal,
  width: number,
  items: T[],
  task: (item: T, index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) {
      if (either.aborted) return;
      try {
        await task(item, index, either);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  if (signal.aborted) throw fault(ABORTED);
  if (failures.length > 0) throw failures[0];
}
