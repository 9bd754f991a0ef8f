/**
 * The engine as the page knows it. It owns the two workers that hear a file; after a fault of one it is ended, for it
 * cannot be trusted. The models on this device are the store's, whose worker goes on meanwhile.
 */
import {
  ABORTED,
  fault,
  type AdapterReport,
  type Backend,
  type BackendChoice,
  type DiskFile,
  type Gauge,
  type ImportReport,
  type JobEvent,
  type JobReport,
  type JobRequest,
  type Levels,
  type LoadReport,
  type LoadRequest,
  type MediaFacts,
  type ModelState,
  type NodePlacement,
  type SoundChoice,
  WHOLE_SOUND,
} from '../workers/protocol.ts';
import type { BackendAnswer } from './engine/backend-answer.ts';
import { BackendChooser } from './engine/backend-chooser.svelte.ts';
import { unlessAborted } from './engine/connection.ts';
import type { Decodable } from './engine/decodable.ts';
import { GaugeMonitor } from './engine/gauge-monitor.svelte.ts';
import { hear } from './engine/hear.ts';
import { ModelMemory, type EngineStatus } from './engine/model-memory.svelte.ts';
import { Turns } from './engine/turns.svelte.ts';
import {
  callback,
  startEngineWorker,
  startMediaWorker,
  type EngineConnection,
  type MediaConnection,
} from './engine/workers.ts';
import { asFault, isHarmless } from './faults.ts';
import { ModelStore, type StoreWork } from './engine/model-store.svelte.ts';
import { ledger } from './network/ledger.svelte.ts';
import { openFile } from './engine/open-file.ts';
import type { KeptVerdicts, TestClip, Verdict } from './engine/verdict.ts';

class Engine {
  #connection = $state.raw<EngineConnection | null>(null);
  #mediaConnection: MediaConnection | null = null;
  #decodable: Promise<Decodable> | null = null;

  readonly #store = new ModelStore();
  readonly #turns = new Turns();
  readonly #chooser = new BackendChooser({
    adapter: () => this.#engine().call((engine) => engine.adapter()),
    selfTest: (clip, signal) => this.selfTest(clip, 'gpu', signal),
  });
  readonly #monitor = new GaugeMonitor({ connection: () => this.#connection, busy: () => this.busy });
  readonly #memory = new ModelMemory({
    connection: () => this.#engine(),
    store: this.#store,
    isCurrent: (connection) => connection === this.#connection,
    restart: (reason) => this.#restart(reason),
    judge: (connection, error) => this.#judge(connection, error),
    onStart: () => void this.#monitor.read(),
  });

  get status(): EngineStatus {
    return this.#memory.status;
  }
  /** The catalogue; null until the store's worker has answered for the first time. */
  get models(): readonly ModelState[] | null {
    return this.#store.models;
  }
  get storeWork(): StoreWork {
    return this.#store.work;
  }
  /** undefined: not asked yet; null: this browser offers none. */
  get adapter(): AdapterReport | null | undefined {
    return this.#chooser.adapter;
  }
  get gauge(): Gauge | null {
    return this.#monitor.gauge;
  }
  /** The report of the last load that worked. */
  get load(): LoadReport | null {
    return this.#memory.report;
  }
  get busy(): boolean {
    return this.#memory.busy;
  }
  /** A file is heard, a model is loaded, or either waits for its turn: nothing of the engine may be taken away. */
  get inUse(): boolean {
    return this.busy || this.#turns.open > 0;
  }
  /** There is a worker. */
  get awake(): boolean {
    return this.#connection !== null;
  }

  model(id: string): ModelState | undefined {
    return this.#store.model(id);
  }

  /** Asks for the catalogue and the adapter, and begins to read the gauge. */
  async start(): Promise<void> {
    void this.#monitor.read();
    await Promise.all([this.refreshModels(), this.#chooser.askAdapter()]);
  }

  // ── the backend ──────────────────────────────────────────────────────────────────────────────────────────

  /** In the caller's turn; what it does and rejects with: src/engine/backend-chooser.svelte.ts. */
  backendFor(choice: BackendChoice, modelId: string, signal: AbortSignal): Promise<BackendAnswer> {
    return this.#chooser.choose(choice, this.model(modelId), signal);
  }

  /** The known-answer test on one backend, in the caller's turn; what it rejects with: src/engine/hear-test-clip.ts. */
  async selfTest(clip: TestClip, backend: Backend, signal = new AbortController().signal): Promise<Verdict> {
    const { hearTestClip } = await import('./engine/hear-test-clip.ts');
    return hearTestClip(this, clip, backend, signal);
  }

  /** What a person's own self-test found: it counts for Automatic from now on, as what is found at the first use does. */
  keepVerdicts(verdicts: KeptVerdicts): void {
    this.#chooser.keep(verdicts);
  }

  /** Reads the gauge now. Never rejects. */
  measure(): Promise<void> {
    return this.#monitor.read();
  }

  /** The GPU failed in this visit: `auto` and `gpu` mean the CPU until it is forgiven. */
  blameGpu(): void {
    this.#chooser.blameGpu();
  }

  /** Gives the GPU another chance. */
  forgiveGpu(): void {
    this.#chooser.forgiveGpu();
  }

  // ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Whoever loads and transcribes does it in a turn of their own: the worker has one model and runs one job.
   * An abort ends the waiting at once; a task that already runs has to watch its own signal.
   */
  inTurn<T>(task: () => Promise<T>, signal: AbortSignal = new AbortController().signal): Promise<T> {
    return this.#turns.take(task, signal);
  }

  /** What it rejects with: src/engine/open-file.ts. */
  open(file: File, signal: AbortSignal, choice: SoundChoice = WHOLE_SOUND): Promise<MediaFacts> {
    const facts = this.#sounds().then((sounds) => sounds.open(file, this.#opening(signal, choice)));
    return unlessAborted(signal, facts);
  }

  /** What the media worker is to be given for a file: itself, or what the browser's player makes of it. Rejects as `open`. */
  soundOf(file: File, signal: AbortSignal, choice: SoundChoice): Promise<File> {
    const sound = this.#sounds().then((sounds) => sounds.soundOf(file, this.#opening(signal, choice)));
    return unlessAborted(signal, sound);
  }

  /** No part of the first load. */
  #sounds(): Promise<Decodable> {
    this.#decodable ??= import('./engine/decodable.ts').then(
      ({ Decodable }) => new Decodable(),
      (error: unknown) => {
        // The next file asks again.
        this.#decodable = null;
        throw error;
      },
    );
    return this.#decodable;
  }

  #opening(signal: AbortSignal, choice: SoundChoice): (file: File) => Promise<MediaFacts> {
    const opener = { connection: () => this.#media(), busy: () => this.busy };
    return (file) => openFile(opener, file, signal, choice);
  }

  /** As `MediaApi.levels`. */
  async levels(file: File, choice: SoundChoice, tell: (levels: Levels) => boolean): Promise<void> {
    const sound = await this.soundOf(file, new AbortController().signal, choice);
    return this.#media().call((media) => media.levels(sound, choice, callback(tell)));
  }

  /** What it does and rejects with: src/engine/model-memory.svelte.ts. */
  prepare(request: LoadRequest, signal: AbortSignal): Promise<LoadReport> {
    return this.#memory.prepare(request, signal);
  }

  /** The person stopped a file whose model was being loaded. If that load is silent, the next file starts a new one. */
  doubtLoad(): void {
    this.#memory.doubtLoad();
  }

  /**
   * Runs one job on the model that was prepared. `onEvent` is called for events of this run only, never after the
   * promise has settled, and for every finished window before it resolves.
   * An abort resolves with `cancelled`, or rejects with AbortError where the worker had to be ended.
   * @param voices gets the sound that is heard (src/speakers/hear-voices.ts)
   */
  async transcribe(
    file: File,
    request: JobRequest,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
    choice: SoundChoice = WHOLE_SOUND,
    voices?: MessagePort,
  ): Promise<JobReport> {
    const load = this.#memory.report;
    if (load === null) throw fault('EngineFailed', 'no model is loaded');
    if (signal.aborted) throw fault(ABORTED);
    const connection = this.#engine();
    this.#memory.setBusy(true, load);
    try {
      const sound = await this.soundOf(file, signal, choice);
      const hearing = { engine: connection, media: this.#media(), file: sound, request, choice, voices };
      const report = await hear(hearing, onEvent, signal);
      this.#memory.setBusy(false, load);
      return report;
    } catch (error) {
      (await this.#sounds()).note(file, error);
      if (connection.alive) this.#memory.setBusy(false, load);
      // The media worker sends into the port of a job that has ended with the engine worker: it is of no use any more.
      else this.#mediaConnection?.end(fault(ABORTED));
      throw this.#judge(connection, error);
    } finally {
      // The figures of the job that has just ended, not those of some seconds ago.
      void this.#monitor.read();
    }
  }

  /**
   * Frees sessions and GPU memory; the model stays on disk. Does nothing while a job runs or waits for its turn; one
   * that comes meanwhile waits for this. Rejects with a fault of the engine, whose worker is ended then.
   */
  unload(): Promise<void> {
    const connection = this.#connection;
    if (this.inUse || connection === null) return Promise.resolve();
    return this.#turns.between(async () => {
      await this.#memory.unload(connection);
      await this.#monitor.read();
    });
  }

  /**
   * Where the graphs of a model run, node by node; in the caller's turn. No model is in memory then. Rejects with what a
   * load rejects with.
   */
  async placements(request: LoadRequest): Promise<NodePlacement[]> {
    const connection = this.#engine();
    try {
      return await connection.call((engine) => engine.placements(request));
    } catch (error) {
      throw this.#judge(connection, error);
    }
  }

  // ── the model store: what each verb does and rejects with stands in src/engine/model-store.svelte.ts ───────────

  refreshModels(): Promise<void> {
    return this.#store.refresh();
  }

  fetchModel(modelId: string): Promise<void> {
    return this.#store.download(modelId);
  }

  verifyModel(modelId: string): Promise<string[]> {
    return this.#store.verify(modelId);
  }

  importModels(files: DiskFile[]): Promise<ImportReport> {
    return this.#store.import(files);
  }

  exportModel(modelId: string): Promise<Blob> {
    return this.#store.export(modelId);
  }

  addModel(hubId: string): Promise<ModelState> {
    return this.#store.add(hubId);
  }

  deleteModel(modelId: string): Promise<void> {
    return this.#store.remove(modelId);
  }

  recheckModel(modelId: string): Promise<boolean> {
    return this.#store.recheck(modelId);
  }

  stopStoreWork(): Promise<void> {
    return this.#store.stop();
  }

  mirror(): Promise<string | null> {
    return this.#store.mirror();
  }

  useMirror(address: string | null): Promise<void> {
    return this.#store.useMirror(address);
  }

  // ── the workers ──────────────────────────────────────────────────────────────────────────────────────────

  /** Ends the worker, and with it the wasm heap, which never shrinks while it lives. Does nothing while it is in use. */
  end(): void {
    if (this.inUse || this.#connection === null) return;
    this.#restart(fault(ABORTED, 'nothing to do'));
  }

  #engine(): EngineConnection {
    if (this.#connection === null || !this.#connection.alive) {
      this.#connection = startEngineWorker((entries) => ledger.add('engine', entries));
    }
    return this.#connection;
  }

  #media(): MediaConnection {
    if (this.#mediaConnection === null || !this.#mediaConnection.alive) {
      this.#mediaConnection = startMediaWorker((entries) => ledger.add('media', entries));
    }
    return this.#mediaConnection;
  }

  /** Ends the engine's worker, and with it all that it held; whoever needs it next starts a fresh one. */
  #restart(reason: Error): void {
    this.#connection?.end(reason);
    this.#connection = null;
    this.#memory.clear();
    this.#monitor.empty();
  }

  /** What an error of the engine amounts to. After any fault of its own the worker is ended. */
  #judge(connection: EngineConnection, error: unknown): Error {
    const { name, detail } = asFault(error);
    const ours = connection === this.#connection;
    if (!connection.alive || !isHarmless(name)) {
      connection.end(fault(name, detail));
      if (ours) {
        this.#restart(fault(name, detail));
        if (name !== ABORTED) this.#memory.setFailed(name, detail);
      }
    }
    return fault(name, detail);
  }
}

export const engine = new Engine();
