/**
 * Power spectrum of real frames whose length is not a power of two (Whisper's is 400 = 2^4 · 5^2).
 * A real frame of n samples is one complex transform of n / 2 (Press et al., Numerical Recipes, §12.3).
 */
type PowerSpectrum = {
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

/** One pass of the transform: `span` groups of `radix` values, `stride` interleaved transforms in each. */
type Stage = {
  radix: number;
  span: number;
  stride: number;
  /** cos, sin of the twiddle of output k of group q at 2 * (q * radix + k). */
  twiddles: Float64Array;
};

/**
 * Complex forward FFT of length n on interleaved arrays: Stockham's, which sorts as it goes, by decimation in
 * frequency (Van Loan, Computational Frameworks for the FFT, §1.7), with butterflies of radix 4, 2 and 5 written out
 * and any other prime done by its definition.
 * @returns a function that leaves `input` spoiled and the transform in `output`
 */
function createComplexFft(n: number): (input: Float64Array, output: Float64Array) => void {
  const stages: Stage[] = [];
  let [length, stride] = [n, 1];
  for (const radix of radices(n)) {
    const span = length / radix;
    const twiddles = new Float64Array(2 * length);
    for (let q = 0; q < span; q++) {
      for (let k = 0; k < radix; k++) {
        const angle = (-2 * Math.PI * q * k) / length;
        twiddles[2 * (q * radix + k)] = Math.cos(angle);
        twiddles[2 * (q * radix + k) + 1] = Math.sin(angle);
      }
    }
    stages.push({ radix, span, stride, twiddles });
    [length, stride] = [span, stride * radix];
  }
  return (input, output) => {
    let [from, to] = [input, output];
    for (const stage of stages) {
      if (stage.radix === 4) radix4(stage, from, to);
      else if (stage.radix === 2) radix2(stage, from, to);
      else if (stage.radix === 5) radix5(stage, from, to);
      else anyRadix(stage, from, to);
      [from, to] = [to, from];
    }
    if (from !== output) output.set(from);
  };
}

function radix2({ span, stride, twiddles }: Stage, x: Float64Array, y: Float64Array): void {
  for (let q = 0; q < span; q++) {
    for (let t = 0; t < stride; t++) {
      const a = 2 * (t + stride * q);
      const b = a + 2 * stride * span;
      const to = 2 * (t + stride * 2 * q);
      y[to] = x[a] + x[b];
      y[to + 1] = x[a + 1] + x[b + 1];
      turned(y, to + 2 * stride, x[a] - x[b], x[a + 1] - x[b + 1], twiddles, 4 * q + 2);
    }
  }
}

function radix4({ span, stride, twiddles }: Stage, x: Float64Array, y: Float64Array): void {
  const apart = 2 * stride * span;
  for (let q = 0; q < span; q++) {
    const w = 8 * q;
    for (let t = 0; t < stride; t++) {
      const a = 2 * (t + stride * q);
      const b = a + apart;
      const c = b + apart;
      const d = c + apart;
      const sumRe = x[a] + x[c];
      const sumIm = x[a + 1] + x[c + 1];
      const differenceRe = x[a] - x[c];
      const differenceIm = x[a + 1] - x[c + 1];
      const oddSumRe = x[b] + x[d];
      const oddSumIm = x[b + 1] + x[d + 1];
      // Times -i.
      const oddRe = x[b + 1] - x[d + 1];
      const oddIm = x[d] - x[b];
      const to = 2 * (t + stride * 4 * q);
      y[to] = sumRe + oddSumRe;
      y[to + 1] = sumIm + oddSumIm;
      turned(y, to + 2 * stride, differenceRe + oddRe, differenceIm + oddIm, twiddles, w + 2);
      turned(y, to + 4 * stride, sumRe - oddSumRe, sumIm - oddSumIm, twiddles, w + 4);
      turned(y, to + 6 * stride, differenceRe - oddRe, differenceIm - oddIm, twiddles, w + 6);
    }
  }
}

const COS_1 = Math.cos((2 * Math.PI) / 5);
const COS_2 = Math.cos((4 * Math.PI) / 5);
const SIN_1 = Math.sin((2 * Math.PI) / 5);
const SIN_2 = Math.sin((4 * Math.PI) / 5);

function radix5({ span, stride, twiddles }: Stage, x: Float64Array, y: Float64Array): void {
  const apart = 2 * stride * span;
  for (let q = 0; q < span; q++) {
    const w = 10 * q;
    for (let t = 0; t < stride; t++) {
      const a = 2 * (t + stride * q);
      const b = a + apart;
      const c = b + apart;
      const d = c + apart;
      const e = d + apart;
      const sum1Re = x[b] + x[e];
      const sum1Im = x[b + 1] + x[e + 1];
      const difference1Re = x[b] - x[e];
      const difference1Im = x[b + 1] - x[e + 1];
      const sum2Re = x[c] + x[d];
      const sum2Im = x[c + 1] + x[d + 1];
      const difference2Re = x[c] - x[d];
      const difference2Im = x[c + 1] - x[d + 1];
      const even1Re = x[a] + COS_1 * sum1Re + COS_2 * sum2Re;
      const even1Im = x[a + 1] + COS_1 * sum1Im + COS_2 * sum2Im;
      const even2Re = x[a] + COS_2 * sum1Re + COS_1 * sum2Re;
      const even2Im = x[a + 1] + COS_2 * sum1Im + COS_1 * sum2Im;
      // Times -i.
      const odd1Re = SIN_1 * difference1Im + SIN_2 * difference2Im;
      const odd1Im = -SIN_1 * difference1Re - SIN_2 * difference2Re;
      const odd2Re = SIN_2 * difference1Im - SIN_1 * difference2Im;
      const odd2Im = SIN_1 * difference2Re - SIN_2 * difference1Re;
      const to = 2 * (t + stride * 5 * q);
      y[to] = x[a] + sum1Re + sum2Re;
      y[to + 1] = x[a + 1] + sum1Im + sum2Im;
      turned(y, to + 2 * stride, even1Re + odd1Re, even1Im + odd1Im, twiddles, w + 2);
      turned(y, to + 4 * stride, even2Re + odd2Re, even2Im + odd2Im, twiddles, w + 4);
      turned(y, to + 6 * stride, even2Re - odd2Re, even2Im - odd2Im, twiddles, w + 6);
      turned(y, to + 8 * stride, even1Re - odd1Re, even1Im - odd1Im, twiddles, w + 8);
    }
  }
}

function anyRadix({ radix, span, stride, twiddles }: Stage, x: Float64Array, y: Float64Array): void {
  for (let q = 0; q < span; q++) {
    for (let t = 0; t < stride; t++) {
      for (let k = 0; k < radix; k++) {
        let [re, im] = [0, 0];
        for (let r = 0; r < radix; r++) {
          const from = 2 * (t + stride * (q + span * r));
          const angle = (-2 * Math.PI * ((r * k) % radix)) / radix;
          re += x[from] * Math.cos(angle) - x[from + 1] * Math.sin(angle);
          im += x[from] * Math.sin(angle) + x[from + 1] * Math.cos(angle);
        }
        turned(y, 2 * (t + stride * (radix * q + k)), re, im, twiddles, 2 * (radix * q + k));
      }
    }
  }
}

/** Writes a value times a twiddle. */
function turned(y: Float64Array, to: number, re: number, im: number, twiddles: Float64Array, w: number): void {
  const c = twiddles[w];
  const s = twiddles[w + 1];
  y[to] = re * c - im * s;
  y[to + 1] = re * s + im * c;
}

/** Fours first, then the prime factors. */
function radices(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  while (rest % 4 === 0) {
    factors.push(4);
    rest /= 4;
  }
  for (let p = 2; rest > 1; p++) {
    while (rest % p === 0) {
      factors.push(p);
      rest /= p;
    }
  }
  return factors;
}
