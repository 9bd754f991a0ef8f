/**
 * ADPCM in three shapes, each decoded block by block; a block needs nothing of the one before it, except Apple's, whose
 * header is too coarse to go on from exactly.
 * - IMA in WAV: IMA Digital Audio Focus and Technical Working Group, "Recommended Practices", 1992, and Microsoft's
 *   "New Multimedia Data Types and Data Techniques", 1994 (DVI_ADPCM).
 * - Microsoft's own: the same document (MS_ADPCM).
 * - ima4: Apple's technical note TN1081 and the QuickTime File Format Specification, "IMA, uLaw, and aLaw".
 */
import { planes, type PacketDecoder } from './codec';

/** IMA's step sizes, each about a tenth larger than the one before. */
// prettier-ignore
const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118,
  130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060,
  1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132,
  7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];
/** How a code moves the step, by its magnitude. */
const INDEX_MOVES = [-1, -1, -1, -1, 2, 4, 6, 8];

const clamp16 = (value: number): number => Math.max(-32768, Math.min(32767, value));

/** The state of one channel of IMA ADPCM. */
class Ima {
  /** -32768 to 32767. */
  value = 0;
  /** Into STEPS. */
  index = 0;

  set(value: number, index: number): void {
    this.value = value;
    this.index = Math.min(index, STEPS.length - 1);
  }

  /** @param code four bits @returns the next sample, -32768 to 32767 */
  next(code: number): number {
    const step = STEPS[this.index];
    let move = step >> 3;
    if (code & 4) move += step;
    if (code & 2) move += step >> 1;
    if (code & 1) move += step >> 2;
    this.value = clamp16(code & 8 ? this.value - move : this.value + move);
    this.index = Math.max(0, Math.min(STEPS.length - 1, this.index + INDEX_MOVES[code & 7]));
    return this.value;
  }
}

/** How many frames a block of IMA ADPCM in WAV holds. @param blockBytes of all channels */
export function imaWavFrames(blockBytes: number, channels: number): number {
  // After the header come groups of eight codes, four bytes, a channel.
  return 1 + 8 * Math.floor((blockBytes - 4 * channels) / (4 * channels));
}

/** Calls `decodeBlock` for each whole block of a packet; the last one may be shorter. */
function blocks(packet: Uint8Array, blockBytes: number, decodeBlock: (block: Uint8Array, index: number) => void): void {
  for (let at = 0, index = 0; at < packet.length; at += blockBytes, index++) {
    decodeBlock(packet.subarray(at, at + blockBytes), index);
  }
}

/** How many frames a packet of whole blocks and perhaps a shorter one holds. */
function framesIn(bytes: number, blockBytes: number, framesOf: (bytes: number) => number): number {
  const rest = bytes % blockBytes;
  return Math.floor(bytes / blockBytes) * framesOf(blockBytes) + (rest > 0 ? Math.max(0, framesOf(rest)) : 0);
}

/** Blocks of all channels, each of them decoded on its own. */
type BlockCodec = {
  rate: number;
  channels: number;
  /** As the header says. */
  blockBytes: number;
  /** A block that is shorter holds nothing. */
  headBytes: number;
  framesOf: (bytes: number) => number;
  /** @param out a channel each, from the block's first frame on */
  decode: (block: Uint8Array, view: DataView, frames: number, out: Float32Array[]) => void;
};

/** @returns a decoder of packets of any number of blocks, the last of which may be shorter */
function blockDecoder({ rate, channels, blockBytes, headBytes, framesOf, decode }: BlockCodec): PacketDecoder {
  const perBlock = framesOf(blockBytes);
  const framesIfAny = (bytes: number): number => (bytes < headBytes ? 0 : framesOf(bytes));
  return {
    decode(packet) {
      const sound = planes(channels, framesIn(packet.length, blockBytes, framesIfAny));
      blocks(packet, blockBytes, (block, index) => {
        const frames = framesIfAny(block.length);
        if (frames === 0) return;
        const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
        decode(
          block,
          view,
          frames,
          sound.map((channel) => channel.subarray(index * perBlock)),
        );
      });
      return { rate, channels: sound };
    },
  };
}

/** @param blockBytes of all channels, as the header says */
export function imaWavDecoder(blockBytes: number, channels: number, rate: number): PacketDecoder {
  const states = Array.from({ length: channels }, () => new Ima());
  return blockDecoder({
    ...{ rate, channels, blockBytes, headBytes: 4 * channels },
    framesOf: (bytes) => imaWavFrames(bytes, channels),
    decode(block, view, frames, sound) {
      for (let channel = 0; channel < channels; channel++) {
        const [state, out] = [states[channel], sound[channel]];
        state.set(view.getInt16(4 * channel, true), view.getUint8(4 * channel + 2));
        out[0] = state.value / 32768;
        for (let i = 0; i < frames - 1; i++) {
          const byte = block[4 * channels + ((i >> 3) * channels + channel) * 4 + ((i & 7) >> 1)];
          out[1 + i] = state.next(i & 1 ? byte >> 4 : byte & 15) / 32768;
        }
      }
    },
  });
}

/** Bytes of a packet of one channel of Apple's IMA, and the frames in it. */
export const IMA4_BYTES = 34;
export const IMA4_FRAMES = 64;

/** @returns a decoder of packets of any number of blocks of 34 bytes a channel */
export function ima4Decoder(channels: number, rate: number): PacketDecoder {
  const states = Array.from({ length: channels }, () => new Ima());
  return {
    decode(packet) {
      const count = Math.floor(packet.length / (IMA4_BYTES * channels));
      const sound = planes(channels, count * IMA4_FRAMES);
      for (let block = 0; block < count; block++) {
        for (let channel = 0; channel < channels; channel++) {
          const at = (block * channels + channel) * IMA4_BYTES;
          const state = states[channel];
          const head = (packet[at] << 8) | packet[at + 1];
          const value = ((head & 0xff80) << 16) >> 16;
          const index = head & 0x7f;
          // The header has nine bits of the value: where it agrees with what is known exactly, that is better.
          if (index !== state.index || Math.abs(value - state.value) > 0x7f) state.set(value, index);
          const out = sound[channel].subarray(block * IMA4_FRAMES);
          for (let i = 0; i < IMA4_FRAMES; i++) {
            const byte = packet[at + 2 + (i >> 1)];
            out[i] = state.next(i & 1 ? byte >> 4 : byte & 15) / 32768;
          }
        }
      }
      return { rate, channels: sound };
    },
  };
}

/** How much larger the step gets after a code, in 256ths. */
const MS_ADAPTION = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];
/** The seven pairs of predictors that every MS ADPCM file has, in 256ths; a file may list more. */
export const MS_COEFFICIENTS: [number, number][] = [
  [256, 0],
  [512, -256],
  [0, 0],
  [192, 64],
  [240, 0],
  [460, -208],
  [392, -232],
];

/** How many frames a block of MS ADPCM holds. @param blockBytes of all channels */
export function msFrames(blockBytes: number, channels: number): number {
  return 2 + Math.floor(((blockBytes - 7 * channels) * 2) / channels);
}

/**
 * @param blockBytes of all channels, as the header says
 * @param coefficients pairs as the header lists them, in 256ths
 */
export function msDecoder(
  blockBytes: number,
  channels: number,
  rate: number,
  coefficients: [number, number][],
): PacketDecoder {
  return blockDecoder({
    ...{ rate, channels, blockBytes, headBytes: 7 * channels },
    framesOf: (bytes) => msFrames(bytes, channels),
    decode(block, view, frames, sound) {
      const states = Array.from({ length: channels }, (_, channel) => ({
        pair: coefficients[block[channel]] ?? MS_COEFFICIENTS[0],
        step: view.getInt16(channels + 2 * channel, true),
        last: view.getInt16(3 * channels + 2 * channel, true),
        before: view.getInt16(5 * channels + 2 * channel, true),
        out: sound[channel],
      }));
      for (const { out, last, before } of states) {
        out[0] = before / 32768;
        out[1] = last / 32768;
      }
      for (let i = 0; i < (frames - 2) * channels; i++) {
        const state = states[i % channels];
        const byte = block[7 * channels + (i >> 1)];
        const code = i & 1 ? byte & 15 : byte >> 4;
        const predicted = (state.last * state.pair[0] + state.before * state.pair[1]) >> 8;
        state.before = state.last;
        state.last = clamp16(predicted + ((code << 28) >> 28) * state.step);
        state.step = Math.min(0x7fffff, Math.max(16, (MS_ADAPTION[code] * state.step) >> 8));
        state.out[2 + Math.floor(i / channels)] = state.last / 32768;
      }
    },
  });
}
