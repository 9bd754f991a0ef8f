/** The two halves of Apple Lossless: the entropy coder [aglib] and the adaptive predictor [dplib]. */

/** Bits of a packet, highest first. */
export class AlacBits {
  readonly #bytes: Uint8Array;
  /** Bits read so far. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Another reader of the same packet. */
  from(at: number): AlacBits {
    const bits = new AlacBits(this.#bytes);
    bits.at = at;
    return bits;
  }

  skip(count: number): void {
    this.at += count;
  }

  align(): void {
    this.at = (this.at + 7) & ~7;
  }

  /** @param count 0 to 32 @throws behind the end of the packet */
  read(count: number): number {
    if (this.at + count > this.#bytes.length * 8) throw new Error('ALAC: packet too short');
    let value = 0;
    for (let left = count; left > 0;) {
      const free = 8 - (this.at & 7);
      const take = Math.min(free, left);
      const part = (this.#bytes[this.at >> 3] >> (free - take)) & ((1 << take) - 1);
      value = value * 2 ** take + part;
      this.at += take;
      left -= take;
    }
    return value;
  }

  /** @param count 1 to 32 */
  readSigned(count: number): number {
    const value = this.read(count);
    return value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  /** Counts ones up to the next zero, at most nine; the zero is read too. */
  ones(): number {
    let count = 0;
    while (count < 9 && this.read(1) === 1) count++;
    return count;
  }

  /** An adaptive Golomb code; `escape` bits follow nine ones [dyn_get_32bit and, with 16, dyn_get]. */
  golomb(k: number, escape: number): number {
    const ones = this.ones();
    if (ones === 9) return this.read(escape);
    if (k === 0) return 0;
    if (k === 1) return ones;
    // The last bit is left out where the rest is zero.
    const rest = this.read(k - 1);
    if (rest === 0) return ones * ((1 << k) - 1);
    return ones * ((1 << k) - 1) + rest * 2 + this.read(1) - 1;
  }
}

/** Bits below the point of the running mean [QBSHIFT]. */
const MEAN_BITS = 9;

/**
 * Reads the differences of one channel [dyn_decomp].
 * @param out filled
 * @param coder pb, mb and kb as tuned for this channel; `width`: bits of a sample
 */
export function readResiduals(
  bits: AlacBits,
  out: Int32Array,
  { pb, mb, kb, width }: { pb: number; mb: number; kb: number; width: number },
): void {
  let mean = mb;
  let afterZeros = 0;
  for (let i = 0; i < out.length;) {
    const k = Math.min(31 - Math.clz32((mean >>> MEAN_BITS) + 3), kb);
    const code = bits.golomb(k, Math.min(width, 32)) + afterZeros;
    // Even codes are positive, odd ones negative.
    out[i++] = code % 2 === 0 ? code / 2 : -(code + 1) / 2;
    mean = code - afterZeros > 0xffff ? 0xffff : (Math.imul(pb, code) + mean - (Math.imul(pb, mean) >> MEAN_BITS)) | 0;
    afterZeros = 0;
    if (mean >>> 0 < 128 && i < out.length) {
      // So quiet that whole runs are zero: only their length is written.
      const bitsOfRun = Math.clz32(mean) - 24 + ((mean + 16) >> 6);
      const run = bits.golomb(Math.min(bitsOfRun, kb), 16);
      if (i + run > out.length) throw new Error('ALAC: run too long');
      out.fill(0, i, i + run);
      i += run;
      afterZeros = run >= 0xffff ? 0 : 1;
      mean = 0;
    }
  }
}

/**
 * Turns differences back into samples, in place [unpc_block].
 * @param weights of the predictor, adapted as it goes (changed); null for the plain difference to the sample before
 * @param width bits of a sample, which all arithmetic wraps at
 * @param scale bits below the point of the weights
 */
export function unpredict(values: Int32Array, weights: Int16Array | null, width: number, scale: number): void {
  const spare = Math.max(0, 32 - width);
  const wrap = (value: number): number => (value << spare) >> spare;
  const order = weights?.length ?? 31;
  if (order === 0) return;
  if (weights === null || order === 31) {
    for (let i = 1; i < values.length; i++) values[i] = wrap(values[i] + values[i - 1]);
    return;
  }
  const half = scale > 0 ? 1 << (scale - 1) : 0;
  for (let i = 1; i <= order && i < values.length; i++) values[i] = wrap(values[i] + values[i - 1]);
  for (let i = order + 1; i < values.length; i++) {
    const base = values[i - order - 1];
    let sum = 0;
    for (let k = 0; k < order; k++) sum = (sum + Math.imul(weights[k], values[i - 1 - k] - base)) | 0;
    let error = values[i];
    values[i] = wrap(error + base + ((sum + half) >> scale));
    const sign = Math.sign(error);
    for (let k = order - 1; k >= 0 && Math.sign(error) === sign && sign !== 0; k--) {
      const distance = base - values[i - 1 - k];
      const towards = Math.sign(distance) * sign;
      weights[k] -= towards;
      error -= (order - k) * ((Math.sign(distance) * sign * distance) >> scale);
    }
  }
}
