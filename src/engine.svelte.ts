/**
 * Owns the two workers: starts them, talks to them, ends them. comlink is known here and in the workers' entries only.
 *
 * comlink never rejects a call whose worker died, so every call races the worker's death. Its callbacks travel over a
 * port of their own and may arrive after the call has resolved: what the call returns is the truth.
 */
import { proxy, transfer, wrap, type Remote } from 'comlink';
import {
  ABORTED,
  fault,
  type AdapterReport,
  type Backend,
  type BackendChoice,
  type DiskFile,
  type DownloadProgress,
  type EngineApi,
  type FaultName,
  DEFAULT_JOB,
  type Gauge,
  type ImportProgress,
  type ImportReport,
  type JobEvent,
  type JobReport,
  type JobRequest,
  type LoadProgress,
  type LoadReport,
  type LoadRequest,
  type MediaApi,
  type MediaFacts,
  type ModelState,
} from '../workers/protocol.ts';
import { asFault, isHarmless } from './faults.ts';
import { emptied } from './idle/idle.ts';
import { ledger } from './network/ledger.svelte.ts';
import {
  passed,
  rightWords,
  TEST_CLIP,
  TEST_MODEL,
  TEST_TRUTH,
  verdictKey,
  verdictOf,
  type Verdict,
} from './self-test/verdict.ts';

export type EngineStatus =
  /** No model in memory. */
  | { phase: 'off' }
  /** Weights on their way from disk into memory. */
  | { phase: 'loading'; modelId: string; backend: Backend; progress: LoadProgress | null }
  /** A model in memory, nothing to do. */
  | { phase: 'ready'; load: LoadReport }
  /** A job runs. */
  | { phase: 'busy'; load: LoadReport }
  /** The worker was ended after a fault; the next load starts a fresh one. */
  | { phase: 'failed'; name: FaultName; detail: string };

/** What the model store does at the person's wish: one thing at a time. `progress` null: it has only begun. */
export type StoreWork =
  | { phase: 'idle' }
  | { phase: 'downloading' | 'checking'; modelId: string; progress: DownloadProgress | null }
  | { phase: 'importing'; progress: ImportProgress | null }
  /** Made into an archive. */
  | { phase: 'packing'; modelId: string }
  /** A model of the hub is looked up. */
  | { phase: 'adding' };

export type BackendAnswer = {
  backend: Backend;
  why: 'cpu-model' | 'no-gpu' | 'software-gpu' | 'wrong-results' | null;
};

/** A soft stop gets this long before the worker is ended: together with the rest, a cancel takes under a second. */
const GRACE_MS = 800;
/** Unloading waits for the step in flight only; what takes longer has hung, and its worker is ended. */
const UNLOAD_MS = 5000;
/** Events still under way when a call resolves; measured at some milliseconds, so this is generous. */
const LATE_EVENTS_MS = 250;
const GAUGE_BUSY_MS = 500;
const GAUGE_IDLE_MS = 5000;

/** One worker with its remote face and the promise of its death. */
class Line<T> {
  readonly #worker: Worker;
  readonly #remote: Remote<T>;
  readonly #died: Promise<never>;
  #alive = true;
  #reject: (reason: Error) => void = () => {};

  constructor(worker: Worker, reasonOfDeath: FaultName) {
    this.#worker = worker;
    this.#remote = wrap<T>(worker);
    this.#died = new Promise<never>((_, reject) => (this.#reject = reject));
    // A death between two calls is noticed by the next call.
    this.#died.catch(() => {});
    worker.addEventListener('error', (event) => {
      // Without a message its script never ran: that says nothing of the file or of the model.
      this.end(event.message ? fault(reasonOfDeath, event.message) : fault('EngineFailed', 'the worker did not start'));
    });
    worker.addEventListener('messageerror', () => this.end(fault(reasonOfDeath, 'a message could not be read')));
  }

  get alive(): boolean {
    return this.#alive;
  }

  call<R>(use: (remote: Remote<T>) => Promise<R>): Promise<R> {
    return Promise.race([this.#died, use(this.#remote)]);
  }

  end(reason: Error): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#worker.terminate();
    this.#reject(reason);
  }
}

/** Rejects with an AbortError as soon as `signal` does. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise<never>((_, reject) => {
    const stop = () => reject(fault(ABORTED));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Counts what has come, for those who wait for a number of them. */
class Arrivals {
  #count = 0;
  #waiting: { count: number; resolve: () => void }[] = [];

  add(): void {
    this.#count += 1;
    for (const waiter of this.#waiting) if (this.#count >= waiter.count) waiter.resolve();
  }

  atLeast(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

/** A file that comes with the page. */
async function ownFile(path: string): Promise<Response> {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw fault('DownloadFailed', `${path}: ${response.status} ${response.statusText}`);
  return response;
}

/** localStorage may be forbidden: then the test is made in each visit. */
function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // As above.
  }
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class Engine {
  #status = $state.raw<EngineStatus>({ phase: 'off' });
  #models = $state.raw<readonly ModelState[] | null>(null);
  #storeWork = $state.raw<StoreWork>({ phase: 'idle' });
  #adapter = $state.raw<AdapterReport | null | undefined>(undefined);
  #gauge = $state.raw<Gauge | null>(null);
  #load = $state.raw<LoadReport | null>(null);
  /** The GPU failed in this visit; `auto` and `gpu` mean the CPU until the person says otherwise. */
  #gpuFault = $state.raw<FaultName | null>(null);

  #engineLine = $state.raw<Line<EngineApi> | null>(null);
  /** Tasks that have a turn or wait for one. */
  #turns = $state.raw(0);
  #mediaLine: Line<MediaApi> | null = null;
  #loading: { key: string; promise: Promise<LoadReport> } | null = null;
  #adapterAsked: Promise<AdapterReport | null> | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #gaugeAsked = false;
  #gaugeTimer: ReturnType<typeof setTimeout> | undefined;

  get status(): EngineStatus {
    return this.#status;
  }
  /** The catalogue; null until the engine worker has answered for the first time. */
  get models(): readonly ModelState[] | null {
    return this.#models;
  }
  get storeWork(): StoreWork {
    return this.#storeWork;
  }
  /** undefined: not asked yet; null: this browser offers none. */
  get adapter(): AdapterReport | null | undefined {
    return this.#adapter;
  }
  get gauge(): Gauge | null {
    return this.#gauge;
  }
  /** The report of the last load that worked. */
  get load(): LoadReport | null {
    return this.#load;
  }
  get gpuFault(): FaultName | null {
    return this.#gpuFault;
  }
  get busy(): boolean {
    return this.#status.phase === 'busy' || this.#status.phase === 'loading';
  }
  /** Anything is done, or about to be: nothing may be taken from under it. */
  get inUse(): boolean {
    return this.busy || this.#turns > 0 || this.#storeWork.phase !== 'idle';
  }
  /** There is a worker. */
  get awake(): boolean {
    return this.#engineLine !== null;
  }

  model(id: string): ModelState | undefined {
    return this.#models?.find((model) => model.id === id);
  }

  /** Asks for the catalogue and the adapter, and begins to read the gauge. */
  async start(): Promise<void> {
    void this.#readGauge();
    await Promise.all([this.refreshModels(), this.askAdapter()]);
  }

  async refreshModels(): Promise<void> {
    this.#models = await this.#engine().call((engine) => engine.models());
  }

  async askAdapter(): Promise<AdapterReport | null> {
    this.#adapterAsked ??= this.#engine().call((engine) => engine.adapter());
    try {
      this.#adapter = await this.#adapterAsked;
      return this.#adapter;
    } catch (error) {
      this.#adapterAsked = null;
      throw error;
    }
  }

  /** What the choice means for this model on this device, and why, where the person should hear of it. */
  async backendFor(choice: BackendChoice, modelId: string): Promise<BackendAnswer> {
    if (choice === 'cpu' || this.#gpuFault !== null) return { backend: 'cpu', why: null };
    if (this.model(modelId)?.backends.includes('gpu') === false) return { backend: 'cpu', why: 'cpu-model' };
    if (choice === 'gpu') return { backend: 'gpu', why: null };
    const adapter = await this.askAdapter();
    if (adapter === null) return { backend: 'cpu', why: 'no-gpu' };
    if (adapter.fallback) return { backend: 'cpu', why: 'software-gpu' };
    const verdict = await this.#gpuVerdict(adapter);
    if (verdict !== null && !passed(verdict)) return { backend: 'cpu', why: 'wrong-results' };
    return { backend: 'gpu', why: null };
  }

  /** The GPU's known-answer test: kept for this browser version and adapter, made once. Null: it could not be made. */
  async #gpuVerdict(adapter: AdapterReport): Promise<Verdict | null> {
    const key = verdictKey(navigator.userAgent, adapter);
    const kept = verdictOf(readKept(key));
    if (kept !== null) return kept;
    try {
      const verdict = await this.selfTest('gpu');
      keep(key, JSON.stringify(verdict));
      return verdict;
    } catch {
      // The job itself will meet the same fault and say it in words.
      return null;
    }
  }

  /**
   * Hears the bundled clip and compares it with what is said in it. In the caller's turn.
   * Rejects with what loading and hearing reject with, and with DownloadFailed when the clip does not come.
   */
  async selfTest(backend: Backend): Promise<Verdict> {
    const [clip, truth] = await Promise.all([ownFile(TEST_CLIP), ownFile(TEST_TRUTH)]);
    const { words } = (await truth.json()) as { words: { text: string }[] };
    const { signal } = new AbortController();
    await this.prepare({ modelId: TEST_MODEL, backend }, signal);
    const heard: string[] = [];
    const file = new File([await clip.blob()], 'self-test.wav', { type: 'audio/wav' });
    const report = await this.transcribe(
      file,
      { ...DEFAULT_JOB, language: 'en' },
      (event) => {
        if (event.type === 'window') heard.push(...event.window.cues.flatMap((cue) => cue.text.split(/\s+/)));
      },
      signal,
    );
    const said = words.map((word) => word.text);
    return {
      backend,
      right: rightWords(said, heard),
      total: said.length,
      heard: heard.join(' '),
      wallMs: report.wallMs,
    };
  }

  /**
   * Whoever loads and transcribes does it in a turn of their own: the worker has one model and runs one job.
   * An abort ends the waiting at once; a task that runs sees to it itself.
   */
  inTurn<T>(task: () => Promise<T>, signal: AbortSignal = new AbortController().signal): Promise<T> {
    this.#turns += 1;
    const result = this.#turn
      .then(() => {
        if (signal.aborted) throw fault(ABORTED);
        waiting.abort();
        return task();
      })
      .finally(() => (this.#turns -= 1));
    this.#turn = result.catch(() => undefined);
    const waiting = new AbortController();
    return new Promise<T>((resolve, reject) => {
      result.then(resolve, reject);
      signal.addEventListener('abort', () => reject(fault(ABORTED)), { signal: waiting.signal });
    });
  }

  blameGpu(name: FaultName): void {
    this.#gpuFault = name;
  }

  /** Give the GPU another chance; also asks for the adapter again, which may have changed with the driver. */
  forgiveGpu(): void {
    this.#gpuFault = null;
    this.#adapterAsked = null;
  }

  // ── media ────────────────────────────────────────────────────────────────────────────────────────────────

  async open(file: File, signal: AbortSignal): Promise<MediaFacts> {
    return Promise.race([aborted(signal), this.#media().call((media) => media.open(file))]);
  }

  // ── engine ───────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Makes the model ready. An abort leaves the load running: the next job most likely wants the same model, and gets
   * this very load.
   */
  prepare(request: LoadRequest, signal: AbortSignal): Promise<LoadReport> {
    const key = [request.modelId, request.backend, request.decoder].join(' ');
    if (this.#loading !== null && this.#loading.key !== key)
      this.#restart(fault(ABORTED, 'another model was asked for'));
    // A worker commits to one build of ONNX Runtime, and the CPU's is another than the GPU's.
    if (this.#load !== null && this.#load.backend !== request.backend)
      this.#restart(fault(ABORTED, 'the backend was changed'));
    this.#loading ??= { key, promise: this.#loadNow(request) };
    const { promise } = this.#loading;
    promise.catch(() => {});
    return Promise.race([aborted(signal), promise]);
  }

  async #loadNow(request: LoadRequest): Promise<LoadReport> {
    const line = this.#engine();
    const { modelId, backend } = request;
    let open = true;
    const previous = this.#status;
    this.#status = { phase: 'loading', modelId, backend, progress: null };
    void this.#readGauge();
    try {
      const load = await line.call((engine) =>
        engine.load(
          request,
          proxy((progress) => {
            if (open) this.#status = { phase: 'loading', modelId, backend, progress };
          }),
        ),
      );
      this.#load = load;
      this.#status = { phase: 'ready', load };
      // A bundled model came to this device by this load.
      if (load.source === 'network') this.refreshModels().catch(() => {});
      return load;
    } catch (error) {
      if (line === this.#engineLine) this.#status = previous.phase === 'ready' ? previous : { phase: 'off' };
      throw this.#judge(line, error);
    } finally {
      open = false;
      if (line === this.#engineLine || !line.alive) this.#loading = null;
    }
  }

  /**
   * Runs one job on the model that was prepared. `onEvent` is called for events of this run only, never after the
   * promise has settled, and for every finished window before it resolves.
   * An abort resolves with `cancelled`, or rejects with AbortError where the worker had to be ended.
   */
  async transcribe(
    file: File,
    request: JobRequest,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ): Promise<JobReport> {
    const load = this.#load;
    if (load === null) throw fault('EngineFailed', 'no model is loaded');
    if (signal.aborted) throw fault(ABORTED);
    const line = this.#engine();
    this.#status = { phase: 'busy', load };
    const { port1, port2 } = new MessageChannel();

    let open = true;
    const windows = new Arrivals();
    const listen = (event: JobEvent) => {
      if (!open) return;
      onEvent(event);
      if (event.type === 'window') windows.add();
    };

    const timers: ReturnType<typeof setTimeout>[] = [];
    const stop = () => {
      line.call((engine) => engine.cancel()).catch(() => {});
      timers.push(setTimeout(() => line.end(fault(ABORTED)), GRACE_MS));
    };
    signal.addEventListener('abort', stop, { once: true });

    let mediaFault = null as Error | null;
    const media = this.#media();
    const sent = media.call((remote) => remote.stream(file, transfer(port1, [port1])));
    const run = line.call((engine) => engine.transcribe(request, transfer(port2, [port2]), proxy(listen)));
    sent.catch((error: unknown) => {
      const { name, detail } = asFault(error);
      mediaFault = fault(name, detail);
      // The engine is told over the port and ends by itself when it has heard what came before; a dead worker tells nothing.
      if (open && !media.alive) stop();
    });
    try {
      const report = await run;
      await Promise.race([
        windows.atLeast(report.windows),
        later(signal.aborted ? LATE_EVENTS_MS / 2 : LATE_EVENTS_MS),
      ]);
      this.#status = { phase: 'ready', load };
      if (mediaFault !== null && !signal.aborted) throw mediaFault;
      return report;
    } catch (error) {
      if (line.alive) this.#status = { phase: 'ready', load };
      // Its port leads nowhere now.
      else this.#mediaLine?.end(fault(ABORTED));
      throw this.#judge(line, mediaFault !== null && !signal.aborted ? mediaFault : error);
    } finally {
      open = false;
      timers.forEach(clearTimeout);
      signal.removeEventListener('abort', stop);
      // The figures of the job that has just ended, not those of some seconds ago.
      void this.#readGauge();
    }
  }

  /**
   * Frees sessions and GPU memory; the model stays on disk. Does nothing while a job runs or waits for its turn; one
   * that comes meanwhile waits for this. Rejects with a fault of the engine, whose worker is ended then.
   */
  unload(): Promise<void> {
    const line = this.#engineLine;
    if (this.busy || this.#turns > 0 || line === null) return Promise.resolve();
    const freed = this.#turn.then(() => this.#unloadNow(line));
    this.#turn = freed.catch(() => undefined);
    return freed;
  }

  async #unloadNow(line: Line<EngineApi>): Promise<void> {
    const hung = setTimeout(() => line.end(fault('EngineFailed', 'unloading took too long')), UNLOAD_MS);
    try {
      await line.call((engine) => engine.unload());
      this.#status = { phase: 'off' };
    } catch (error) {
      throw this.#judge(line, error);
    } finally {
      clearTimeout(hung);
    }
    await this.#readGauge();
  }

  /** Ends the worker, and with it the wasm heap, which never shrinks while it lives. Does nothing while it is in use. */
  end(): void {
    if (this.inUse || this.#engineLine === null) return;
    const gauge = this.#gauge;
    this.#restart(fault(ABORTED, 'nothing to do'));
    this.#gauge = gauge && emptied(gauge);
  }

  // ── model store ──────────────────────────────────────────────────────────────────────────────────────────

  /** Fetches what is missing of a model. Rejects with a download fault or AbortError; what came is kept. */
  fetchModel(modelId: string): Promise<void> {
    return this.#keep<DownloadProgress, void>(
      (progress) => ({ phase: 'downloading', modelId, progress }),
      (engine, tell) => engine.download(modelId, tell),
    );
  }

  /** @returns files that were damaged and came again. Rejects with ModelDamaged, a download fault or AbortError. */
  verifyModel(modelId: string): Promise<string[]> {
    return this.#keep<DownloadProgress, string[]>(
      (progress) => ({ phase: 'checking', modelId, progress }),
      (engine, tell) => engine.verifyModel(modelId, tell),
    );
  }

  /** Rejects with StorageFull or AbortError; what was kept until then stays. */
  importModels(files: DiskFile[]): Promise<ImportReport> {
    return this.#keep<ImportProgress, ImportReport>(
      (progress) => ({ phase: 'importing', progress }),
      (engine, tell) => engine.importModels(files, tell),
    );
  }

  /** A zip archive. Rejects with ModelMissing or ModelDamaged. */
  exportModel(modelId: string): Promise<Blob> {
    return this.#keep<never, Blob>(
      () => ({ phase: 'packing', modelId }),
      (engine) => engine.exportModel(modelId),
    );
  }

  /**
   * Puts a Whisper of the hub on the list. Rejects with EngineFailed, its detail a sentence, when it is none that runs
   * here, with a download fault or AbortError.
   * @param hubId `owner/name`
   */
  addModel(hubId: string): Promise<ModelState> {
    return this.#keep<never, ModelState>(
      () => ({ phase: 'adding' }),
      (engine) => engine.addModel(hubId),
    );
  }

  mirror(): Promise<string | null> {
    return this.#engine().call((engine) => engine.mirror());
  }

  /**
   * Where the hub's files come from; null: the hub itself. Not while anything is in use: a fresh worker comes after it,
   * because a worker may ask only what was allowed when it started.
   * Rejects with DownloadFailed, its detail a sentence, for an address that cannot be a mirror.
   */
  async useMirror(address: string | null): Promise<void> {
    await this.#engine().call((engine) => engine.useMirror(address));
    this.end();
    await this.refreshModels();
  }

  /** Stops a download, a check or an import; what came stays. */
  async stopStoreWork(): Promise<void> {
    await this.#engine().call((engine) => engine.cancelDownload());
  }

  async deleteModel(modelId: string): Promise<void> {
    await this.#engine().call((engine) => engine.deleteModel(modelId));
    await this.refreshModels();
  }

  /** @param shown the work as the page shows it, with the progress told last */
  async #keep<P, R>(
    shown: (progress: P | null) => StoreWork,
    call: (engine: Remote<EngineApi>, tell: (progress: P) => void) => Promise<R>,
  ): Promise<R> {
    if (this.#storeWork.phase !== 'idle') throw fault(ABORTED, 'the store is at work');
    const line = this.#engine();
    let open = true;
    this.#storeWork = shown(null);
    try {
      return await line.call((engine) =>
        call(
          engine,
          proxy((progress: P) => {
            if (open) this.#storeWork = shown(progress);
          }),
        ),
      );
    } catch (error) {
      const { name, detail } = asFault(error);
      // The disk and the network say nothing of the worker; a worker that died says something of itself.
      throw line.alive ? fault(name, detail) : this.#judge(line, error);
    } finally {
      open = false;
      // A worker that cannot answer is told of by the fault above.
      await this.refreshModels().catch(() => {});
      this.#storeWork = { phase: 'idle' };
    }
  }

  // ── workers ──────────────────────────────────────────────────────────────────────────────────────────────

  #engine(): Line<EngineApi> {
    if (this.#engineLine === null || !this.#engineLine.alive) {
      // The name tells the worker where the page lives: its own address is inside assets/.
      this.#engineLine = new Line<EngineApi>(
        new Worker(new URL('../workers/engine.worker.ts', import.meta.url), { type: 'module', name: document.baseURI }),
        'EngineFailed',
      );
      this.#engineLine
        .call((engine) => engine.requests(proxy((entries) => ledger.add('engine', entries))))
        .catch(() => {});
    }
    return this.#engineLine;
  }

  #media(): Line<MediaApi> {
    if (this.#mediaLine === null || !this.#mediaLine.alive) {
      // Not an engine fault: whatever ends this worker came out of the file it was reading.
      this.#mediaLine = new Line<MediaApi>(
        new Worker(new URL('../workers/media.worker.ts', import.meta.url), { type: 'module', name: document.baseURI }),
        'DamagedFile',
      );
      this.#mediaLine.call((media) => media.requests(proxy((entries) => ledger.add('media', entries)))).catch(() => {});
    }
    return this.#mediaLine;
  }

  #restart(reason: Error): void {
    this.#engineLine?.end(reason);
    this.#engineLine = null;
    this.#loading = null;
    this.#load = null;
    this.#gauge = null;
    this.#status = { phase: 'off' };
  }

  /** After any fault of the engine its worker is ended: what it holds cannot be trusted. */
  #judge(line: Line<EngineApi>, thrown: unknown): Error {
    const { name, detail } = asFault(thrown);
    const ours = line === this.#engineLine;
    if (!line.alive || !isHarmless(name)) {
      line.end(fault(name, detail));
      if (ours) {
        this.#restart(fault(name, detail));
        if (name !== ABORTED) this.#status = { phase: 'failed', name, detail };
      }
    }
    return fault(name, detail);
  }

  // ── gauge ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reads it now, and again as long as the page lives: often while there is work, seldom while there is none. */
  async #readGauge(): Promise<void> {
    clearTimeout(this.#gaugeTimer);
    const line = this.#engineLine;
    if (line?.alive && !this.#gaugeAsked) {
      this.#gaugeAsked = true;
      try {
        const gauge = await line.call((engine) => engine.gauge());
        if (line === this.#engineLine) this.#gauge = gauge;
      } catch {
        // A meter that cannot be read is not a fault of the job: the strip shows nothing instead of old figures.
        if (line === this.#engineLine) this.#gauge = null;
      } finally {
        this.#gaugeAsked = false;
      }
    }
    clearTimeout(this.#gaugeTimer);
    const pause = this.busy && !document.hidden ? GAUGE_BUSY_MS : GAUGE_IDLE_MS;
    this.#gaugeTimer = setTimeout(() => void this.#readGauge(), pause);
  }
}

export const engine = new Engine();
