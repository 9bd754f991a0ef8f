/**
 * The models on this device. A file exists when its commit marker does, and the marker is written only after length
 * and SHA-256 were right: nothing unverified is ever handed out.
 */
import {
  fault,
  type DiskFile,
  type DownloadProgress,
  type ImportProgress,
  type ImportReport,
  type ModelState,
} from '../protocol';
import { sha256Of, slices, sumsOf, type OnBytes } from './bytes';
import { asFolder, catalogue, findByKey, HUB_URL, type CatalogueModel, type ModelFile } from './catalogue';
import { ChunkDatabase } from './chunks';
import { importFrom, type Found, type Home, type Keep } from './disk';
import { DEFAULT_RETRY, fetchSmall, throwIfAborted, type RetryPolicy } from './download';
import { FileSink } from './file-sink';
import { hubIdOf, lookUp } from './hub';
import { credentialsFor, fetchMissing } from './model-download';
import { Pace } from './pace';
import { withRoomSaid } from './room';
import { bytesOf, chunksOf, committed, keyOf, knownRight, lastCheck, neededFiles, noteChecked } from './shelf';
import { addedModels, addModel, keepMirror, keptMirror, mirrorAddress, removeModel } from './sources';
import { alone } from './tabs';
import { zipOf, type ZipEntry } from './zip-write';

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

export class ModelStore {
  readonly #known: CatalogueModel[];
  readonly #database = new ChunkDatabase();
  readonly #baseUrl: string;
  readonly #hubUrl: string;
  readonly #fetch: typeof fetch;
  readonly #retry: RetryPolicy;

  constructor(options: ModelStoreOptions) {
    this.#known = options.models ?? catalogue;
    this.#baseUrl = options.baseUrl;
    this.#hubUrl = options.hubUrl ?? HUB_URL;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#retry = options.retry ?? DEFAULT_RETRY;
  }

  /** The catalogue with what is on this device. Rejects with EngineFailed when the browser refuses IndexedDB. */
  async states(): Promise<ModelState[]> {
    return this.#statesOf(await this.#models());
  }

  async #statesOf(models: CatalogueModel[]): Promise<ModelState[]> {
    const [keys, hubUrl] = await Promise.all([this.#database.keys(), this.#hub()]);
    return Promise.all(models.map((model) => this.#state(model, keys, hubUrl)));
  }

  async #state(model: CatalogueModel, keys: string[], hubUrl: string): Promise<ModelState> {
    const needed = neededFiles(model);
    const stored = await committed(this.#database, model, needed);
    const missing = needed.filter((file) => !stored.includes(file));
    const partial = await Promise.all(missing.map((file) => this.#database.chunkBytes(keyOf(model, file.path), keys)));
    return {
      id: model.id,
      name: model.name,
      source: model.source,
      weightBytes: bytesOf(needed.filter((file) => file.path.endsWith('.onnx'))),
      totalBytes: bytesOf(needed),
      storedBytes: bytesOf(stored),
      partialBytes: partial.reduce((total, bytes) => total + bytes, 0),
      ready: missing.length === 0,
      host: model.source === 'hub' ? new URL(hubUrl).host : 'this page',
      multilingual: model.multilingual,
      backends: model.backends,
      trust: model.added ? 'hub' : 'pinned',
      checkedAt: await lastCheck(this.#database, model, stored),
      custom: model.added === true,
      ...(model.note !== undefined && { note: model.note }),
    };
  }

  /** What the page knows and what the person added, in this order. */
  async #models(): Promise<CatalogueModel[]> {
    return [...this.#known, ...(await addedModels())];
  }

  /** Rejects with ModelMissing when there is none of this name. */
  async model(modelId: string): Promise<CatalogueModel> {
    const model = (await this.#models()).find((one) => one.id === modelId);
    if (!model) throw fault('ModelMissing', `No model is called ${modelId}.`);
    return model;
  }

  /** The mirror where one is set, otherwise the hub. */
  async #hub(): Promise<string> {
    return (await keptMirror()) ?? this.#hubUrl;
  }

  /** Null: none is set. */
  mirror(): Promise<string | null> {
    return keptMirror();
  }

  /**
   * Where the files of the hub come from, now and in later visits; what is on the disk stays. Null: the hub itself.
   * Rejects with DownloadFailed in words for an address that cannot be a mirror.
   */
  async useMirror(address: string | null): Promise<void> {
    await keepMirror(address === null ? null : mirrorAddress(address, this.#baseUrl));
  }

  /**
   * Puts a model of the hub on the list, pinned to the commit that is its newest today, and keeps its small files.
   * One that the page knows already is found as it is.
   * Rejects with EngineFailed in words when it is no Whisper this page can run, with a download fault or AbortError.
   */
  async add(typed: string, signal: AbortSignal = new AbortController().signal): Promise<ModelState> {
    const id = hubIdOf(typed);
    const known = this.#known.find((model) => model.repo === id);
    if (known) return (await this.#statesOf([known]))[0];
    const hubUrl = await this.#hub();
    const get = (address: string) => fetchSmall(signal, address, credentialsFor(hubUrl, this.#baseUrl), this.#fetch);
    const { model, settings } = await lookUp({ hubUrl: asFolder(hubUrl), get }, id);
    await addModel(model);
    for (const { path, blob } of settings) {
      const home = { model, file: model.files.find((file) => file.path === path)! };
      const found = { path, bytes: blob.size, diskBytes: blob.size, read: () => slices(signal, blob) };
      await alone(id, () => this.#keep(signal, home, found, () => {}), { signal });
    }
    return (await this.#statesOf([model]))[0];
  }

  /** All files needed to run the model are here and were verified. */
  async ready(modelId: string, { optional = [] }: Extra = {}): Promise<boolean> {
    const model = await this.model(modelId);
    const needed = neededFiles(model, optional);
    return (await committed(this.#database, model, needed)).length === needed.length;
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
    const model = await this.model(modelId);
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
    const model = await this.model(modelId);
    const file = model.files.find((one) => one.path === path);
    const stored = file && (await chunksOf(this.#database, model, file));
    if (!stored) throw fault('ModelMissing', `${modelId}/${path}`);
    const chunks = stored === 'damaged' ? await this.#heal(model, file) : stored;
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

  /** Frees the disk: all revisions, all chunks, finished or not; an added model leaves the list. Waits for a download of the same model to end. */
  async delete(modelId: string): Promise<void> {
    await alone(modelId, async () => {
      const all = await this.#database.keys();
      await this.#database.delete(all.filter((key) => key.startsWith(`${modelId}@`)));
    });
    await removeModel(modelId);
  }

  /**
   * When every stored byte of a model was last known to be right, milliseconds since the epoch; null: nothing of it is
   * stored.
   */
  async knownRightAt(modelId: string): Promise<number | null> {
    const model = await this.model(modelId);
    return knownRight(this.#database, model, await committed(this.#database, model, model.files));
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
    const model = await this.model(modelId);
    const check = async () => {
      const stored = await committed(this.#database, model, model.files);
      const damaged: ModelFile[] = [];
      const pace = new Pace(modelId, stored);
      for (const file of stored) {
        let readBytes = 0;
        const right = await this.#hashIsRight(signal, model, file, (bytes) => {
          pace.set(file.path, (readBytes += bytes), 'loading');
          pace.arrive(bytes, performance.now());
          onProgress(pace.progress(performance.now()));
        });
        if (!right) damaged.push(file);
        pace.set(file.path, file.bytes, 'checked');
        onProgress(pace.progress(performance.now()));
      }
      for (const file of damaged) await this.#database.evict(keyOf(model, file.path));
      await this.#fetchMissing(signal, model, damaged, onProgress);
      await noteChecked(this.#database, model, stored);
      return damaged.map((file) => file.path);
    };
    return alone(modelId, check, { signal, onOther: onProgress });
  }

  /**
   * Takes files from the person's disk: a folder, zip archives, or what a USB stick brought. Each is hashed and kept
   * where the catalogue has these very bytes; what it does not know is left alone.
   * Rejects with StorageFull or AbortError; what was kept until then stays.
   */
  async importFiles(
    files: DiskFile[],
    signal: AbortSignal = new AbortController().signal,
    onProgress: (progress: ImportProgress) => void = () => {},
  ): Promise<ImportReport> {
    const keep: Keep = (home, found, onBytes) =>
      alone(home.model.id, () => this.#keep(signal, home, found, onBytes), { signal });
    return importFrom(signal, await this.#models(), files, keep, onProgress);
  }

  /**
   * Every stored file of a model, for saving to disk: `importFiles` takes them back.
   * Rejects with ModelMissing when the model is not ready, ModelDamaged as `blob`.
   */
  async exportFiles(modelId: string): Promise<DiskFile[]> {
    const model = await this.model(modelId);
    if (!(await this.ready(modelId))) throw fault('ModelMissing', modelId);
    const stored = await committed(this.#database, model, model.files);
    return Promise.all(
      stored.map(async ({ path }) => ({ path: `${modelId}/${path}`, blob: await this.blob(modelId, path) })),
    );
  }

  /**
   * What `exportFiles` gives, as one zip archive. Damage found while reading is healed once.
   * Rejects as `exportFiles` and `verify`.
   */
  async exportZip(modelId: string, signal: AbortSignal = new AbortController().signal): Promise<Blob> {
    const model = await this.model(modelId);
    const read = async () => {
      const entries: (ZipEntry & { right: boolean })[] = [];
      for (const { path, blob } of await this.exportFiles(modelId)) {
        const { sha256, crc32 } = await sumsOf(signal, blob);
        entries.push({ path, blob, crc32, right: model.files.some((file) => file.sha256 === sha256) });
      }
      return entries;
    };
    let entries = await read();
    if (!entries.every(({ right }) => right)) {
      await this.verify(modelId, signal);
      entries = await read();
    }
    const wrong = entries.find(({ right }) => !right);
    if (wrong) throw fault('ModelDamaged', wrong.path);
    return zipOf(entries);
  }

  /**
   * For `env.customCache` of transformers.js. A miss is a miss, whatever the reason: it never throws. `put` keeps
   * nothing, because transformers.js neither resumes, nor checks, nor reports a full disk.
   */
  cache(): ModelCache {
    return {
      match: async (key) => {
        try {
          const found = findByKey(await this.#models(), key);
          if (!found) return undefined;
          const blob = await this.blob(found.model.id, found.file.path);
          return new Response(blob, { headers: { 'content-length': String(blob.size) } });
        } catch {
          return undefined;
        }
      },
      put: () => Promise.resolve(),
    };
  }

  /** Under the model's lock only. */
  async #fetchMissing(signal: AbortSignal, model: CatalogueModel, files: ModelFile[], onProgress: OnProgress) {
    const [database, baseUrl, hubUrl] = [this.#database, this.#baseUrl, await this.#hub()];
    const source = { database, model, baseUrl, hubUrl, fetch: this.#fetch, retry: this.#retry };
    return fetchMissing(signal, source, files, onProgress);
  }

  #heal(model: CatalogueModel, file: ModelFile): Promise<Blob[]> {
    return alone(model.id, async () => {
      // Another tab may have healed it while this one waited.
      const before = await chunksOf(this.#database, model, file);
      if (before && before !== 'damaged') return before;
      // Only the marker goes: the chunks before the damage are hashed again and built upon.
      await this.#database.delete([keyOf(model, file.path)]);
      try {
        await this.#fetchMissing(new AbortController().signal, model, [file], () => {});
      } catch (error) {
        throw fault('ModelDamaged', `${file.path} was damaged on disk and did not come again: ${String(error)}`);
      }
      const after = await chunksOf(this.#database, model, file);
      if (!after || after === 'damaged') throw fault('ModelDamaged', file.path);
      return after;
    });
  }

  async #hashIsRight(signal: AbortSignal, model: CatalogueModel, file: ModelFile, onBytes: OnBytes): Promise<boolean> {
    const chunks = await chunksOf(this.#database, model, file);
    if (!chunks || chunks === 'damaged') return false;
    try {
      return (await sha256Of(signal, new Blob(chunks), onBytes)) === file.sha256;
    } catch {
      throwIfAborted(signal);
      return false; // the file behind a chunk is gone from the disk
    }
  }

  /** Under the model's lock only. */
  async #keep(signal: AbortSignal, { model, file }: Home, found: Found, onBytes: OnBytes): Promise<void> {
    if ((await committed(this.#database, model, [file])).length > 0) return;
    const sink = await FileSink.fresh(this.#database, keyOf(model, file.path), file);
    try {
      for await (const bytes of found.read(signal)) {
        await sink.write(bytes);
        onBytes(bytes.byteLength);
      }
      if (!(await sink.commit())) throw fault('FileVanished', `${file.path} changed while it was read.`);
    } catch (error) {
      throw await withRoomSaid(error, file.bytes - sink.loadedBytes);
    }
  }
}
