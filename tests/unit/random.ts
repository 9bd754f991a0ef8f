/** Random numbers for tests that try thousands of cases: the same for the same seed, and no code of the engine's. */

export type Random = {
  /** Uniform in [0, 1). */
  next: () => number;
  /** Uniform in [low, high). */
  between: (low: number, high: number) => number;
  /** A whole number in [low, high]. */
  whole: (low: number, high: number) => number;
  /** Normal, mean 0, deviation 1. */
  normal: () => number;
};

/** L'Ecuyer's 31-bit multiplicative congruential generator: period 2^31 - 2, good enough to make cases. */
export function randomFrom(seed: number): Random {
  let state = (seed % 2147483646) + 1;
  const next = (): number => {
    state = (state * 48271) % 2147483647; // the product stays below 2^53
    return (state - 1) / 2147483646;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}
