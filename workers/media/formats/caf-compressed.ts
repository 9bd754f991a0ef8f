/** What a movie says of AAC and Opus, from what a CAF says of them. */
import { box } from './movie';

/** Hz, by index (ISO/IEC 14496-3, table 1.18). */
const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

/** The description of AAC-LC [AudioSpecificConfig] where a file has none. ISO/IEC 14496-3, section 1.6.2.1. */
function plainAac(rate: number, channels: number): Uint8Array {
  const index = RATES.indexOf(rate);
  const bits = (2 << 11) | ((index < 0 ? 4 : index) << 7) | ((channels & 15) << 3);
  return Uint8Array.of(bits >> 8, bits & 255);
}

/** One descriptor of ISO/IEC 14496-1, section 7.2.2: its number, its length, what is in it. */
function descriptor(tag: number, ...inside: number[][]): number[] {
  const body = inside.flat();
  return [tag, 0x80, 0x80, 0x80 | (body.length >> 7), body.length & 127, ...body];
}

/**
 * The box `esds` of a movie.
 * @param cookie as in the chunk `kuki`: a whole ES descriptor (Apple), or only the decoder's part, or nothing
 */
export function aacEntry(cookie: Uint8Array, rate: number, channels: number): Uint8Array {
  const version = new Uint8Array(4);
  if (cookie[0] === 3) return box('esds', version, cookie);
  const config = [...(cookie.length >= 2 && cookie.length <= 64 ? cookie : plainAac(rate, channels))];
  const decoder = descriptor(4, [0x40, 0x15], new Array<number>(11).fill(0), descriptor(5, config));
  return box('esds', version, Uint8Array.from(descriptor(3, [0, 1, 0], decoder, descriptor(6, [2]))));
}

/** The box `dOps` of a movie ("Encapsulation of Opus in ISO Base Media File Format", section 4.3.2). */
export function opusEntry(channels: number, rate: number): Uint8Array {
  const body = new DataView(new ArrayBuffer(11));
  body.setUint8(1, channels);
  // The priming is told by the table of packets and the movie's list of edits; the decoder shall not take it off again.
  body.setUint32(4, rate);
  return box('dOps', new Uint8Array(body.buffer));
}
