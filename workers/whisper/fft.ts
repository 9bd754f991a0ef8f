/**
 * Power spectrum of real frames whose length is not a power of two (Whisper's is 400 = 2^4 · 5^2).
 * A real frame of n samples is one complex transform of n / 2 (Press et al., Numerical Recipes, §12.3), done by
 * decimation in time over the prime factors with all twiddles precomputed.
 */
export type PowerSpectrum = {
  bins: number;
  /** `frame`: n samples. `power`: n / 2 + 1 values |X_k|². */
  run(frame: Float64Array, power: Float64Array): void;
};

/** @param n frame length, even */
export function createPowerSpectrum(n: number): PowerSpectrum {
  if (n % 2 !== 0) throw new RangeError(`frame length ${n} is odd`);
  const half = n / 2;
  const fft = createComplexFft(half);
  const input = new Float64Array(n); // interleaved re, im: even samples are real parts, odd ones imaginary
  const output = new Float64Array(n);
  const cos = new Float64Array(half + 1);
  const sin = new Float64Array(half + 1);
  for (let k = 0; k <= half; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / n);
    sin[k] = Math.sin((2 * Math.PI * k) / n);
  }
  return {
    bins: half + 1,
    run(frame, power) {
      input.set(frame);
      fft(input, output);
      for (let k = 0; k <= half; k++) {
        const a = 2 * (k % half);
        const b = 2 * ((half - k) % half);
        const evenRe = 0.5 * (output[a] + output[b]);
        const evenIm = 0.5 * (output[a + 1] - output[b + 1]);
        const oddRe = 0.5 * (output[a + 1] + output[b + 1]);
        const oddIm = 0.5 * (output[b] - output[a]);
        const re = evenRe + cos[k] * oddRe + sin[k] * oddIm;
        const im = evenIm + cos[k] * oddIm - sin[k] * oddRe;
        power[k] = re * re + im * im;
      }
    },
  };
}

/** Complex forward FFT of length n on interleaved arrays. */
function createComplexFft(n: number): (input: Float64Array, output: Float64Array) => void {
  const factors = primeFactors(n);
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / n);
    sin[k] = -Math.sin((2 * Math.PI * k) / n);
  }
  const scratch = new Float64Array(2 * Math.max(1, ...factors));

  const transform = (
    input: Float64Array,
    from: number,
    step: number,
    output: Float64Array,
    to: number,
    length: number,
    level: number,
  ): void => {
    if (length === 1) {
      output[2 * to] = input[2 * from]!;
      output[2 * to + 1] = input[2 * from + 1]!;
      return;
    }
    const p = factors[level];
    const part = length / p;
    for (let q = 0; q < p; q++) {
      transform(input, from + q * step, step * p, output, to + q * part, part, level + 1);
    }
    // Butterflies of radix p; the twiddle index advances by `step` in the table of the full length.
    for (let k = 0; k < part; k++) {
      for (let q = 0; q < p; q++) {
        const at = 2 * (to + q * part + k);
        const w = (q * k * step) % n;
        const re = output[at];
        const im = output[at + 1];
        scratch[2 * q] = re * cos[w] - im * sin[w];
        scratch[2 * q + 1] = re * sin[w] + im * cos[w];
      }
      for (let r = 0; r < p; r++) {
        let re = scratch[0];
        let im = scratch[1];
        for (let q = 1; q < p; q++) {
          const w = (q * r * part * step) % n;
          re += scratch[2 * q] * cos[w] - scratch[2 * q + 1] * sin[w];
          im += scratch[2 * q] * sin[w] + scratch[2 * q + 1] * cos[w];
        }
        const at = 2 * (to + r * part + k);
        output[at] = re;
        output[at + 1] = im;
      }
    }
  };
  return (input, output) => transform(input, 0, 1, output, 0, n, 0);
}

function primeFactors(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (let p = 2; rest > 1; p++) {
    while (rest % p === 0) {
      factors.push(p);
      rest /= p;
    }
  }
  return factors;
}
