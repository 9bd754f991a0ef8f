/**
 * A zip archive of stored files: not compressed (weights do not shrink) and not copied. The archive is a Blob of small
 * headers with the files' own Blobs between them, so no byte of a file is in memory before the archive is read.
 *
 * Layout and numbers: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end).
 */
import { concat } from '../concat';
import { fault } from '../protocol';

export type ZipEntry = { path: string; blob: Blob; crc32: number };

/** Sizes and offsets are 32 bits; larger archives need an extension that not every unpacker knows. */
const MOST_BYTES = 0xffff_ffff;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const STORED = 0;
/** 1980-01-01, the first day a zip knows: the same files give the same archive, byte for byte. */
const TIME = 0;
const DATE = 0x21;

/** Throws EngineFailed for an archive over 4 GiB. */
export function zipOf(entries: ZipEntry[]): Blob {
  const parts: BlobPart[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const { path, blob, crc32 } of entries) {
    const name = new TextEncoder().encode(path);
    // The part that the local header and the directory share.
    const facts = [u16(VERSION), u16(FLAGS), u16(STORED), u16(TIME), u16(DATE)];
    facts.push(u32(crc32), u32(blob.size), u32(blob.size), u16(name.length), u16(0));
    const local = concat([u32(0x0403_4b50), ...facts, name]);
    // No comment, disk 0, no attributes.
    const rest = [u16(0), u16(0), u16(0), u32(0), u32(at), name];
    directory.push(concat([u32(0x0201_4b50), u16(VERSION), ...facts, ...rest]));
    parts.push(local, blob);
    at += local.length + blob.size;
  }
  const central = concat(directory);
  const end = [u32(0x0605_4b50), u16(0), u16(0), u16(entries.length), u16(entries.length)];
  parts.push(central, concat([...end, u32(central.length), u32(at), u16(0)]));
  if (at + central.length > MOST_BYTES) throw fault('EngineFailed', 'The archive would be larger than 4 GB.');
  return new Blob(parts, { type: 'application/zip' });
}

const u16 = (value: number) => Uint8Array.of(value & 255, value >>> 8);

function u32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
