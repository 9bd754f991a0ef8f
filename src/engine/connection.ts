/**
 * The page's connection to one worker. comlink never rejects a call whose worker has ended, so a call here rejects with
 * the reason of the end. A connection outlives thousands of calls and holds only those that are still open: a promise of
 * the worker's end that every call raced would keep each call's result for as long as the worker lives.
 */
import { ABORTED, fault, type FaultName } from '../../workers/protocol.ts';

/** What a connection needs of a `Worker`. */
export type Ending = Pick<Worker, 'addEventListener' | 'terminate'>;

export class Connection<T> {
  readonly #worker: Ending;
  readonly #remote: T;
  /** Rejects each call that is still open. */
  readonly #open = new Set<(reason: Error) => void>();
  #ended: Error | null = null;

  /**
   * @param remote the worker's interface, as comlink wraps it
   * @param reasonOfDeath the fault that an uncaught error of the worker amounts to
   */
  constructor(worker: Ending, remote: T, reasonOfDeath: FaultName) {
    this.#worker = worker;
    this.#remote = remote;
    worker.addEventListener('error', (event) => {
      // An error without a message means that the script never ran, which is no fault of the file or the model.
      this.end(event.message ? fault(reasonOfDeath, event.message) : fault('EngineFailed', 'the worker did not start'));
    });
    worker.addEventListener('messageerror', () => this.end(fault(reasonOfDeath, 'a message could not be read')));
  }

  get alive(): boolean {
    return this.#ended === null;
  }

  /** Calls that have not settled yet. */
  get openCalls(): number {
    return this.#open.size;
  }

  /** Settles as `use` does, and rejects with the reason of the end when the worker ends first. */
  call<R>(use: (remote: T) => Promise<R>): Promise<R> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise<R>((resolve, reject) => {
      this.#open.add(reject);
      use(this.#remote)
        .finally(() => this.#open.delete(reject))
        .then(resolve, reject);
    });
  }

  /** Terminates the worker. Only the first reason counts. */
  end(reason: Error): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#worker.terminate();
    for (const reject of this.#open) reject(reason);
    this.#open.clear();
  }
}

/** Settles as `task` does, and rejects with an AbortError when `signal` aborts first. `task` itself goes on. */
export function unlessAborted<T>(signal: AbortSignal, task: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(fault(ABORTED));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    task.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Counts arrivals, and lets others wait until there were so many. */
export class Arrivals {
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
