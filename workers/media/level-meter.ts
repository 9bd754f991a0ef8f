/** How loud sound is, for the waveform: measured on the way to the engine, so that nothing is decoded twice. */
import { concat } from '../concat';
import { LEVELS_A_SECOND, type Levels } from '../protocol';

/** So many values go to the page at once: half a minute of sound. */
const BATCH = 30 * LEVELS_A_SECOND;

export class LevelMeter {
  readonly #rate: number;
  #sample: number;
  /** The value that grows: its place in the file, the sample that it ends before, and the largest so far. */
  #index: number;
  #until: number;
  #largest = 0;
  #batch = new Uint8Array(BATCH);
  #count = 0;

  /** @param fromSample where the first block begins, counted from the start of the file */
  constructor(sampleRate: number, fromSample: number) {
    this.#rate = sampleRate;
    this.#sample = fromSample;
    this.#index = Math.floor((fromSample * LEVELS_A_SECOND) / sampleRate);
    this.#until = this.#endOf(this.#index);
  }

  /** The next block. @returns a batch that became full with it, or null */
  add(samples: Float32Array): Levels | null {
    let full: Levels | null = null;
    for (let at = 0; at < samples.length; at++) {
      const size = Math.abs(samples[at]);
      if (size > this.#largest) this.#largest = size;
      this.#sample += 1;
      if (this.#sample === this.#until) full = joined(full, this.#close());
    }
    return full;
  }

  /** What is left at the end, the last value of a part of its time only; null: nothing. */
  end(): Levels | null {
    const begun = this.#sample > this.#endOf(this.#index - 1);
    const full = begun ? this.#close() : null;
    return joined(full, this.#flush());
  }

  #endOf(index: number): number {
    return Math.ceil(((index + 1) * this.#rate) / LEVELS_A_SECOND);
  }

  #close(): Levels | null {
    this.#batch[this.#count++] = Math.min(255, Math.ceil(this.#largest * 255));
    this.#largest = 0;
    this.#index += 1;
    this.#until = this.#endOf(this.#index);
    return this.#count === BATCH ? this.#flush() : null;
  }

  #flush(): Levels | null {
    if (this.#count === 0) return null;
    const levels = { first: this.#index - this.#count, values: this.#batch.slice(0, this.#count) };
    this.#count = 0;
    return levels;
  }
}

function joined(before: Levels | null, after: Levels | null): Levels | null {
  if (before === null || after === null) return before ?? after;
  return { first: before.first, values: concat([before.values, after.values]) };
}
