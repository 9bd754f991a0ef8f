/**
 * Apple Lossless, decoded to the bit. After the description and the reference decoder that Apple published under the
 * Apache License 2.0 (github.com/macosforge/alac: ALACMagicCookieDescription.txt, codec/*.c); written anew in TypeScript,
 * since the only package of it on npm is a plugin of a player that is no longer kept up. Names in brackets are Apple's.
 */
import { isRate, planes, type PacketDecoder } from './codec';
import { AlacBits, readResiduals, unpredict } from './alac-residuals';

/** What the 24 bytes of the "magic cookie" say. */
type AlacConfig = {
  /** Frames of every packet but the last. */
  frames: number;
  bits: number;
  /** Tuning of the entropy coder [pb, mb, kb]. */
  rate: [pb: number, mb: number, kb: number];
  channels: number;
  sampleRate: number;
};

/**
 * Finds the cookie in what a container carries: bare (CAF), behind a version (MP4) or inside atoms (older CAF, QuickTime).
 * @returns null where it is missing or cannot be right
 */
export function readAlacConfig(bytes: Uint8Array): AlacConfig | null {
  let at = 0;
  for (let i = 0; i + 32 <= bytes.length; i++) {
    // The last "alac" is that of the atom with the cookie; atoms around it have the same name. Four zero bytes follow.
    if (bytes[i] === 0x61 && bytes[i + 1] === 0x6c && bytes[i + 2] === 0x61 && bytes[i + 3] === 0x63) at = i + 8;
  }
  if (at + 24 > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 24);
  const config: AlacConfig = {
    frames: view.getUint32(0),
    bits: view.getUint8(5),
    rate: [view.getUint8(6), view.getUint8(7), view.getUint8(8)],
    channels: view.getUint8(9),
    sampleRate: view.getUint32(20),
  };
  const known =
    [16, 20, 24, 32].includes(config.bits) && config.channels >= 1 && config.channels <= 8 && isRate(config.sampleRate);
  // Apple writes 4096 frames a packet; four times that is allowed here, so that a forged number costs no memory.
  return known && config.frames >= 1 && config.frames <= 16384 && view.getUint8(4) === 0 ? config : null;
}

/** Kinds of element in a packet [ELEMENT_TYPE]. */
const SINGLE = 0;
const PAIR = 1;
const BASS = 3;
const USER_DATA = 4;
const FILL = 6;
const END = 7;

/** Decodes the samples of one element into `out`, one array or two. @returns how many frames it has */
function readElement(bits: AlacBits, config: AlacConfig, out: Int32Array[]): number {
  if (bits.read(12) !== 0) throw new Error('ALAC: unknown element header');
  const partial = bits.read(1) === 1;
  const shift = bits.read(2) * 8;
  const verbatim = bits.read(1) === 1;
  const frames = partial ? bits.read(32) : config.frames;
  if (frames > config.frames || shift > 16) throw new Error('ALAC: impossible element');
  if (verbatim) {
    for (let i = 0; i < frames; i++) for (const plane of out) plane[i] = bits.readSigned(config.bits);
    return frames;
  }
  const width = config.bits - shift + (out.length - 1);
  const mixBits = bits.read(8);
  const mixWeight = bits.readSigned(8);
  const predictors = out.map(() => {
    const mode = bits.read(4);
    const scale = bits.read(4);
    const tempo = bits.read(3);
    const weights = Int16Array.from({ length: bits.read(5) }, () => bits.readSigned(16));
    return { mode, scale, tempo, weights };
  });
  // The low bits that were not worth coding lie here, before the codes.
  const low = bits.at;
  bits.skip(frames * shift * out.length);
  for (const [channel, { mode, scale, tempo, weights }] of predictors.entries()) {
    const plane = out[channel].subarray(0, frames);
    const [pb, mb, kb] = config.rate;
    readResiduals(bits, plane, { pb: (pb * tempo) >> 2, mb, kb, width });
    if (mode !== 0) unpredict(plane, null, width, 0);
    unpredict(plane, weights, width, scale);
  }
  if (out.length === 2 && mixWeight !== 0) {
    const [left, right] = out;
    for (let i = 0; i < frames; i++) {
      const sum = left[i] + right[i] - (Math.imul(mixWeight, right[i]) >> mixBits);
      right[i] = sum - right[i];
      left[i] = sum;
    }
  }
  if (shift > 0) {
    const tail = bits.from(low);
    for (let i = 0; i < frames; i++) for (const plane of out) plane[i] = (plane[i] << shift) | tail.read(shift);
  }
  return frames;
}

/** @returns a decoder of packets, each on its own; channels in the order of the file */
export function alacDecoder(config: AlacConfig): PacketDecoder {
  const scratch = Array.from({ length: config.channels }, () => new Int32Array(config.frames));
  return {
    decode(packet) {
      const bits = new AlacBits(packet);
      let frames = 0;
      let channel = 0;
      for (let kind = bits.read(3); kind !== END && channel < config.channels; kind = bits.read(3)) {
        if (kind === FILL) {
          const count = bits.read(4);
          bits.skip(8 * (count === 15 ? 14 + bits.read(8) : count));
          continue;
        }
        bits.skip(4); // the element's own number
        if (kind === USER_DATA) {
          const aligned = bits.read(1) === 1;
          const count = bits.read(8);
          const bytes = count === 255 ? 255 + bits.read(8) : count;
          if (aligned) bits.align();
          bits.skip(8 * bytes);
          continue;
        }
        const planesHere = kind === PAIR ? 2 : kind === SINGLE || kind === BASS ? 1 : 0;
        if (planesHere === 0 || channel + planesHere > config.channels) throw new Error('ALAC: unknown element');
        frames = readElement(bits, config, scratch.slice(channel, channel + planesHere));
        channel += planesHere;
        if (channel === config.channels) break;
      }
      if (frames === 0) return null;
      const sound = planes(config.channels, frames);
      const scale = 2 ** (1 - config.bits);
      for (const [i, plane] of sound.entries()) {
        for (let k = 0; k < frames; k++) plane[k] = scratch[i][k] * scale;
      }
      return { rate: config.sampleRate, channels: sound };
    },
  };
}
