/**
 * What is open, each time as an opening of its own. A browser tells a frame late that a dialog was closed: what was opened
 * in between must not be closed by that, nor a press be lost because it still seemed open.
 */
export class Openings<What> {
  #all = $state.raw<readonly { what: What }[]>([]);

  /** The present one, in a list to draw it from; or none. */
  get all(): readonly { what: What }[] {
    return this.#all;
  }

  open(what: What): void {
    this.#all = [{ what }];
  }

  /** @returns false: it had given way to another one already */
  close(opening: { what: What }): boolean {
    if (!this.#all.includes(opening)) return false;
    this.#all = [];
    return true;
  }
}
