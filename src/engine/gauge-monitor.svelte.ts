/**
 * Reads the engine's gauge as long as the page lives: often while there is work and until a reading shows that it is over,
 * seldom while there is none.
 */
import type { Gauge } from '../../workers/protocol.ts';
import { emptied } from './emptied.ts';
import type { EngineConnection } from './workers.ts';

const BUSY_MS = 500;
const IDLE_MS = 5000;

/** The engine, as far as its gauge needs it. */
type Measured = {
  /** The worker that is there now; null: none. */
  connection(): EngineConnection | null;
  busy(): boolean;
};

export class GaugeMonitor {
  #gauge = $state.raw<Gauge | null>(null);
  readonly #engine: Measured;
  /** The reading that is under way. */
  #reading: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: Measured) {
    this.#engine = engine;
  }

  /** What was read last; null: nothing yet, or the engine could not be read. */
  get gauge(): Gauge | null {
    return this.#gauge;
  }

  /** A worker that is gone holds nothing. */
  empty(): void {
    this.#gauge &&= emptied(this.#gauge);
  }

  /** Reads it now, and from then on again and again. Never rejects. */
  async read(): Promise<void> {
    clearTimeout(this.#timer);
    const connection = this.#engine.connection();
    if (connection?.alive) {
      this.#reading ??= this.#take(connection).finally(() => (this.#reading = null));
      await this.#reading;
    } else if (connection) this.empty();
    clearTimeout(this.#timer);
    // A share belongs to the time before its reading: the first one after a job is the job's, the next one says 0.
    const ends = (this.#gauge?.gpuBusy ?? 0) > 0 || (this.#gauge?.runBusy ?? 0) > 0;
    const pause = (this.#engine.busy() || ends) && !document.hidden ? BUSY_MS : IDLE_MS;
    this.#timer = setTimeout(() => void this.read(), pause);
  }

  async #take(connection: EngineConnection): Promise<void> {
    const late = setTimeout(() => this.#late(), BUSY_MS);
    try {
      const gauge = await connection.call((engine) => engine.gauge());
      if (connection === this.#engine.connection()) this.#gauge = gauge;
    } catch {
      // A meter that cannot be read is not a fault of the job: the strip shows nothing instead of old figures.
      if (connection === this.#engine.connection()) {
        if (connection.alive) this.#gauge = null;
        else this.empty();
      }
    } finally {
      clearTimeout(late);
    }
  }

  /** On the CPU the worker's own thread runs the model, and a run of the encoder takes seconds: whoever is silent is at work. */
  #late(): void {
    if (this.#engine.busy()) this.#gauge &&= { ...this.#gauge, runBusy: 1 };
  }
}
