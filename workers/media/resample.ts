/**
 * Sample rate conversion by an exact ratio: a streaming polyphase low-pass. Pure: knows nothing of files or ports.
 *
 * Algorithm: band-limited interpolation, J. O. Smith, "Digital Audio Resampling Home Page"
 * (https://ccrma.stanford.edu/~jos/resample/), with the prototype low-pass designed by the Kaiser window method,
 * J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", ISCAS 1974 (length and beta
 * as in Oppenheim & Schafer, Discrete-Time Signal Processing, "The Kaiser Window Filter Design Method"), stored as
 * one row of taps per phase as in Crochiere & Rabiner, Multirate Digital Signal Processing, 1983, chapter 3.
 */

/** Stop-band attenuation in dB: what a 16-bit recording can hold at all (6.02 dB a bit, a little less here). */
const ATTENUATION_DB = 90;
/** Share of the lower Nyquist frequency that passes flat: 7.2 kHz at 16 kHz. The rest of the way is transition. */
const PASS_SHARE = 0.9;
/**
 * Taps of a filter at most: 32 MB. Every rate in use has its exact ratio within it; for one like 47999 Hz, or 767999, a
 * place between two samples is rounded down to one of hundreds.
 */
const MOST_TAPS = 2 ** 22;

type PolyphaseFilter = {
  /** Interpolation factor: number of phases. `outRate / inRate = up / down` in lowest terms. */
  up: number;
  down: number;
  /** Taps on each side of the output's position, in input samples; 0 for equal rates (samples pass untouched). */
  half: number;
  /** `up`, or fewer where so many would not fit in memory: then an output takes the row just before its place. */
  rows: number;
  /** `rows` rows of `2 * half` taps; row r weighs inputs `base - half + 1 … base + half` for an output at base + r/rows. */
  taps: Float64Array;
};

function gcd(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** Modified Bessel function of the first kind, order zero (power series; converges to double precision). */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const filters = new Map<string, PolyphaseFilter>();
/** Filters kept, the newest: a file has one pair of rates, and one that was joined from several has few. */
const MOST_FILTERS = 4;

/**
 * The low-pass for a pair of rates, built once and kept for a while (48 kHz to 16 kHz: 1 row of 344 taps; 44.1 kHz: 160 rows).
 * @param inRate integer samples per second of the source
 * @param outRate integer samples per second wanted
 */
export function polyphase(inRate: number, outRate: number): PolyphaseFilter {
  const key = `${inRate}>${outRate}`;
  const known = filters.get(key);
  if (known) return known;
  const divisor = gcd(inRate, outRate);
  const up = outRate / divisor;
  const down = inRate / divisor;
  let filter: PolyphaseFilter = { up, down, half: 0, rows: 1, taps: new Float64Array(0) };
  if (up !== down) {
    // Everything in cycles per input sample. Stop edge at the lower Nyquist: nothing can fold back or be mirrored.
    const stop = Math.min(inRate, outRate) / 2 / inRate;
    const transition = stop * (1 - PASS_SHARE);
    const cutoff = stop - transition / 2;
    const beta = 0.1102 * (ATTENUATION_DB - 8.7);
    // Even: the sum over a row is unrolled by four.
    const half = 2 * Math.ceil((ATTENUATION_DB - 7.95) / (2.285 * 2 * Math.PI * transition) / 4);
    const rows = Math.min(up, Math.max(1, Math.floor(MOST_TAPS / (2 * half))));
    const taps = new Float64Array(rows * 2 * half);
    for (let phase = 0; phase < rows; phase++) {
      const row = taps.subarray(phase * 2 * half, (phase + 1) * 2 * half);
      let sum = 0;
      for (let i = 0; i < row.length; i++) {
        const distance = i - half + 1 - phase / rows;
        const x = 2 * Math.PI * cutoff * distance;
        const sinc = x === 0 ? 1 : Math.sin(x) / x;
        const edge = distance / half;
        const value = sinc * bessel0(beta * Math.sqrt(Math.max(0, 1 - edge * edge)));
        row[i] = value;
        sum += value;
      }
      // Each row sums to one: a constant stays exactly constant, whatever the phase.
      for (let i = 0; i < row.length; i++) row[i] /= sum;
    }
    filter = { up, down, half, rows, taps };
  }
  filters.set(key, filter);
  for (const oldest of filters.keys()) if (filters.size > MOST_FILTERS) filters.delete(oldest);
  return filter;
}

/** Number of output samples that stand for `inputSamples`: `round(inputSamples * outRate / inRate)`. */
export function outputLength(inputSamples: number, inRate: number, outRate: number): number {
  return Math.round((inputSamples * outRate) / inRate);
}

/**
 * One stretch of sound at one rate. Output sample n is the sound at time n / outRate, where input sample m is at
 * m / inRate: the filter's delay is compensated, so both clocks are absolute and neither drifts.
 *
 * Indices are absolute, so a stretch may begin anywhere: after a seek the very same samples come out. Each output is
 * one dot product in a fixed order, so how the input was cut into blocks changes no bit of it.
 */
export class Resampler {
  readonly #filter: PolyphaseFilter;
  /**
   * Input kept for the outputs still to come; `#held[0]` is absolute input index `#heldStart`. Doubles, like the taps:
   * converting each sample once is cheaper than in each of the hundreds of products it takes part in.
   */
  #held: Float64Array;
  #heldStart: number;
  #heldLength: number;
  #nextOutput: number;

  /**
   * @param inRate samples per second of the input
   * @param outRate samples per second wanted
   * @param firstInput absolute index of the first sample that will be pushed; silence before it
   * @param firstOutput absolute index of the first sample to give out
   */
  constructor(inRate: number, outRate: number, firstInput = 0, firstOutput = 0) {
    this.#filter = polyphase(inRate, outRate);
    this.#nextOutput = firstOutput;
    this.#heldStart = firstInput;
    this.#heldLength = 0;
    this.#held = new Float64Array(4096);
    const reach = this.#reach();
    if (reach < firstInput) {
      this.#heldStart = reach;
      this.#append(new Float32Array(firstInput - reach));
    }
  }

  /** Takes mono input that follows on what was pushed before, gives every output that is now certain. */
  push(samples: Float32Array): Float32Array<ArrayBuffer> {
    this.#append(samples);
    const { up, down, half } = this.#filter;
    const inputEnd = this.#heldStart + this.#heldLength;
    // Output n needs inputs up to floor(n * down / up) + half (the sample itself where rates are equal).
    const last = half === 0 ? inputEnd - 1 : Math.floor(((inputEnd - half) * up - 1) / down);
    return this.#emit(last + 1);
  }

  /** The end of the stretch: silence follows. Gives the rest, up to the rounded length. */
  finish(): Float32Array<ArrayBuffer> {
    const { up, down, half } = this.#filter;
    const end = outputLength(this.#heldStart + this.#heldLength, down, up);
    this.#append(new Float32Array(half + 1));
    return this.#emit(end);
  }

  /** Absolute index of the earliest input the next output looks at. */
  #reach(): number {
    const { up, down, half } = this.#filter;
    return Math.floor((this.#nextOutput * down) / up) - Math.max(half - 1, 0);
  }

  #append(samples: Float32Array): void {
    const needed = this.#heldLength + samples.length;
    if (needed > this.#held.length) {
      const grown = new Float64Array(2 * needed);
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(samples, this.#heldLength);
    this.#heldLength = needed;
  }

  /** Outputs `#nextOutput … end - 1`; then forgets the input no later output can reach. */
  #emit(end: number): Float32Array<ArrayBuffer> {
    const { up, down, half, rows, taps } = this.#filter;
    const held = this.#held;
    const output = new Float32Array(Math.max(0, end - this.#nextOutput));
    const width = 2 * half;
    for (let i = 0; i < output.length; i++) {
      // Exact: n * down stays below 2^53 for any recording of a lifetime.
      const position = (this.#nextOutput + i) * down;
      const base = Math.floor(position / up);
      if (half === 0) {
        output[i] = held[base - this.#heldStart]!;
        continue;
      }
      const phase = position - base * up;
      const row = (rows === up ? phase : Math.floor((phase / up) * rows)) * width;
      const from = base - half + 1 - this.#heldStart;
      // Four sums at once: one would wait for each addition before the next (2.5 times slower, V8 11.3).
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let k = 0; k < width; k += 4) {
        a += taps[row + k] * held[from + k];
        b += taps[row + k + 1] * held[from + k + 1];
        c += taps[row + k + 2] * held[from + k + 2];
        d += taps[row + k + 3] * held[from + k + 3];
      }
      output[i] = a + b + (c + d);
    }
    this.#nextOutput += output.length;
    const drop = Math.min(this.#reach() - this.#heldStart, this.#heldLength);
    if (drop > 0) {
      held.copyWithin(0, drop, this.#heldLength);
      this.#heldStart += drop;
      this.#heldLength -= drop;
    }
    return output;
  }
}
