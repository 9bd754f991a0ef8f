/**
 * WAV headers that do not tell the truth. Recorders that write to a pipe, or that died, leave 0 or 0xFFFFFFFF as the
 * length; more than 4 GiB does not fit the field at all. mediabunny believes the header, so such a file is shown to it
 * with a better one: the blob is composed of slices, no sample is copied.
 */

const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;
const NAMES = new Map([
  [2, 'Microsoft ADPCM'],
  [0x11, 'IMA ADPCM'],
  [0x31, 'GSM 6.10'],
  [0x50, 'MPEG layer 2'],
  [0x55, 'MP3 in WAV'],
]);

/** What the first bytes of a WAV say. Null: not a WAV. Positions and sizes in bytes. */
export type WavHeader = {
  /** A codec in words that mediabunny cannot read, or null. */
  unsupported: string | null;
  /** The `fmt ` chunk with its own header; empty where it was not found before the data. */
  format: Uint8Array<ArrayBuffer>;
  dataStart: number;
  /** As written; 0 and 0xFFFFFFFF mean "unknown". */
  dataSize: number;
};

/**
 * Reads the chunks up to `data`.
 * @param head the first bytes of the file, enough to hold every chunk before the sound
 */
export function readWavHeader(head: Uint8Array<ArrayBuffer>): WavHeader | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const ascii = (at: number): string => String.fromCharCode(...head.subarray(at, at + 4));
  if (head.length < 12 || ascii(8) !== 'WAVE') return null;
  if (ascii(0) === 'RIFX')
    return { unsupported: 'big-endian WAV', format: new Uint8Array(0), dataStart: 0, dataSize: 0 };
  if (ascii(0) !== 'RIFF' && ascii(0) !== 'RF64') return null;
  let format = new Uint8Array(0);
  let unsupported: string | null = null;
  let longSize = -1;
  for (let at = 12; at + 8 <= head.length;) {
    const id = ascii(at);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (id === 'data') return { unsupported, format, dataStart: body, dataSize: longSize < 0 ? size : longSize };
    if (id === 'ds64' && body + 16 <= head.length) longSize = Number(view.getBigUint64(body + 8, true));
    if (id === 'fmt ' && size >= 16 && body + size <= head.length) {
      format = head.slice(at, body + size);
      let tag = view.getUint16(body, true);
      if (tag === EXTENSIBLE && size >= 26) tag = view.getUint16(body + 24, true);
      const bits = view.getUint16(body + 14, true);
      if (![PCM, FLOAT, A_LAW, MU_LAW].includes(tag)) unsupported = NAMES.get(tag) ?? `WAV format ${tag}`;
      else if (tag === PCM && ![8, 16, 24, 32].includes(bits)) unsupported = `${bits}-bit PCM`;
      else if (tag === FLOAT && ![32, 64].includes(bits)) unsupported = `${bits}-bit float`;
    }
    at = body + size + (size & 1);
  }
  return null;
}

/**
 * The header that says what is there: RF64 (EBU Tech 3306), whose sizes have 64 bits.
 * @param format the `fmt ` chunk with its header
 * @param dataBytes true size of the sound
 */
export function writeRf64Header(format: Uint8Array<ArrayBuffer>, dataBytes: number): Uint8Array<ArrayBuffer> {
  const padded = format.length + (format.length & 1);
  const header = new Uint8Array(12 + 36 + padded + 8);
  const view = new DataView(header.buffer);
  const ascii = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i++) header[at + i] = text.charCodeAt(i);
  };
  ascii(0, 'RF64');
  view.setUint32(4, 0xffffffff, true);
  ascii(8, 'WAVEds64');
  view.setUint32(16, 28, true);
  view.setBigUint64(20, BigInt(header.length - 8 + dataBytes), true);
  view.setBigUint64(28, BigInt(dataBytes), true);
  header.set(format, 48);
  ascii(48 + padded, 'data');
  view.setUint32(52 + padded, 0xffffffff, true);
  return header;
}

/**
 * A WAV as mediabunny should see it.
 * @param file the whole file
 * @param header its own header
 * @returns the same sound under a header that is true, and whether the file broke off before its stated end
 */
export function trueWav(file: Blob, header: WavHeader): { blob: Blob; truncated: boolean } {
  const there = file.size - header.dataStart;
  const unknown = header.dataSize === 0 || header.dataSize === 0xffffffff;
  // A stated size of 1 MiB in a file of 5 GiB is what is left of a size that did not fit in 32 bits.
  const wrapped = there > 0xffffffff && there % 2 ** 32 === header.dataSize;
  if (header.format.length === 0 || (!unknown && !wrapped && header.dataSize <= there)) {
    return { blob: file, truncated: false };
  }
  const blob = new Blob([writeRf64Header(header.format, there), file.slice(header.dataStart)]);
  return { blob, truncated: !unknown && !wrapped };
}
