/**
 * When labels are laid on a transcript whose sound is still heard: for the first time after half a minute, and then ever more
 * rarely, as all voices are compared anew each time. Of two hours that takes half a second of work in the end, 12 s in all
 * (two cores, 2026-11).
 */

/** Of sound, between two times. */
const LEAST_SECONDS = 30;
/** Of what was heard so far, where that is more. */
const SHARE = 1 / 20;

export class LabelsSoFar {
  readonly #lay: () => Promise<void>;
  #nextSeconds = LEAST_SECONDS;
  #laying = false;

  /** @param lay never two at a time; what it rejects with is nothing: the labels of the end are still to come */
  constructor(lay: () => Promise<void>) {
    this.#lay = lay;
  }

  /** @param doneSeconds of the recording */
  heard(doneSeconds: number): void {
    if (this.#laying || doneSeconds < this.#nextSeconds) return;
    this.#nextSeconds = doneSeconds + Math.max(LEAST_SECONDS, SHARE * doneSeconds);
    this.#laying = true;
    this.#lay()
      .catch(() => {})
      .finally(() => (this.#laying = false));
  }
}
