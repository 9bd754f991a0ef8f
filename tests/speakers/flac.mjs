/**
 * FLAC to samples (RFC 9639), for a runner on Node without a browser's decoder. Checksums are not looked at.
 */

/** Predictors of order 0 to 4 (section 9.2.5). */
const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

/** Bits of a byte array, most significant first. */
class Bits {
  /** @param {Uint8Array} bytes @param {number} at first byte */
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at * 8;
  }

  /** @param {number} count up to 32 */
  unsigned(count) {
    let value = 0;
    for (let left = count; left > 0;) {
      const inByte = 8 - (this.at & 7);
      const take = Math.min(inByte, left);
      const bits = (this.bytes[this.at >> 3] >> (inByte - take)) & ((1 << take) - 1);
      value = value * 2 ** take + bits;
      this.at += take;
      left -= take;
    }
    return value;
  }

  /** @param {number} count */
  signed(count) {
    const value = this.unsigned(count);
    return count > 0 && value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  /** Zeros before the next one. */
  unary() {
    let zeros = 0;
    while (this.unsigned(1) === 0) zeros++;
    return zeros;
  }

  align() {
    this.at = (this.at + 7) & ~7;
  }
}

/**
 * @param {Uint8Array} bytes a FLAC file
 * @returns {{ rate: number, channels: Float32Array[] }} samples in [-1, 1)
 */
export function decodeFlac(bytes) {
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== 'fLaC') throw new Error('no FLAC file');
  let at = 4;
  let [rate, count, depth, total] = [0, 0, 0, 0];
  for (let last = false; !last;) {
    const head = new Bits(bytes, at);
    last = head.unsigned(1) === 1;
    const type = head.unsigned(7);
    const length = head.unsigned(24);
    if (type === 0) {
      head.unsigned(32);
      head.unsigned(24);
      head.unsigned(24);
      rate = head.unsigned(20);
      count = head.unsigned(3) + 1;
      depth = head.unsigned(5) + 1;
      total = head.unsigned(4) * 2 ** 32 + head.unsigned(32);
    }
    at += 4 + length;
  }
  const channels = Array.from({ length: count }, () => new Float32Array(total));
  for (let done = 0; done < total;) {
    const bits = new Bits(bytes, at);
    const block = readFrame(bits, depth);
    const scale = 2 ** (1 - depth);
    for (const [i, samples] of block.entries())
      for (let n = 0; n < samples.length && done + n < total; n++) channels[i][done + n] = samples[n] * scale;
    done += block[0].length;
    at = bits.at >> 3;
  }
  return { rate, channels };
}

/** @param {Bits} bits @param {number} streamDepth */
function readFrame(bits, streamDepth) {
  if (bits.unsigned(15) !== 0x7ffc) throw new Error('FLAC: lost the frames');
  bits.unsigned(1);
  const sizeCode = bits.unsigned(4);
  const rateCode = bits.unsigned(4);
  const layout = bits.unsigned(4);
  const depth = [streamDepth, 8, 12, 0, 16, 20, 24, 32][bits.unsigned(3)];
  bits.unsigned(1);
  // The frame's number, coded as UTF-8 codes a character.
  const lead = bits.unsigned(8);
  for (let bit = 0x40; lead & 0x80 && lead & bit; bit >>= 1) bits.unsigned(8);
  const size =
    sizeCode === 1
      ? 192
      : sizeCode === 6
        ? bits.unsigned(8) + 1
        : sizeCode === 7
          ? bits.unsigned(16) + 1
          : sizeCode < 6
            ? 144 * 2 ** sizeCode
            : 2 ** sizeCode;
  if (rateCode === 12) bits.unsigned(8);
  else if (rateCode > 12) bits.unsigned(16);
  bits.unsigned(8);
  const count = layout < 8 ? layout + 1 : 2;
  // Of a pair coded as a difference, the difference has a bit more.
  const wider = { 8: 1, 9: 0, 10: 1 }[layout];
  const channels = Array.from({ length: count }, (_, i) => readSubframe(bits, size, depth + (i === wider ? 1 : 0)));
  bits.align();
  bits.unsigned(16);
  const [a, b] = channels;
  for (let n = 0; layout >= 8 && n < size; n++) {
    if (layout === 8) b[n] = a[n] - b[n];
    else if (layout === 9) a[n] += b[n];
    else {
      const sum = a[n] * 2 + (b[n] & 1);
      [a[n], b[n]] = [(sum + b[n]) / 2, (sum - b[n]) / 2];
    }
  }
  return channels;
}

/** @param {Bits} bits @param {number} size @param {number} stated */
function readSubframe(bits, size, stated) {
  bits.unsigned(1);
  const type = bits.unsigned(6);
  const wasted = bits.unsigned(1) ? bits.unary() + 1 : 0;
  const depth = stated - wasted;
  const samples = new Float64Array(size);
  if (type === 0) samples.fill(bits.signed(depth));
  else if (type === 1) for (let n = 0; n < size; n++) samples[n] = bits.signed(depth);
  else {
    const linear = type >= 32;
    const order = linear ? type - 31 : type - 8;
    for (let n = 0; n < order; n++) samples[n] = bits.signed(depth);
    let weights = FIXED[order];
    let shift = 0;
    if (linear) {
      const precision = bits.unsigned(4) + 1;
      shift = bits.signed(5);
      weights = Array.from({ length: order }, () => bits.signed(precision));
    }
    readResiduals(bits, samples, order);
    for (let n = order; n < size; n++) {
      let sum = 0;
      for (let i = 0; i < order; i++) sum += weights[i] * samples[n - 1 - i];
      samples[n] += Math.floor(sum / 2 ** shift);
    }
  }
  for (let n = 0; wasted && n < size; n++) samples[n] *= 2 ** wasted;
  return samples;
}

/** @param {Bits} bits @param {Float64Array} out @param {number} order */
function readResiduals(bits, out, order) {
  const width = bits.unsigned(2) === 0 ? 4 : 5;
  const partitions = 2 ** bits.unsigned(4);
  let n = order;
  for (let p = 0; p < partitions; p++) {
    const end = ((p + 1) * out.length) / partitions;
    const parameter = bits.unsigned(width);
    if (parameter === 2 ** width - 1) {
      const raw = bits.unsigned(5);
      for (; n < end; n++) out[n] = bits.signed(raw);
    } else
      for (; n < end; n++) {
        const value = bits.unary() * 2 ** parameter + bits.unsigned(parameter);
        out[n] = value % 2 ? -(value + 1) / 2 : value / 2;
      }
  }
}
