/**
 * How loud a recording is, at every zoom: the values as they were measured, and above them rows of which each value is the
 * largest of eight below. Ten hours are 2 MB, and any stretch is looked up in some tens of steps.
 */

const FACTOR = 8;

export class LevelPyramid {
  #rows: Uint8Array<ArrayBuffer>[] = [new Uint8Array(1024)];
  #length = 0;

  /** Values from the start of the recording to the last one that is known. */
  get length(): number {
    return this.#length;
  }

  /** The values themselves, from one place to another. */
  slice(from: number, to: number): Uint8Array<ArrayBuffer> {
    return this.#rows[0].slice(from, Math.min(to, this.#length));
  }

  /** Puts values in. Where there are some already, the larger ones stay: two channels make one picture. */
  put(first: number, values: Uint8Array): void {
    if (values.length === 0) return;
    const end = first + values.length;
    this.#grow(end);
    const [below] = this.#rows;
    for (let at = 0; at < values.length; at++) below[first + at] = Math.max(below[first + at], values[at]);
    this.#length = Math.max(this.#length, end);
    let [from, to] = [first, end];
    for (let row = 1; row < this.#rows.length; row++) {
      [from, to] = [Math.floor(from / FACTOR), Math.ceil(to / FACTOR)];
      const [under, over] = [this.#rows[row - 1], this.#rows[row]];
      for (let at = from; at < to; at++) over[at] = largest(under, at * FACTOR, (at + 1) * FACTOR);
    }
  }

  /**
   * The largest of the values in [from, to), or a little more around it where that is wide: never less than any of them.
   * 0 where nothing is known.
   */
  peak(from: number, to: number): number {
    let row = 0;
    let [low, high] = [Math.max(0, Math.floor(from)), Math.min(this.#length, Math.ceil(to))];
    while (high - low > 2 * FACTOR && row + 1 < this.#rows.length) {
      row += 1;
      [low, high] = [Math.floor(low / FACTOR), Math.ceil(high / FACTOR)];
    }
    return largest(this.#rows[row], low, high);
  }

  #grow(length: number): void {
    let needed = length;
    for (let row = 0; row === 0 || needed > 1; row++) {
      const old = this.#rows[row] as Uint8Array | undefined;
      if (old === undefined || old.length < needed) {
        const grown = new Uint8Array(Math.max(needed, 2 * (old?.length ?? 0)));
        if (old !== undefined) grown.set(old);
        // A row that is new lies over values that were there before.
        else
          for (let at = 0; at < needed; at++) grown[at] = largest(this.#rows[row - 1], at * FACTOR, (at + 1) * FACTOR);
        this.#rows[row] = grown;
      }
      needed = Math.ceil(needed / FACTOR);
    }
  }
}

function largest(values: Uint8Array, from: number, to: number): number {
  let most = 0;
  for (let at = from; at < Math.min(to, values.length); at++) most = Math.max(most, values[at]);
  return most;
}
