/**
 * Streams of frames without a container (MP3, AAC in ADTS), found one after the other.
 *
 * Why not mediabunny's demuxers: they take rate and channels of the first frame for the whole file and the number in the
 * first tag for its length, and give up where zeros stand before the first frame. Such files are joined by writing one
 * behind the other (`cat a.mp3 b.mp3`), so each frame is taken by its own header here, and tags between them are
 * skipped by their length.
 */
import { ascii, type ByteWindow } from './bytes';
import { id3Length } from './id3';

export type FrameHeader = {
  /** Frames of one stream have the same; another one is another stream. */
  stream: string;
  rate: number;
  channels: number;
  /** Bytes, header included. */
  bytes: number;
  /** Samples a channel. */
  samples: number;
};

/** How the frames of a kind of stream are known. */
export type FrameSyntax = {
  /** Bytes of a header. */
  headerBytes: number;
  /** Reads a header; null where the bytes are none, or fewer. */
  read(bytes: Uint8Array): FrameHeader | null;
};

/** A frame in the file. */
export type Frame = FrameHeader & {
  position: number;
  /** Seconds from the first frame. */
  timestamp: number;
};

/** Bytes without a frame after which the rest is taken for no sound at all. */
const MOST_JUNK = 8 << 20;

/** Frames in a row that must fit together for the first of them to be one. Noise has a header in every 4 KiB by chance. */
const CHAIN = 2;
/**
 * The same where it is not yet known that the file is such a stream: at its start, and in the midst of other bytes. Each
 * further frame that fits makes an accident some thousand times rarer, and the longer the search the more must fit.
 */
const SURE = 3;
const SURE_IN_JUNK = 6;

/** Whether `count` frames of one kind follow on each other from here on, or as many as there are to the end. */
async function isChain(window: ByteWindow, syntax: FrameSyntax, position: number, count: number): Promise<boolean> {
  let stream: string | null = null;
  for (let at = position, seen = 0; seen < count; seen++) {
    const header = syntax.read(await window.at(at, syntax.headerBytes));
    // A whole frame, and then the end of the file or a tag: no more is to be had.
    if (!header) return seen > 0 && (at === window.file.size || (await tagLength(window, at)) > 0);
    if (stream !== null && stream !== header.stream) return false;
    ({ stream } = header);
    at += header.bytes;
  }
  return true;
}

/** Bytes of the tag that begins here: ID3v2, ID3v1, APEv2 with its header, Lyrics3; 0: none. */
async function tagLength(window: ByteWindow, at: number): Promise<number> {
  const head = await window.at(at, 32);
  const id3 = id3Length(head);
  // A length that leads out of the file is a lie; the sound is looked for from here on.
  if (id3 > 0) return at + id3 > window.file.size ? 10 : id3;
  if (ascii(head, 0, 4) === 'TAG+') return 227;
  if (ascii(head, 0, 3) === 'TAG') return 128;
  if (ascii(head, 0, 8) === 'APETAGEX' && head.length === 32) {
    const view = new DataView(head.buffer, head.byteOffset, 32);
    // The length counts the footer and leaves the header out; a footer alone has bit 29 of its flags clear.
    return view.getUint32(20, true) & 0x20000000 ? 32 + view.getUint32(12, true) : 32;
  }
  if (ascii(head, 0, 11) === 'LYRICSBEGIN') return 11;
  return 0;
}

/** Position of the next possible start of a frame or tag from `at` on within what is read at once; -1: none there. */
function nextSync(bytes: Uint8Array): number {
  for (let i = 0; i + 1 < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0xff ? (bytes[i + 1] & 0xe0) === 0xe0 : byte === 0x49 || byte === 0x54 || byte === 0x41) return i;
  }
  return -1;
}

/**
 * Position of the next frame from `at` on, over tags, zeros and junk; null: there is none.
 * @param chain frames that must fit together where it does not follow on another
 */
async function findFrame(window: ByteWindow, syntax: FrameSyntax, from: number, chain: number): Promise<number | null> {
  for (let at = from; at < window.file.size && at - from <= MOST_JUNK;) {
    const tag = await tagLength(window, at);
    if (tag > 0) {
      // What is in a tag, a picture of megabytes for one, is not junk.
      from += tag;
      at += tag;
      continue;
    }
    const header = syntax.read(await window.at(at, syntax.headerBytes));
    if (header && (await isChain(window, syntax, at, chain))) return at;
    const rest = await window.at(at + 1, Math.min(1 << 12, Math.max(0, window.file.size - at - 1)));
    const next = nextSync(rest);
    if (next < 0 && rest.every((byte) => byte === 0)) from += rest.length;
    at += 1 + (next < 0 ? Math.max(1, rest.length - 1) : next);
  }
  return null;
}

/**
 * Where the first frame is, if nothing but tags and zeros stand before it; null: something else does.
 * @throws what a failed read throws
 */
export async function frameAtStart(window: ByteWindow, syntax: FrameSyntax): Promise<number | null> {
  for (let at = 0; at < window.file.size;) {
    const tag = await tagLength(window, at);
    if (tag > 0) at += tag;
    else {
      const some = await window.at(at, 1 << 12);
      const zeros = some.findIndex((byte) => byte !== 0);
      if (zeros === 0) return (await isChain(window, syntax, at, SURE)) ? at : null;
      at += zeros < 0 ? some.length : zeros;
    }
  }
  return null;
}

/** Where the first frame is, over up to 8 MiB of anything. @throws what a failed read throws */
export async function frameInJunk(window: ByteWindow, syntax: FrameSyntax): Promise<number | null> {
  return findFrame(window, syntax, 0, SURE_IN_JUNK);
}

/**
 * Every frame of the file from the first one on, which is left out when it is a tag. A last frame that the file cuts
 * short is none.
 * @param first position of the first frame
 * @throws what a failed read throws
 */
export async function* frames(window: ByteWindow, syntax: FrameSyntax, first: number): AsyncGenerator<Frame, void> {
  const { headerBytes } = syntax;
  let clock = 0;
  let stream: string | null = null;
  for (let at = first; at < window.file.size;) {
    const header = syntax.read(window.held(at, headerBytes) ?? (await window.at(at, headerBytes)));
    if (header && (stream === null || header.stream === stream || (await isChain(window, syntax, at, CHAIN)))) {
      if (at + header.bytes > window.file.size) return;
      yield { ...header, position: at, timestamp: clock };
      clock += header.samples / header.rate;
      ({ stream } = header);
      at += header.bytes;
      continue;
    }
    // One byte back: encoders have been seen to write a frame one byte too short.
    const next = await findFrame(window, syntax, at > first ? at - 1 : at, CHAIN);
    if (next === null) return;
    at = next;
  }
}
