/** So many beats make a silence: a page that is slow for a moment misses one of them, not all. */
const BEATS = 8;

/**
 * Tells when something that should be heard of again and again was silent for too long. The time is counted in beats of a
 * timer and not by a clock: beats stop with the page, so a laptop that sleeps, a tab that its browser freezes, and a clock
 * that is set make nobody silent.
 */
export class Silence {
  #left = BEATS;
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param onSilent called once, after so many milliseconds without `heard` */
  constructor(ms: number, onSilent: () => void) {
    this.#timer = setInterval(() => {
      this.#left -= 1;
      if (this.#left !== 0) return;
      this.end();
      onSilent();
    }, ms / BEATS);
  }

  heard(): void {
    this.#left = BEATS;
  }

  /** Nobody listens any more. */
  end(): void {
    clearInterval(this.#timer);
  }
}
