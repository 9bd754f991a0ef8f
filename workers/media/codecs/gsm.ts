/**
 * GSM 06.10 full rate, 13 kbit/s at 8 kHz: phone systems, and WAV files of the kind WAV49. After ETSI EN 300 961 (GSM
 * 06.10), sections 5.2 and 5.3, in its 16-bit arithmetic, so that the sound is the specification's to the bit; names in
 * brackets are those of the specification.
 */
import type { PacketDecoder } from './codec';

/** Samples of one frame, 20 ms. */
export const GSM_FRAMES = 160;
/** Bytes of two frames in WAV, 260 bits each without padding (Microsoft's WAVE_FORMAT_GSM610). */
export const WAV49_BYTES = 65;
/** Bytes of one frame everywhere else: four bits 1101, then 260 (RFC 3551, section 4.5.8). */
export const GSM_BYTES = 33;

const clamp16 = (value: number): number => (value > 32767 ? 32767 : value < -32768 ? -32768 : value);
const add = (a: number, b: number): number => clamp16(a + b);
const sub = (a: number, b: number): number => clamp16(a - b);
const multiplyRounded = (a: number, b: number): number => clamp16((a * b + 16384) >> 15);

/** Bits of the eight reflection coefficients [LARc]. */
const LAR_BITS = [6, 6, 5, 5, 4, 4, 3, 3];
/** [B, MIC, INVA] for each of them (table 5.1 and 5.2). */
const LAR_DECODING: [number, number, number][] = [
  [0, -32, 13107],
  [0, -32, 13107],
  [2048, -16, 13107],
  [-2560, -16, 13107],
  [94, -8, 19223],
  [-1792, -8, 17476],
  [-341, -4, 31454],
  [-1144, -4, 29708],
];
/** Gains of the long-term prediction [QLB] (table 5.3b). */
const LTP_GAINS = [3277, 11469, 21299, 32767];
/** Mantissas of the block maximum [FAC] (table 5.6). */
const MANTISSAS = [18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767];

/** Reads fields of a packet: from the low end of each byte (WAV49) or from the high one. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #lowFirst: boolean;
  #at: number;

  constructor(bytes: Uint8Array, lowFirst: boolean, firstBit: number) {
    this.#bytes = bytes;
    this.#lowFirst = lowFirst;
    this.#at = firstBit;
  }

  read(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3];
      if (this.#lowFirst) value |= ((byte >> (this.#at & 7)) & 1) << i;
      else value = (value << 1) | ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }
}

/** Exponent and mantissa of a block maximum [xmaxc] (section 5.2.15, last part). */
function exponentAndMantissa(maximum: number): [number, number] {
  let exponent = maximum > 15 ? (maximum >> 3) - 1 : 0;
  let mantissa = maximum - (exponent << 3);
  if (mantissa === 0) return [-4, 7];
  for (; mantissa <= 7; exponent--) mantissa = (mantissa << 1) | 1;
  return [exponent, mantissa - 8];
}

/** A coefficient as the filter takes it [LARp to rp] (section 5.2.9.2). */
function reflection(lar: number): number {
  const size = Math.min(32767, Math.abs(lar));
  const value = size < 11059 ? size << 1 : size < 20070 ? size + 11059 : add(size >> 2, 26112);
  return lar < 0 ? -value : value;
}

/** Decodes frames of one channel, one after another. */
class Gsm {
  /** The residual: 120 samples of the past, 40 of now [drp]. */
  readonly #residual = new Int16Array(160);
  readonly #filter = new Int16Array(9);
  #lar: number[] = new Array<number>(8).fill(0);
  #lag = 40;
  #deemphasis = 0;

  /** @param out 160 samples, [-1, 1] */
  frame(fields: Fields, out: Float32Array): void {
    const lar = LAR_BITS.map((bits, i) => {
      const [base, least, inverse] = LAR_DECODING[i];
      const value = multiplyRounded(inverse, sub(add(fields.read(bits), least) << 10, base << 1));
      return add(value, value);
    });
    const excitation = new Int16Array(GSM_FRAMES);
    for (let k = 0; k < 4; k++) this.#subframe(fields, excitation.subarray(40 * k, 40 * k + 40));
    this.#synthesize(lar, excitation, out);
    this.#lar = lar;
  }

  /** Excitation and long-term prediction of 40 samples (sections 5.2.16, 5.2.17 and 5.3.2). */
  #subframe(fields: Fields, out: Int16Array): void {
    const lag = fields.read(7);
    const gain = LTP_GAINS[fields.read(2)];
    const grid = fields.read(2);
    const [exponent, mantissa] = exponentAndMantissa(fields.read(6));
    if (lag >= 40 && lag <= 120) this.#lag = lag;
    const shift = 6 - exponent;
    const rounding = shift > 0 ? 1 << (shift - 1) : 0;
    const pulses = new Int16Array(40);
    for (let i = 0; i < 13; i++) {
      const value = add(multiplyRounded(MANTISSAS[mantissa], ((fields.read(3) << 1) - 7) << 12), rounding);
      pulses[grid + 3 * i] = value >> shift;
    }
    const residual = this.#residual;
    for (let k = 0; k < 40; k++) {
      residual[120 + k] = add(pulses[k], multiplyRounded(gain, residual[120 + k - this.#lag]));
    }
    out.set(residual.subarray(120));
    residual.copyWithin(0, 40);
  }

  /** The short-term filter, its coefficients eased over from those of the frame before (sections 5.2.8 to 5.3.5). */
  #synthesize(lar: number[], excitation: Int16Array, out: Float32Array): void {
    const before = this.#lar;
    const eased: [number, (now: number, old: number) => number][] = [
      [13, (now, old) => add(add(old >> 2, now >> 2), old >> 1)],
      [27, (now, old) => add(old >> 1, now >> 1)],
      [40, (now, old) => add(add(old >> 2, now >> 2), now >> 1)],
      [GSM_FRAMES, (now) => now],
    ];
    const filter = this.#filter;
    let k = 0;
    for (const [end, ease] of eased) {
      const coefficients = lar.map((now, i) => reflection(ease(now, before[i])));
      for (; k < end; k++) {
        let value = excitation[k];
        for (let i = 7; i >= 0; i--) {
          value = sub(value, multiplyRounded(coefficients[i], filter[i]));
          filter[i + 1] = add(filter[i], multiplyRounded(coefficients[i], value));
        }
        filter[0] = value;
        this.#deemphasis = add(value, multiplyRounded(this.#deemphasis, 28180));
        out[k] = (add(this.#deemphasis, this.#deemphasis) & ~7) / 32768;
      }
    }
  }
}

/**
 * @param wav49 whether packets hold pairs of frames in 65 bytes, or frames of 33 bytes
 * @returns a decoder of packets of any number of those, one channel
 */
export function gsmDecoder(wav49: boolean, rate: number): PacketDecoder {
  const decoder = new Gsm();
  const unit = wav49 ? WAV49_BYTES : GSM_BYTES;
  return {
    decode(packet) {
      const units = Math.floor(packet.length / unit);
      const sound = new Float32Array(units * GSM_FRAMES * (wav49 ? 2 : 1));
      for (let i = 0, at = 0; i < units; i++) {
        const bytes = packet.subarray(i * unit, (i + 1) * unit);
        for (const firstBit of wav49 ? [0, 260] : [4]) {
          decoder.frame(new Fields(bytes, wav49, firstBit), sound.subarray(at, at + GSM_FRAMES));
          at += GSM_FRAMES;
        }
      }
      return { rate, channels: [sound] };
    },
  };
}
