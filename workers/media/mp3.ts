/**
 * What an MP3 says of itself in its first frame. Every MP3 begins with silence that encoder and decoder need (25 to
 * 140 ms); the tag most encoders leave says how much. Players take it off, so their clock and ours agree only if we do.
 */

/** `delay`: seconds of silence before the sound; `seconds`: length as stated, padding included, or null. */
export type Mp3Tag = { delay: number; seconds: number | null };

/** Delay of the decoder in samples: 528 + 1, as in FFmpeg's libavformat/mp3dec.c and LAME's own decoder. */
const DECODER_DELAY = 529;
/** Hz, by index, for MPEG 1; MPEG 2 has half, MPEG 2.5 a quarter. */
const SAMPLE_RATES = [44100, 48000, 32000];
/** Encoders that write the LAME extension; others leave other things in its place. */
const ENCODERS = ['LAME', 'Lavf', 'Lavc'];

/** Bytes of the ID3v2 tag at the start, its header included; 0 where there is none. */
export function id3Length(head: Uint8Array): number {
  if (head.length < 10 || head[0] !== 0x49 || head[1] !== 0x44 || head[2] !== 0x33) return 0;
  const size = (head[6] << 21) | (head[7] << 14) | (head[8] << 7) | head[9];
  return 10 + size + (head[5] & 0x10 ? 10 : 0);
}

/**
 * Reads the Xing/Info tag with its LAME extension (http://gabriel.mp3-tech.org/mp3infotag.html).
 * @param bytes the start of the file after any ID3 tag; 1 KiB is plenty
 * @returns null where the first frame has no such tag
 */
export function readMp3Tag(bytes: Uint8Array): Mp3Tag | null {
  const frame = bytes.findIndex((byte, i) => byte === 0xff && (bytes[i + 1] & 0xe6) === 0xe2);
  if (frame < 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + frame, bytes.byteLength - frame);
  if (view.byteLength < 192) return null;
  const version = (view.getUint8(1) >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const rateIndex = (view.getUint8(2) >> 2) & 3;
  if (version === 1 || rateIndex === 3) return null;
  const rate = SAMPLE_RATES[rateIndex] / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const mono = view.getUint8(3) >> 6 === 3;
  // The tag lies where the frame's side information ends.
  const tag = 4 + (version === 3 ? (mono ? 17 : 32) : mono ? 9 : 17);
  const name = view.getUint32(tag);
  if (name !== 0x58696e67 && name !== 0x496e666f) return null; // "Xing", "Info"
  const flags = view.getUint32(tag + 4);
  const frames = flags & 1 ? view.getUint32(tag + 8) : 0;
  const seconds = frames > 0 ? (frames * (version === 3 ? 1152 : 576)) / rate : null;
  const lame = tag + 8 + (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0);
  if (lame + 24 > view.byteLength) return { delay: 0, seconds };
  const encoder = String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(lame + i)));
  if (!ENCODERS.includes(encoder)) return { delay: 0, seconds };
  const delay = (view.getUint8(lame + 21) << 4) | (view.getUint8(lame + 22) >> 4);
  return { delay: (delay + DECODER_DELAY) / rate, seconds };
}
