/** Puts models on this device and takes care of them there. What they hold is read through stored-models.ts. */
import {
  fault,
  type DiskFile,
  type DownloadProgress,
  type ImportProgress,
  type ImportReport,
  type ModelState,
} from '../protocol';
import { adoptTwins } from './adopt';
import { slices, type OnBytes } from './bytes';
import { catalogue } from './catalogue';
import { asFolder, HUB_URL, type CatalogueModel, type ModelFile } from './model-files';
import { brokenFiles, wrongFiles } from './check';
import type { ChunkDatabase } from './chunks';
import { importFrom, type Found, type Home, type Keep } from './disk';
import { DEFAULT_RETRY, fetchSmall, throwIfAborted, type RetryPolicy } from './download';
import { exportFiles, exportZip } from './export';
import { FileSink } from './file-sink';
import { hubIdOf, lookUp } from './hub';
import { HubAccess } from './hub-access';
import { credentialsFor, fetchMissing } from './model-download';
import { stateOf } from './model-state';
import { withRoomSaid } from './room';
import { chunksOf, committed, keyOf, keysOf, knownRight, neededFiles, noteChecked } from './shelf';
import { addModel, keepMirror, keptMirror, mirrorAddress, removeModel } from './sources';
import { StoredModels } from './stored-models';
import { alone } from './tabs';

export type ModelStoreOptions = {
  /** Absolute address of the page's folder: bundled models lie under `models/` there. */
  baseUrl: string;
  /** The hub, or a mirror with the hub's path layout. */
  hubUrl?: string;
  models?: CatalogueModel[];
  /** The `fetch` that files of this model, or its listing at the hub, are asked for with. */
  fetchFor?: (modelId: string) => typeof fetch;
  retry?: RetryPolicy;
};

type OnProgress = (progress: DownloadProgress) => void;
/** Paths of optional files to treat as needed. */
type Extra = { optional?: string[] };

export class ModelStore {
  readonly #known: CatalogueModel[];
  readonly #stored: StoredModels;
  readonly #database: ChunkDatabase;
  readonly #baseUrl: string;
  readonly #hubUrl: string;
  readonly #fetchFor: (modelId: string) => typeof fetch;
  readonly #retry: RetryPolicy;
  readonly #hubAccess = new HubAccess();

  constructor(options: ModelStoreOptions) {
    this.#known = options.models ?? catalogue;
    this.#stored = new StoredModels(this.#known);
    this.#database = this.#stored.database;
    this.#baseUrl = options.baseUrl;
    this.#hubUrl = options.hubUrl ?? HUB_URL;
    this.#fetchFor = options.fetchFor ?? (() => (input, init) => fetch(input, init));
    this.#retry = options.retry ?? DEFAULT_RETRY;
  }

  /**
   * Whether what is stored outlives this worker. False: the browser refuses IndexedDB here, and what comes with the page
   * is held in memory. Known when the first call has ended.
   */
  get keeps(): boolean {
    return this.#database.keeps;
  }

  /** The catalogue with what is on this device; what is only held in memory is not. Rejects with EngineFailed. */
  async states(): Promise<ModelState[]> {
    const states = await this.#statesOf(await this.#stored.models());
    await this.#hubAccess.noteEarlier(states);
    return states;
  }

  async #statesOf(models: CatalogueModel[]): Promise<ModelState[]> {
    const [keys, hubUrl] = await Promise.all([this.#database.keys(), this.#hub()]);
    return Promise.all(models.map((model) => stateOf(this.#database, model, keys, hubUrl)));
  }

  /** Rejects with ModelMissing when there is none of this name. */
  model(modelId: string): Promise<CatalogueModel> {
    return this.#stored.model(modelId);
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

  /** Notes that a model of the hub was chosen. @returns whether this worker may already ask the hub */
  letHubIn(): Promise<boolean> {
    return this.#hubAccess.letIn();
  }

  /**
   * Puts a model of the hub on the list, pinned to the commit that is its newest today, and keeps its small files.
   * One that the page knows already is found as it is.
   * Rejects with EngineFailed in words when it is no Whisper this page can run, with StorageRefused, a download fault or
   * AbortError.
   */
  async add(typed: string, signal: AbortSignal = new AbortController().signal): Promise<ModelState> {
    const id = hubIdOf(typed);
    const known = this.#known.find((model) => model.repo === id);
    if (known) return (await this.#statesOf([known]))[0];
    const hubUrl = await this.#hub();
    const request = {
      credentials: credentialsFor(hubUrl, this.#baseUrl),
      fetch: this.#fetchFor(id),
      retry: this.#retry,
    };
    const get = (address: string, mostBytes: number) => fetchSmall(signal, address, mostBytes, request);
    const { model, settings } = await lookUp({ hubUrl: asFolder(hubUrl), get }, id);
    await this.#mayStore(model);
    await addModel(model);
    for (const { path, blob } of settings) {
      const home = { model, file: model.files.find((file) => file.path === path)! };
      const found = { path, bytes: blob.size, diskBytes: blob.size, read: () => slices(signal, blob) };
      await alone(model, () => this.#keep(signal, home, found, () => {}), { signal });
    }
    return (await this.#statesOf([model]))[0];
  }

  /**
   * Fetches, verifies and keeps what is missing. Cut or cancelled, the bytes that came stay and the next call goes
   * on from there. While another tab downloads the same model this one waits, and `onProgress` shows the other's.
   * @returns bytes that came over the network; 0 means everything was here
   * Rejects with DownloadFailed, DownloadBlocked, ModelDamaged, StorageFull, StorageRefused or AbortError.
   */
  async download(
    modelId: string,
    signal: AbortSignal = new AbortController().signal,
    onProgress: OnProgress = () => {},
    { optional = [] }: Extra = {},
  ): Promise<number> {
    const model = await this.model(modelId);
    throwIfAborted(signal);
    await this.#mayStore(model);
    return alone(
      model,
      (tell) =>
        this.#fetchMissing(signal, model, neededFiles(model, optional), (progress) => {
          onProgress(progress);
          tell(progress);
        }),
      { signal, onOther: onProgress },
    );
  }

  /**
   * Finds what is damaged of a model and fetches it again. Of a file that has lost a part the rest is built upon; only
   * where no part is missing every byte is read.
   * @returns paths that were damaged and are right again
   * Rejects with ModelDamaged, a download fault or AbortError.
   */
  async heal(
    modelId: string,
    signal: AbortSignal = new AbortController().signal,
    onProgress: OnProgress = () => {},
  ): Promise<string[]> {
    const model = await this.model(modelId);
    const broken = await brokenFiles(this.#database, model, model.files);
    if (broken.length === 0) return this.verify(modelId, signal, onProgress);
    for (const file of broken) await this.#complete(signal, model, file, onProgress);
    return broken.map((file) => file.path);
  }

  /**
   * Frees the disk: all revisions, all chunks, finished or not; an added model leaves the list. Waits for a download of
   * the same model to end.
   */
  async delete(modelId: string): Promise<void> {
    const model = await this.model(modelId);
    await alone(model, async () => this.#database.delete(keysOf(model, await this.#database.keys())));
    await removeModel(modelId);
    await this.#hubAccess.letGo(await this.states());
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
   * @param unasked nobody asked for this check: what is damaged comes again only from the page's own origin
   * @returns paths that were damaged and are right again
   * Rejects with ModelDamaged, a download fault or AbortError; the damaged files are gone then, the model not ready.
   */
  async verify(
    modelId: string,
    signal: AbortSignal = new AbortController().signal,
    onProgress: OnProgress = () => {},
    unasked = false,
  ): Promise<string[]> {
    const model = await this.model(modelId);
    const check = async () => {
      const stored = await committed(this.#database, model, model.files);
      const damaged = await wrongFiles(signal, this.#database, model, stored, onProgress);
      for (const file of damaged) await this.#database.evict(keyOf(model, file.path));
      if (unasked && damaged.length > 0 && model.source !== 'bundled')
        throw fault('ModelDamaged', damaged.map((file) => file.path).join(', '));
      await this.#fetchMissing(signal, model, damaged, onProgress);
      await noteChecked(this.#database, model, stored);
      return damaged.map((file) => file.path);
    };
    return alone(model, check, { signal, onOther: onProgress });
  }

  /**
   * Takes files from the person's disk: a folder, zip archives, or what a USB stick brought. Each is hashed and kept
   * where the catalogue has these very bytes; what it does not know is left alone.
   * Rejects with StorageFull, StorageRefused or AbortError; what was kept until then stays.
   */
  async importFiles(
    files: DiskFile[],
    signal: AbortSignal = new AbortController().signal,
    onProgress: (progress: ImportProgress) => void = () => {},
  ): Promise<ImportReport> {
    const keep: Keep = async (home, found, onBytes) => {
      await this.#mayStore(home.model);
      await alone(home.model, () => this.#keep(signal, home, found, onBytes), { signal });
    };
    return importFrom(signal, await this.#stored.models(), files, keep, onProgress);
  }

  /** As `exportFiles` of export.ts. */
  exportFiles(modelId: string): Promise<DiskFile[]> {
    return exportFiles(this.#stored, modelId);
  }

  /** As `exportZip` of export.ts; damage found while reading is healed once. */
  exportZip(modelId: string, signal: AbortSignal = new AbortController().signal): Promise<Blob> {
    return exportZip(signal, this.#stored, modelId, () => this.heal(modelId, signal));
  }

  /**
   * Only what comes with the page is held in memory: it comes again without a question and without a network of others.
   * Rejects with StorageRefused for another model where this browser keeps nothing.
   */
  async #mayStore(model: CatalogueModel): Promise<void> {
    await this.#database.keys();
    if (!this.keeps && model.source !== 'bundled') throw fault('StorageRefused', model.id);
  }

  /** Under the model's lock only. */
  async #fetchMissing(signal: AbortSignal, model: CatalogueModel, files: ModelFile[], onProgress: OnProgress) {
    await adoptTwins(signal, this.#database, await this.#stored.models(), model, files);
    const [database, baseUrl, hubUrl] = [this.#database, this.#baseUrl, await this.#hub()];
    const source = { database, model, baseUrl, hubUrl, fetch: this.#fetchFor(model.id), retry: this.#retry };
    return fetchMissing(signal, source, files, onProgress);
  }

  /** Fetches the rest of a file that has lost a part. */
  #complete(signal: AbortSignal, model: CatalogueModel, file: ModelFile, onProgress: OnProgress): Promise<void> {
    const complete = async () => {
      // Another tab may have completed it while this one waited.
      const before = await chunksOf(this.#database, model, file);
      if (before && before !== 'damaged') return;
      // Only the marker goes: the chunks before the damage are hashed again and built upon.
      await this.#database.delete([keyOf(model, file.path)]);
      try {
        await this.#fetchMissing(signal, model, [file], onProgress);
      } catch (error) {
        throwIfAborted(signal);
        throw fault('ModelDamaged', `${file.path} was damaged on disk and did not come again: ${String(error)}`);
      }
      if ((await brokenFiles(this.#database, model, [file])).length > 0) throw fault('ModelDamaged', file.path);
    };
    return alone(model, complete, { signal });
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
