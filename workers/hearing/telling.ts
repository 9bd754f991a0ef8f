/** What the page is told of a job, and that it goes on where there is nothing to tell. */
import type { JobEvent } from '../protocol';

/** A job that does anything says so at least this often, milliseconds. */
const BEAT_MS = 10_000;

export class Telling {
  readonly #onEvent: (event: JobEvent) => unknown;
  readonly #beat: ReturnType<typeof setInterval>;
  #delivered = Promise.resolve();

  /**
   * @param onEvent of the page; comlink makes it a promise
   * @param work grows with anything that the job does
   */
  constructor(onEvent: (event: JobEvent) => unknown, work: () => number) {
    this.#onEvent = onEvent;
    let before = 0;
    this.#beat = setInterval(() => {
      const now = work();
      if (now !== before) this.tell({ type: 'working' });
      before = now;
    }, BEAT_MS);
  }

  /** Never throws: a page that went away is no fault of the job. */
  readonly tell = (event: JobEvent): void => {
    const taken = Promise.resolve(this.#onEvent(event)).then(
      () => undefined,
      () => undefined,
    );
    if (event.type === 'window') this.#delivered = this.#delivered.then(() => taken);
  };

  /** Resolves when the page has taken every window: neither the report nor a fault may overtake one. */
  async end(): Promise<void> {
    clearInterval(this.#beat);
    await this.#delivered;
  }
}
