/**
 * The frames of an MP3 and what it says of itself in the first one. Headers: ISO/IEC 11172-3, 2.4.2.3, and 13818-3 for
 * the lower rates. Every MP3 begins with silence that encoder and decoder need (25 to
 * 140 ms); the tag most encoders leave says how much. Players take it off, so their clock and ours agree only if we do.
 */
import { ascii } from './bytes';
import type { FrameHeader, FrameSyntax } from './frames';

type Mp3Header = FrameHeader & {
  /** 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5. */
  version: number;
  layer: 1 | 2 | 3;
};

/** kbit/s by index, for each layer of MPEG 1, then layer 1 and layers 2 and 3 of MPEG 2. Zero: any, or forbidden. */
const BIT_RATES = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
];
/** Hz by index for MPEG 1; MPEG 2 has half, MPEG 2.5 a quarter. */
const SAMPLE_RATES = [44100, 48000, 32000];

/** Reads the four bytes of a frame header; null where they are none. Free-format streams have no length and are none. */
export function readFrameHeader(bytes: Uint8Array): Mp3Header | null {
  if (bytes.length < 4 || bytes[0] !== 0xff || (bytes[1] & 0xe0) !== 0xe0) return null;
  const version = (bytes[1] >> 3) & 3;
  const layerCode = (bytes[1] >> 1) & 3;
  const rateIndex = (bytes[2] >> 2) & 3;
  if (version === 1 || layerCode === 0 || rateIndex === 3) return null;
  const layer = (4 - layerCode) as 1 | 2 | 3;
  const row = version === 3 ? layer - 1 : layer === 1 ? 3 : 4;
  const bitRate = BIT_RATES[row][bytes[2] >> 4] * 1000;
  if (bitRate === 0) return null;
  const rate = SAMPLE_RATES[rateIndex] / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
  const padding = (bytes[2] >> 1) & 1;
  const frame =
    layer === 1
      ? (Math.floor((12 * bitRate) / rate) + padding) * 4
      : Math.floor((samples / 8) * (bitRate / rate)) + padding;
  const stream = `${version} ${layer} ${rate}`;
  return { stream, version, layer, rate, channels: bytes[3] >> 6 === 3 ? 1 : 2, bytes: frame, samples };
}

export const MP3_SYNTAX: FrameSyntax = { headerBytes: 4, read: readFrameHeader };

/** `delay`: seconds of silence before the sound; `seconds`: length as stated, padding included, or null. */
type Mp3Tag = {
  delay: number;
  seconds: number | null;
  /** Length of the file from this frame on as stated; null: not stated. */
  bytes: number | null;
};

/** Delay of the decoder in samples: 528 + 1, as in FFmpeg's libavformat/mp3dec.c and LAME's own decoder. */
const DECODER_DELAY = 529;
/** Encoders that write the LAME extension; others leave other things in its place. */
const ENCODERS = ['LAME', 'Lavf', 'Lavc'];

/**
 * Reads the Xing/Info tag with its LAME extension (http://gabriel.mp3-tech.org/mp3infotag.html).
 * @param frame the first frame of the file, from its header on; 1 KiB is plenty
 * @returns null where the frame has no such tag
 */
export function readMp3Tag(frame: Uint8Array): Mp3Tag | null {
  const header = readFrameHeader(frame);
  if (!header || frame.length < 192) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const whole = header.version === 3;
  const mono = header.channels === 1;
  // The tag lies where the frame's side information ends.
  const tag = 4 + (whole ? (mono ? 17 : 32) : mono ? 9 : 17);
  const name = ascii(frame, tag);
  if (name !== 'Xing' && name !== 'Info') return null;
  const flags = view.getUint32(tag + 4);
  const frames = flags & 1 ? view.getUint32(tag + 8) : 0;
  const seconds = frames > 0 ? (frames * header.samples) / header.rate : null;
  const bytes = flags & 2 ? view.getUint32(tag + 8 + (flags & 1 ? 4 : 0)) : null;
  const lame = tag + 8 + (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0);
  if (lame + 24 > view.byteLength || !ENCODERS.includes(ascii(frame, lame))) return { delay: 0, seconds, bytes };
  const delay = (view.getUint8(lame + 21) << 4) | (view.getUint8(lame + 22) >> 4);
  return { delay: (delay + DECODER_DELAY) / header.rate, seconds, bytes };
}
