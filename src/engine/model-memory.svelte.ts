/** The one model in the engine's memory: how it gets there, and what it is busy with. */
import {
  ABORTED,
  fault,
  type Backend,
  type FaultName,
  type LoadProgress,
  type LoadReport,
  type LoadRequest,
} from '../../workers/protocol.ts';
import { unlessAborted } from './connection.ts';
import { Load } from './load.ts';
import type { Helper } from './load-from-store.ts';
import type { EngineConnection } from './workers.ts';

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

/** Unloading waits for the step in flight only; what takes longer has hung, and its worker is ended. */
const UNLOAD_MS = 5000;

/** What a load needs of whoever starts and ends the engine's worker. */
type LoadHost = {
  /** The worker; one is started where there is none. */
  connection(): EngineConnection;
  /** Brings what a load misses on this device, and heals what is damaged there. */
  store: Helper;
  /** This is the worker that would be used now. */
  isCurrent(connection: EngineConnection): boolean;
  restart(reason: Error): void;
  judge(connection: EngineConnection, error: unknown): Error;
  /** A load has begun: what is measured changes from now on. */
  onStart(): void;
};

export class ModelMemory {
  #status = $state.raw<EngineStatus>({ phase: 'off' });
  #report = $state.raw<LoadReport | null>(null);
  readonly #host: LoadHost;
  #loading: { load: Load; report: Promise<LoadReport> } | null = null;

  constructor(host: LoadHost) {
    this.#host = host;
  }

  get status(): EngineStatus {
    return this.#status;
  }
  /** Of the model that is in memory; null: none is. */
  get report(): LoadReport | null {
    return this.#report;
  }
  get busy(): boolean {
    return this.#status.phase === 'busy' || this.#status.phase === 'loading';
  }

  /**
   * Makes a model ready. An abort leaves the load running: the next job most likely wants the same model, and gets this
   * very load. Rejects with a fault of the load, with EngineFailed when it hangs, or with AbortError.
   */
  prepare(request: LoadRequest, signal: AbortSignal): Promise<LoadReport> {
    if (this.#loading !== null && this.#loading.load.key !== Load.keyOf(request))
      this.#host.restart(fault(ABORTED, 'another model was asked for'));
    if (this.#loading?.load.hopeless) {
      this.#host.store.abandon();
      this.#host.restart(fault(ABORTED, 'the load had hung'));
    }
    // A worker loads one build of ONNX Runtime for its whole life, and CPU and GPU need different ones.
    if (this.#report !== null && this.#report.backend !== request.backend)
      this.#host.restart(fault(ABORTED, 'the backend was changed'));
    this.#loading ??= this.#start(request);
    return unlessAborted(signal, this.#loading.report);
  }

  /** The person stopped waiting for the load. If it is silent, the next `prepare` starts a new one. */
  doubtLoad(): void {
    this.#loading?.load.doubt();
  }

  /** A job begins or ends on the model `load` tells of. */
  setBusy(busy: boolean, load: LoadReport): void {
    this.#status = { phase: busy ? 'busy' : 'ready', load };
  }

  /** Frees sessions and GPU memory; the worker lives. Rejects with a fault of the engine, whose worker is ended then. */
  async unload(connection: EngineConnection): Promise<void> {
    const hung = setTimeout(() => connection.end(fault('EngineFailed', 'unloading took too long')), UNLOAD_MS);
    try {
      await connection.call((engine) => engine.unload());
      this.#status = { phase: 'off' };
    } catch (error) {
      throw this.#host.judge(connection, error);
    } finally {
      clearTimeout(hung);
    }
  }

  setFailed(name: FaultName, detail: string): void {
    this.#status = { phase: 'failed', name, detail };
  }

  /** The worker is gone, and with it everything that was in its memory. */
  clear(): void {
    this.#loading = null;
    this.#report = null;
    this.#status = { phase: 'off' };
  }

  #start(request: LoadRequest): { load: Load; report: Promise<LoadReport> } {
    const { modelId, backend } = request;
    const connection = this.#host.connection();
    const before = this.#status;
    const show = (progress: LoadProgress | null) => {
      this.#status = { phase: 'loading', modelId, backend, progress };
    };
    show(null);
    this.#host.onStart();
    const load = new Load(connection, this.#host.store, request, show);
    const report = this.#finish(load.report, connection, before);
    const loading = { load, report };
    const over = () => {
      if (this.#loading === loading) this.#loading = null;
    };
    // Nobody may be waiting for it any more when it fails.
    report.then(over, over);
    return loading;
  }

  /** @param before the status to go back to where the load failed and left the worker as it was */
  async #finish(coming: Promise<LoadReport>, connection: EngineConnection, before: EngineStatus): Promise<LoadReport> {
    try {
      const report = await coming;
      this.#report = report;
      this.#status = { phase: 'ready', load: report };
      return report;
    } catch (error) {
      if (this.#host.isCurrent(connection)) this.#status = before.phase === 'ready' ? before : { phase: 'off' };
      throw this.#host.judge(connection, error);
    }
  }
}
