/**
 * The models on this device, as the page sees them: the catalogue, and what the store's worker is asked to do. It owns
 * that worker. What a person asks for is done one thing at a time; a load is helped beside it.
 */
import {
  ABORTED,
  fault,
  type Brought,
  type DiskFile,
  type DownloadProgress,
  type ImportProgress,
  type ImportReport,
  type ModelState,
} from '../../workers/protocol.ts';
import { callback, startStoreWorker, type StoreConnection } from './workers.ts';
import { asFault } from '../faults.ts';
import { ledger } from '../network/ledger.svelte.ts';
import { serviceWorkerInCharge } from '../ask-service-worker.ts';

/** What the store does because a person asked for it. `progress` null: it has only begun. */
export type StoreWork =
  | { phase: 'idle' }
  | { phase: 'downloading' | 'checking'; modelId: string; progress: DownloadProgress | null }
  | { phase: 'importing'; progress: ImportProgress | null }
  /** Made into an archive. */
  | { phase: 'packing'; modelId: string }
  /** A model of the hub is looked up. */
  | { phase: 'adding' };

export class ModelStore {
  #models = $state.raw<readonly ModelState[] | null>(null);
  #work = $state.raw<StoreWork>({ phase: 'idle' });
  #connection: StoreConnection | null = null;
  /** A service worker served the worker's script, and with it the policy that lets the hub in once it was chosen. */
  #servedByServiceWorker = false;
  /** The person has asked for the stop of the present work. */
  #stopAsked = false;
  /** Resolves when the present work is over. */
  #workDone: Promise<void> = Promise.resolve();
  /** Resolves when everything that loads have asked for is over. */
  #helped: Promise<unknown> = Promise.resolve();

  /** The catalogue; null until the worker has answered for the first time. */
  get models(): readonly ModelState[] | null {
    return this.#models;
  }
  get work(): StoreWork {
    return this.#work;
  }

  model(id: string): ModelState | undefined {
    return this.#models?.find((model) => model.id === id);
  }

  async refresh(): Promise<void> {
    this.#models = await this.#store().call((store) => store.models());
  }

  // ── for a person ─────────────────────────────────────────────────────────────────────────────────────────

  /** Fetches what is missing of a model. Rejects with a download fault or AbortError; what came is kept. */
  download(modelId: string): Promise<void> {
    return this.#run<DownloadProgress, void>(
      (progress) => ({ phase: 'downloading', modelId, progress }),
      (connection, onProgress) => connection.call((store) => store.download(modelId, onProgress)),
      this.#isOfHub(modelId),
    );
  }

  /** @returns files that were damaged and came again. Rejects with ModelDamaged, a download fault or AbortError. */
  verify(modelId: string): Promise<string[]> {
    return this.#run<DownloadProgress, string[]>(
      (progress) => ({ phase: 'checking', modelId, progress }),
      (connection, onProgress) => connection.call((store) => store.verifyModel(modelId, onProgress)),
      this.#isOfHub(modelId),
    );
  }

  /** Rejects with StorageFull or AbortError; what was kept until then stays. */
  import(files: DiskFile[]): Promise<ImportReport> {
    return this.#run<ImportProgress, ImportReport>(
      (progress) => ({ phase: 'importing', progress }),
      (connection, onProgress) => connection.call((store) => store.importModels(files, onProgress)),
    );
  }

  /** A zip archive. Rejects with ModelMissing or ModelDamaged. */
  export(modelId: string): Promise<Blob> {
    return this.#run<never, Blob>(
      () => ({ phase: 'packing', modelId }),
      (connection) => connection.call((store) => store.exportModel(modelId)),
    );
  }

  /**
   * Puts a Whisper of the hub on the list. Rejects with EngineFailed, its detail a sentence, when it is none that runs
   * here, with a download fault or AbortError.
   * @param hubId `owner/name`
   */
  add(hubId: string): Promise<ModelState> {
    return this.#run<never, ModelState>(
      () => ({ phase: 'adding' }),
      (connection) => connection.call((store) => store.addModel(hubId)),
      true,
    );
  }

  async remove(modelId: string): Promise<void> {
    await this.#store().call((store) => store.deleteModel(modelId));
    await this.refresh();
  }

  /** Stops a download, a check or an import; what came stays. */
  async stop(): Promise<void> {
    this.#stopAsked = true;
    await this.#store().call((store) => store.cancel());
  }

  /** The address that the hub's files come from; null: the hub itself. */
  mirror(): Promise<string | null> {
    return this.#store().call((store) => store.mirror());
  }

  /**
   * Where the hub's files come from; null: the hub itself. Not while the store is at work: a fresh worker comes after it,
   * because a worker may ask only what was allowed when it started.
   * Rejects with DownloadFailed, its detail a sentence, for an address that cannot be a mirror.
   */
  async useMirror(address: string | null): Promise<void> {
    await this.#store().call((store) => store.useMirror(address));
    await this.#restart();
    await this.refresh();
  }

  // ── for a load ───────────────────────────────────────────────────────────────────────────────────────────

  /** As `StoreApi.bring`. */
  bring(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<Brought | null> {
    return this.#help((connection) => connection.call((store) => store.bring(modelId, callback(onProgress))));
  }

  /** As `StoreApi.heal`. */
  heal(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<string[]> {
    return this.#help((connection) => connection.call((store) => store.heal(modelId, callback(onProgress))));
  }

  /** As `StoreApi.abandon`. */
  abandon(): void {
    this.#connection?.call((store) => store.abandon()).catch(() => {});
  }

  /** As `StoreApi.recheck`. */
  recheck(modelId: string): Promise<boolean> {
    return this.#help((connection) => connection.call((store) => store.recheck(modelId)));
  }

  async #help<R>(call: (connection: StoreConnection) => Promise<R>): Promise<R> {
    const helping = call(this.#store());
    this.#helped = Promise.allSettled([this.#helped, helping]).then(() => undefined);
    try {
      return await helping;
    } finally {
      // What has come is there to be seen, also where the rest has not.
      await this.refresh().catch(() => {});
    }
  }

  // ── the worker ───────────────────────────────────────────────────────────────────────────────────────────

  #isOfHub(modelId: string): boolean {
    return this.model(modelId)?.source === 'hub';
  }

  #store(): StoreConnection {
    if (this.#connection === null || !this.#connection.alive) {
      this.#servedByServiceWorker = 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;
      this.#connection = startStoreWorker((entries) => ledger.add('store', entries));
    }
    return this.#connection;
  }

  /** Ends the worker when the loads that wait for it have got what they need; the next question starts a fresh one. */
  async #restart(): Promise<void> {
    await this.#helped;
    this.#connection?.end(fault(ABORTED, 'the store may ask another server now'));
    this.#connection = null;
  }

  /**
   * A worker that may ask the hub: the present one, or a fresh one, because a worker may ask only what was allowed when
   * it started.
   */
  async #connectionToHub(): Promise<StoreConnection> {
    const letIn = await this.#store().call((store) => store.letHubIn());
    // Without a service worker a host's own headers decide, and the worker tells what they refuse.
    const served = letIn && this.#servedByServiceWorker;
    if (!served && (await serviceWorkerInCharge(() => this.#stopAsked))) await this.#restart();
    return this.#store();
  }

  /**
   * @param shown the work as the page shows it, with the newest progress
   * @param asksHub it may have to ask the hub
   */
  async #run<P, R>(
    shown: (progress: P | null) => StoreWork,
    call: (connection: StoreConnection, onProgress: (progress: P) => void) => Promise<R>,
    asksHub = false,
  ): Promise<R> {
    while (this.#work.phase !== 'idle') await this.#workDone;
    let done = (): void => undefined;
    this.#workDone = new Promise((resolve) => (done = resolve));
    let open = true;
    this.#work = shown(null);
    this.#stopAsked = false;
    try {
      const connection = asksHub ? await this.#connectionToHub() : this.#store();
      // No worker has heard of the work yet, so none could stop it.
      if (this.#stopAsked) throw fault(ABORTED);
      return await call(
        connection,
        callback((progress: P) => {
          if (open) this.#work = shown(progress);
        }),
      );
    } catch (error) {
      const { name, detail } = asFault(error);
      throw fault(name, detail);
    } finally {
      open = false;
      // A worker that cannot answer is told of by the fault above.
      await this.refresh().catch(() => {});
      this.#work = { phase: 'idle' };
      done();
    }
  }
}
