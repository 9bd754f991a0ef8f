/**
 * How long something had work, by this thread's clock. What begins while other work goes on is within it: time is counted
 * once, however much is under way.
 */
export class BusyClock {
  #busyMs = 0;
  /** Of the work that is under way; null: there is none. */
  #since: number | null = null;
  #readAt = performance.now();
  #readMs = 0;

  /** There is work from now on. */
  begin(): void {
    this.#since ??= performance.now();
  }

  /** All work is done. */
  end(): void {
    if (this.#since === null) return;
    this.#busyMs += performance.now() - this.#since;
    this.#since = null;
  }

  /** Milliseconds with work since the clock was made; what is under way counts up to now. */
  get busyMs(): number {
    return this.#busyMs + (this.#since === null ? 0 : performance.now() - this.#since);
  }

  /** Share of the time since the last call in which there was work, [0, 1]. */
  share(): number {
    const now = performance.now();
    const { busyMs } = this;
    const share = (busyMs - this.#readMs) / Math.max(1, now - this.#readAt);
    this.#readAt = now;
    this.#readMs = busyMs;
    return Math.min(1, share);
  }
}
