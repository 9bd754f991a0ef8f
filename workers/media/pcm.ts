/** Uncompressed samples in a file, unpacked to floats. */
import type { Chunk } from './media';

/** How samples lie in a file: frames of `frameBytes`, in each one sample a channel, of `sampleBytes` each. */
export type PcmLayout = {
  kind: 'integer' | 'float' | 'a-law' | 'mu-law';
  rate: number;
  channels: number;
  /** 1 to 8; of integers wider than four bytes only the four highest are read, which is more than a float holds. */
  sampleBytes: number;
  frameBytes: number;
  bigEndian: boolean;
  /** Zero is the middle of the range: WAV's 8-bit samples. */
  unsigned: boolean;
};

/** Bytes read at once. */
const READ_BYTES = 1 << 18;

/** G.711, table 2a: sign, three bits of exponent, four of mantissa, every other bit inverted. */
function aLaw(byte: number): number {
  const code = byte ^ 0x55;
  const exponent = (code >> 4) & 7;
  const mantissa = code & 15;
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return (code & 0x80 ? magnitude : -magnitude) / 32768;
}

/** G.711, table 2b: every bit inverted, a bias of 33 (132 at 16 bits). */
function muLaw(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
  return (code & 0x80 ? -magnitude : magnitude) / 32768;
}

const LAWS = {
  'a-law': Float32Array.from({ length: 256 }, (_, byte) => aLaw(byte)),
  'mu-law': Float32Array.from({ length: 256 }, (_, byte) => muLaw(byte)),
};

/** A reader of the sample that begins at a byte. */
function sampleReader(layout: PcmLayout, view: DataView): (at: number) => number {
  const { kind, sampleBytes, unsigned } = layout;
  const little = !layout.bigEndian;
  if (kind === 'a-law' || kind === 'mu-law') {
    const table = LAWS[kind];
    return (at) => table[view.getUint8(at)];
  }
  if (kind === 'float') {
    return sampleBytes === 8 ? (at) => view.getFloat64(at, little) : (at) => view.getFloat32(at, little);
  }
  if (sampleBytes === 1) {
    return unsigned ? (at) => (view.getUint8(at) - 128) / 128 : (at) => view.getInt8(at) / 128;
  }
  if (sampleBytes === 2) {
    return (at) => view.getInt16(at, little) / 2 ** 15;
  }
  if (sampleBytes === 3) {
    const [low, high] = little ? [0, 1] : [2, 0];
    return (at) => (view.getInt16(at + high, little) * 256 + view.getUint8(at + low)) / 2 ** 23;
  }
  const high = little ? sampleBytes - 4 : 0;
  return (at) => view.getInt32(at + high, little) / 2 ** 31;
}

/** One array a channel of what whole frames `bytes` holds. A float that is no number is silence. */
export function unpack(bytes: Uint8Array, layout: PcmLayout): Float32Array[] {
  const { channels, sampleBytes, frameBytes, kind } = layout;
  const frames = Math.floor(bytes.length / frameBytes);
  const sample = sampleReader(layout, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return Array.from({ length: channels }, (_, c) => {
    const plane = new Float32Array(frames);
    for (let i = 0, at = c * sampleBytes; i < frames; i++, at += frameBytes) plane[i] = sample(at);
    if (kind === 'float') for (let i = 0; i < frames; i++) if (!Number.isFinite(plane[i])) plane[i] = 0;
    return plane;
  });
}

/**
 * The samples of `file` between two bytes, from `start` seconds on. Memory does not depend on the length.
 * @param from byte of the first frame
 * @param end byte behind the last one
 * @throws what a failed read throws
 */
export async function* readPcm(
  file: Blob,
  layout: PcmLayout,
  from: number,
  end: number,
  start: number,
): AsyncGenerator<Chunk, void> {
  const { rate, frameBytes } = layout;
  const frames = Math.floor((end - from) / frameBytes);
  const atOnce = Math.max(1, Math.floor(READ_BYTES / frameBytes));
  for (let frame = Math.max(0, Math.floor(start * rate)); frame < frames; frame += atOnce) {
    const last = Math.min(frames, frame + atOnce);
    const bytes = await file.slice(from + frame * frameBytes, from + last * frameBytes).arrayBuffer();
    yield { timestamp: frame / rate, rate, channels: unpack(new Uint8Array(bytes), layout) };
  }
}
