/** Whether a recording runs, or was cut off: all that the first load knows of recording. */

/** Set while a recording runs. Found at the start of a visit, it tells that the last one was cut off. */
const KEY = 'earshot-recording';

class Live {
  #on = $state.raw(false);
  get on(): boolean {
    return this.#on;
  }
  /** A recording may have been cut off, or runs in another tab. */
  get found(): boolean {
    try {
      return localStorage.getItem(KEY) !== null;
    } catch {
      // Site data is blocked: nothing is kept.
      return false;
    }
  }
  set(on: boolean): void {
    this.#on = on;
    try {
      if (on) localStorage.setItem(KEY, '1');
      else localStorage.removeItem(KEY);
    } catch {
      // Site data is blocked: nothing is kept.
    }
  }
}

export const live = new Live();
