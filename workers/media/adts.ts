/** The frames of AAC in ADTS (ISO/IEC 14496-3, 1.A.2.2), as internet radio and some recorders write it. */
import type { FrameHeader, FrameSyntax } from './frames';

/** Hz by index (ISO/IEC 14496-3, table 1.18). */
const SAMPLE_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
/** Channels by configuration; 0 stands for "as the sound itself says". */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

type AdtsHeader = FrameHeader & {
  /** As in the codec string `mp4a.40.<objectType>`. */
  objectType: number;
};

/** Reads the seven bytes of a frame header; null where they are none. */
export function readAdtsHeader(bytes: Uint8Array): AdtsHeader | null {
  // Sync word, any version, layer 0.
  if (bytes.length < 7 || bytes[0] !== 0xff || (bytes[1] & 0xf6) !== 0xf0) return null;
  const objectType = (bytes[2] >> 6) + 1;
  const rate = SAMPLE_RATES[(bytes[2] >> 2) & 15];
  const channels = CHANNELS[((bytes[2] & 1) << 2) | (bytes[3] >> 6)];
  const length = ((bytes[3] & 3) << 11) | (bytes[4] << 3) | (bytes[5] >> 5);
  const header = bytes[1] & 1 ? 7 : 9;
  if (!rate || !channels || length <= header) return null;
  const samples = 1024 * ((bytes[6] & 3) + 1);
  return { stream: `${objectType} ${rate}`, objectType, rate, channels, bytes: length, samples };
}

export const ADTS_SYNTAX: FrameSyntax = { headerBytes: 7, read: readAdtsHeader };
