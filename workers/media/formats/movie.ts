/**
 * Shows a recording to mediabunny as a QuickTime movie with one sound track: a header with a table of the packets, and
 * behind it the file as it is. The blob is composed, no sample is copied; seeking, reading ahead and giving up are then
 * mediabunny's, as for every other file. Boxes after ISO/IEC 14496-12 and Apple's QuickTime File Format Specification.
 */
import { concat } from '../../concat';

/** Where the packets of a recording lie, in order: bytes from the start of the file, and how many frames each holds. */
export type PacketTable = { offsets: number[]; sizes: number[]; frames: number[] };

export type MovieSound = {
  /** Four letters: the name of the codec for mediabunny. One it does not know makes a track that is decoded here. */
  name: string;
  rate: number;
  channels: number;
  /** Boxes behind the sample entry: what the codec needs to begin. */
  extra?: Uint8Array;
  /** Frames at the start that are not part of the recording. */
  priming?: number;
};

/** Big-endian fields: [bytes, value]; values of eight bytes up to 2^53. */
function fields(...list: [bytes: 1 | 2 | 4 | 8, value: number][]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(list.reduce((sum, [bytes]) => sum + bytes, 0));
  const view = new DataView(all.buffer);
  let at = 0;
  for (const [bytes, value] of list) {
    if (bytes === 8) view.setBigUint64(at, BigInt(value));
    else if (bytes === 4) view.setUint32(at, value >>> 0);
    else if (bytes === 2) view.setUint16(at, value);
    else view.setUint8(at, value);
    at += bytes;
  }
  return all;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** A box: its length, its name, what is in it. */
export function box(name: string, ...inside: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = concat(inside);
  return concat([fields([4, 8 + body.length]), ascii(name), body]);
}

/** A table of equal numbers in a row, as `stts` wants it: [how many, of which]. */
function runs(values: number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last?.[1] === value) last[0]++;
    else found.push([1, value]);
  }
  return found;
}

/** An identity matrix of a movie or track header. */
const MATRIX = fields(...[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map((value) => [4, value] as [4, number]));

function header(sound: MovieSound, table: PacketTable, shift: number): Uint8Array<ArrayBuffer> {
  const { name, rate, channels, extra = new Uint8Array(0), priming = 0 } = sound;
  const total = table.frames.reduce((sum, frames) => sum + frames, 0);
  // What is longer than 32 bits of frames needs version 1 of the headers.
  const entry = box(
    name,
    fields([4, 0], [2, 0], [2, 1], [8, 0], [2, channels], [2, 16], [4, 0], [4, Math.min(rate, 65535) * 65536]),
    extra,
  );
  const numbers = (values: number[], bytes: 4 | 8): Uint8Array => {
    const all = new Uint8Array(values.length * bytes);
    const view = new DataView(all.buffer);
    for (let i = 0; i < values.length; i++) {
      if (bytes === 4) view.setUint32(i * 4, values[i]);
      else view.setBigUint64(i * 8, BigInt(values[i]));
    }
    return all;
  };
  const times = runs(table.frames);
  const stbl = box(
    'stbl',
    box('stsd', fields([4, 0], [4, 1]), entry),
    box('stts', fields([4, 0], [4, times.length]), numbers(times.flat(), 4)),
    box('stsc', fields([4, 0], [4, 1], [4, 1], [4, 1], [4, 1])),
    box('stsz', fields([4, 0], [4, 0], [4, table.sizes.length]), numbers(table.sizes, 4)),
    box(
      'co64',
      fields([4, 0], [4, table.offsets.length]),
      numbers(
        table.offsets.map((offset) => offset + shift),
        8,
      ),
    ),
  );
  const minf = box(
    'minf',
    box('smhd', fields([8, 0])),
    box('dinf', box('dref', fields([4, 0], [4, 1]), box('url ', fields([4, 1])))),
    stbl,
  );
  const mdia = box(
    'mdia',
    box('mdhd', fields([1, 1], [1, 0], [2, 0], [8, 0], [8, 0], [4, rate], [8, total], [2, 0x55c4], [2, 0])),
    box('hdlr', fields([4, 0]), ascii('mhlrsoun'), fields([8, 0], [4, 0], [1, 0])),
    minf,
  );
  const length = Math.max(0, total - priming);
  const edits = box(
    'edts',
    box('elst', fields([1, 1], [1, 0], [2, 0], [4, 1], [8, length], [8, priming], [4, 0x10000])),
  );
  const tkhd = box(
    'tkhd',
    fields(
      [1, 1],
      [1, 0],
      [2, 7],
      [8, 0],
      [8, 0],
      [4, 1],
      [4, 0],
      [8, length],
      [8, 0],
      [2, 0],
      [2, 0],
      [2, 256],
      [2, 0],
    ),
    MATRIX,
    fields([8, 0]),
  );
  const mvhd = box(
    'mvhd',
    fields([1, 1], [1, 0], [2, 0], [8, 0], [8, 0], [4, rate], [8, length], [4, 0x10000], [2, 256], [2, 0], [8, 0]),
    MATRIX,
    fields([8, 0], [8, 0], [8, 0], [4, 2]),
  );
  const trak = priming > 0 ? box('trak', tkhd, edits, mdia) : box('trak', tkhd, mdia);
  return concat([box('ftyp', ascii('qt  '), fields([4, 0]), ascii('qt  ')), box('moov', mvhd, trak)]);
}

/**
 * @param file as it is on disk
 * @returns a movie whose sound is that of `file`
 */
export function asMovie(file: Blob, sound: MovieSound, table: PacketTable): Blob {
  // The header's length does not depend on the offsets in it, so it is made once to be measured.
  const { length } = header(sound, table, 0);
  const data = concat([fields([4, 1]), ascii('mdat'), fields([8, file.size + 16])]);
  return new Blob([header(sound, table, length + data.length), data, file]);
}
