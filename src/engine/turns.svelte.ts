/** Who may use the engine next: it has one model and runs one job, so whoever loads and transcribes waits for a turn. */
import { ABORTED, fault } from '../../workers/protocol.ts';

export class Turns {
  #open = $state.raw(0);
  /** Resolves when the last turn that was asked for is over. */
  #last: Promise<unknown> = Promise.resolve();

  /** Turns that are taken or waited for. */
  get open(): number {
    return this.#open;
  }

  /**
   * Runs `task` after everything that was asked for before it, and settles as it does. An abort ends the waiting at once
   * with an AbortError; a task that runs already has to end by itself.
   */
  take<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    this.#open += 1;
    const waiting = new AbortController();
    const result = this.#last
      .then(() => {
        if (signal.aborted) throw fault(ABORTED);
        waiting.abort();
        return task();
      })
      .finally(() => (this.#open -= 1));
    this.#last = result.catch(() => undefined);
    return new Promise<T>((resolve, reject) => {
      result.then(resolve, reject);
      signal.addEventListener('abort', () => reject(fault(ABORTED)), { signal: waiting.signal });
    });
  }

  /** As `take`, for upkeep that nobody waits for: it does not count as a turn. */
  between<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
