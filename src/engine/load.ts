/** One load of a model into the engine's memory, watched: a load that hangs ends its worker. */
import { fault, type LoadProgress, type LoadReport, type LoadRequest } from '../../workers/protocol.ts';
import { loadFromStore, type Helper } from './load-from-store.ts';
import { Silence } from './silence.ts';
import { callback, type EngineConnection } from './workers.ts';

/**
 * A load tells of its progress while it reads and of nothing while the runtime compiles, which takes seconds with Whisper
 * base and longer with larger models on slow machines. Two minutes of silence are far beyond that: such a load has hung.
 */
const LOAD_SILENT_MS = 120_000;
/** A load that was silent this long when the person stopped waiting for it is not waited for again. */
const DOUBTED_SILENT_MS = 5000;

/** A load under way. */
export class Load {
  /** Which model and where: equal for requests that the same load answers. */
  readonly key: string;
  readonly report: Promise<LoadReport>;
  #heardMs = performance.now();
  #doubted = false;

  static keyOf({ modelId, backend }: LoadRequest): string {
    return `${modelId} ${backend}`;
  }

  /** @param onProgress called while the load lives, never after it has settled */
  constructor(
    connection: EngineConnection,
    store: Helper,
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
  ) {
    this.key = Load.keyOf(request);
    this.report = this.#run(connection, store, request, onProgress);
  }

  /** The person stopped waiting for it. */
  doubt(): void {
    this.#doubted = true;
  }

  /** Nobody should wait for it again: it was silent, and a person has lost patience already. */
  get hopeless(): boolean {
    return this.#doubted && performance.now() - this.#heardMs > DOUBTED_SILENT_MS;
  }

  async #run(
    connection: EngineConnection,
    store: Helper,
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<LoadReport> {
    let open = true;
    const giveUp = () => {
      store.abandon();
      connection.end(fault('EngineFailed', `${request.modelId} made no progress while it was loaded`));
    };
    const silence = new Silence(LOAD_SILENT_MS, giveUp);
    const heard = (progress: LoadProgress) => {
      if (!open) return;
      this.#heardMs = performance.now();
      silence.heard();
      onProgress(progress);
    };
    try {
      const loader = {
        load: (wanted: LoadRequest) => connection.call((engine) => engine.load(wanted, callback(heard))),
        get alive() {
          return connection.alive;
        },
      };
      // The store lives on when the engine ends, but then nobody waits for it here.
      const helper: Pick<Helper, 'bring' | 'heal'> = {
        bring: (...what) => connection.call(() => store.bring(...what)),
        heal: (...what) => connection.call(() => store.heal(...what)),
      };
      return await loadFromStore(loader, helper, request, heard);
    } finally {
      open = false;
      silence.end();
    }
  }
}
