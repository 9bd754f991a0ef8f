/** Uncompressed samples of any width and byte order, and the two companded ones of the telephone. */
import { planes, type PacketDecoder } from './codec';

/**
 * How samples lie in memory. `signed` and `unsigned` are integers at the upper end of their bytes, as WAV, AIFF and CAF
 * have them: 20 bits in three bytes are read as 24 bits whose lowest four are zero.
 */
export type PcmLayout = {
  kind: 'signed' | 'unsigned' | 'float' | 'alaw' | 'ulaw';
  /** Bytes of one sample of one channel: 1 to 8 for integers, 4 or 8 for floats, 1 for the companded. */
  bytes: number;
  littleEndian: boolean;
};

/** Whether samples of this layout can be read. */
export function isPcmLayout({ kind, bytes }: PcmLayout): boolean {
  if (kind === 'float') return bytes === 4 || bytes === 8;
  if (kind === 'alaw' || kind === 'ulaw') return bytes === 1;
  return Number.isInteger(bytes) && bytes >= 1 && bytes <= 8;
}

/** "24-bit PCM", "float", "A-law": what the layout is called. */
export function pcmName({ kind, bytes }: PcmLayout): string {
  if (kind === 'alaw') return 'alaw';
  if (kind === 'ulaw') return 'ulaw';
  return `pcm-${kind === 'float' ? 'f' : kind === 'signed' ? 's' : 'u'}${bytes * 8}`;
}

/** The 256 values of A-law, [-1, 1] (ITU-T G.711, table 1). */
function aLawTable(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, code) => {
    const bits = code ^ 0x55;
    const exponent = (bits >> 4) & 7;
    const mantissa = ((bits & 15) << 4) + 8;
    const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
    return (bits & 0x80 ? magnitude : -magnitude) / 32768;
  });
}

/** The 256 values of mu-law, [-1, 1] (ITU-T G.711, table 2). */
function muLawTable(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, code) => {
    const bits = ~code & 0xff;
    const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
    return (bits & 0x80 ? -magnitude : magnitude) / 32768;
  });
}

/** Reads the sample at a byte of a view, [-1, 1]. */
function reader({ kind, bytes, littleEndian }: PcmLayout): (view: DataView, at: number) => number {
  switch (kind) {
    case 'alaw':
    case 'ulaw': {
      const table = kind === 'alaw' ? aLawTable() : muLawTable();
      return (view, at) => table[view.getUint8(at)];
    }
    case 'float': {
      // A float that is no number would spread over the whole resampler.
      const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
      if (bytes === 4) return (view, at) => finite(view.getFloat32(at, littleEndian));
      return (view, at) => finite(view.getFloat64(at, littleEndian));
    }
    case 'unsigned':
    case 'signed': {
      const offset = kind === 'unsigned' ? 1 : 0;
      const signed = (value: number, bits: number): number => {
        const scaled = value / 2 ** (bits - 1);
        return offset === 0 ? scaled : scaled >= 0 ? scaled - 1 : scaled + 1;
      };
      if (bytes === 1) return (view, at) => signed(view.getInt8(at), 8);
      if (bytes === 2) return (view, at) => signed(view.getInt16(at, littleEndian), 16);
      if (bytes === 3) {
        return littleEndian
          ? (view, at) => signed((view.getInt16(at + 1, true) << 8) | view.getUint8(at), 24)
          : (view, at) => signed((view.getInt16(at, false) << 8) | view.getUint8(at + 2), 24);
      }
      // A float32 has 24 bits: the upper four bytes of eight are all that can be kept.
      const upper = littleEndian ? bytes - 4 : 0;
      return (view, at) => signed(view.getInt32(at + upper, littleEndian), 32);
    }
  }
}

/**
 * @param layout one for which `isPcmLayout` is true
 * @param channels interleaved
 * @param rate samples per second
 * @returns a decoder of packets of any length; an incomplete frame at the end of one is dropped
 */
export function pcmDecoder(layout: PcmLayout, channels: number, rate: number): PacketDecoder {
  const read = reader(layout);
  return {
    decode(packet) {
      const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
      const frames = Math.floor(packet.byteLength / (layout.bytes * channels));
      const sound = planes(channels, frames);
      for (let i = 0, at = 0; i < frames; i++) {
        for (let channel = 0; channel < channels; channel++, at += layout.bytes) sound[channel][i] = read(view, at);
      }
      return { rate, channels: sound };
    },
  };
}
