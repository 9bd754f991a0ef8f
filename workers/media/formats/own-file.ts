/** A file whose container is read here, as the rest of the media worker takes it. */
import { fault } from '../../protocol';
import type { DecoderMaker } from '../codecs/codec';
import { asMovie, type MovieSound, type PacketTable } from './movie';

export type OwnFile = {
  /** What mediabunny is shown in place of the file. */
  blob: Blob;
  container: string;
  /** The file is shorter than its own headers say. */
  truncated: boolean;
  /** Seconds of the file’s clock before its first packet; below zero where its beginning is the encoder’s only. */
  startSeconds: number;
  /** What the container says of its sound; null where the blob itself is a stream that mediabunny knows. */
  sound: {
    facts: { codec: string; sampleRate: number; channels: number; /** In seconds. */ seconds: number };
    /** Where the recording ends on the clock of the packets, in seconds: the last of them may be filled up. */
    end: number;
    /** Decodes the packets; null where the browser does. */
    decoder: DecoderMaker | null;
  } | null;
};

/** Seconds of sound in a packet that is put together from smaller blocks: short enough to seek, long enough to be few. */
const PACKET_SECONDS = 0.125;
/** The same in bytes: the table of a long file stays small, and a forged header cannot ask for much memory at once. */
const LEAST_PACKET_BYTES = 4096;
const MOST_PACKET_BYTES = 1024 * 1024;
/** The name of codecs that mediabunny shall not know. */
const OURS = 'ears';

export type Blocks = {
  container: string;
  codec: string;
  rate: number;
  channels: number;
  /** First byte of the sound. */
  dataStart: number;
  /** Bytes of sound as stated; null where the header does not know. */
  dataBytes: number | null;
  blockBytes: number;
  framesPerBlock: number;
  /** Frames of a last block that is shorter than the others; 0 where such a block has no meaning. */
  framesOfRest?: (bytes: number) => number;
  /** Frames in all, where the header says so. */
  frames?: number | null;
  decoder: DecoderMaker;
};

/**
 * A file of blocks of one size, each holding as many frames as the others.
 * @throws DamagedFile where there is not even one block
 */
export function fileOfBlocks(file: Blob, blocks: Blocks): OwnFile {
  const { dataStart, dataBytes, blockBytes, framesPerBlock, framesOfRest = () => 0, rate } = blocks;
  const there = Math.max(0, file.size - dataStart);
  const bytes = Math.min(there, dataBytes ?? there);
  const whole = Math.floor(bytes / blockBytes);
  const rest = bytes - whole * blockBytes;
  const restFrames = rest > 0 ? Math.max(0, framesOfRest(rest)) : 0;
  const wanted = Math.max((PACKET_SECONDS * rate) / framesPerBlock, LEAST_PACKET_BYTES / blockBytes);
  const perPacket = Math.max(1, Math.floor(Math.min(wanted, MOST_PACKET_BYTES / blockBytes)));
  const table: PacketTable = { offsets: [], sizes: [], frames: [] };
  const push = (offset: number, size: number, frames: number): void => {
    table.offsets.push(dataStart + offset);
    table.sizes.push(size);
    table.frames.push(frames);
  };
  for (let block = 0; block < whole; block += perPacket) {
    const count = Math.min(perPacket, whole - block);
    push(block * blockBytes, count * blockBytes, count * framesPerBlock);
  }
  if (restFrames > 0) push(whole * blockBytes, rest, restFrames);
  const held = whole * framesPerBlock + restFrames;
  if (held === 0) throw fault('DamagedFile', `${blocks.container} without sound`);
  // Blocks are filled up at the end; a header that says how many frames are real is believed where it fits.
  const frames = blocks.frames && blocks.frames < held ? blocks.frames : held;
  const truncated = dataBytes !== null && dataBytes > there;
  return fileOfPackets(file, blocks, table, { seconds: frames / rate, truncated });
}

/**
 * A file of packets of any size.
 * @param known the true length in seconds, counted from zero on the file's clock; whether the file broke off; when its
 * first packet begins; how a movie calls the codec
 */
export function fileOfPackets(
  file: Blob,
  about: { container: string; codec: string; rate: number; channels: number; decoder: DecoderMaker | null },
  table: PacketTable,
  known: {
    seconds: number;
    truncated: boolean;
    startSeconds?: number;
    movie?: Pick<MovieSound, 'name' | 'extra' | 'priming'>;
  },
): OwnFile {
  const { container, codec, rate, channels, decoder } = about;
  const movie = known.movie ?? { name: OURS };
  return {
    blob: asMovie(file, { rate, channels, ...movie }, table),
    container,
    truncated: known.truncated,
    startSeconds: known.startSeconds ?? 0,
    sound: {
      facts: { codec, sampleRate: rate, channels, seconds: known.seconds },
      end: known.seconds - (known.startSeconds ?? 0),
      decoder,
    },
  };
}
