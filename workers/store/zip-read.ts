/**
 * Reads a zip archive from its directory at the end: what it holds is known before a byte of it is unpacked, and each
 * entry is read where it lies. A stored entry is a slice of the archive; a deflated one is unpacked a piece at a time.
 * Nothing in an archive is trusted: not its names, not its sizes.
 *
 * Written here because no library gives what an import of gigabytes needs. fflate's `Unzip` reads from the front and has
 * no directory: it inflates what will not be taken, and believes the sizes in front of each entry. @zip.js/zip.js 2.24 reads
 * the directory, but passes every byte of a stored entry, which is what this page itself writes, through a chain of
 * streams, and its reader alone is 22.7 kB compressed where this is 1.7 kB (2026-11). The refusals below would have to be
 * written around either. The unpacking itself is the browser's (`DecompressionStream`).
 *
 * Layout and numbers: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (end).
 */
import { fault } from '../protocol';
import { slices } from './bytes';
import { throwIfAborted } from './download';

/** `bytes`: unpacked, as the directory says. `name`: only ever shown. */
type ZipFile = { name: string; bytes: number; packedBytes: number; method: number; at: number };

/** Why an archive or a part of it is not read: the message is a sentence for the person. */
export class Refusal extends Error {}

const CUT_OFF = 'This archive is cut off or damaged. Copy or download it again.';
/** A model has a dozen files; the hub's whole folder of one has sixty. */
const MOST_ENTRIES = 10_000;
const MOST_DIRECTORY_BYTES = 16 * 1024 * 1024;
const END_BYTES = 22;
const COMMENT_BYTES = 0xffff;
const LOCAL_BYTES = 30;
const ENTRY_BYTES = 46;
const STORED = 0;
const DEFLATED = 8;
const AES = 99;

/** By its first bytes: a file, or an archive without one. */
export async function isZip(blob: Blob): Promise<boolean> {
  const view = await viewOf(blob.slice(0, 4));
  return view.byteLength === 4 && [0x0403_4b50, 0x0605_4b50].includes(view.getUint32(0, true));
}

/**
 * The files of an archive, folders left out.
 * Rejects with Refusal in words for an archive that is cut off, locked, split or put together to do harm.
 */
export async function listZip(blob: Blob): Promise<ZipFile[]> {
  const { count, start, length } = await findDirectory(blob);
  if (count > MOST_ENTRIES || length > MOST_DIRECTORY_BYTES)
    throw new Refusal(`This archive has ${count} files: too many to be a model.`);
  if (start + length > blob.size) throw new Refusal(CUT_OFF);
  const view = await viewOf(blob.slice(start, start + length));
  const files: ZipFile[] = [];
  let packed = 0;
  for (let at = 0, left = count; left > 0; left -= 1) {
    if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== 0x0201_4b50) throw new Refusal(CUT_OFF);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const end = at + ENTRY_BYTES + nameLength + extraLength + view.getUint16(at + 32, true);
    if (end > view.byteLength) throw new Refusal(CUT_OFF);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    if ((flags & 1) === 1 || method === AES)
      throw new Refusal('This archive is locked with a password. Unpack it first and choose the folder.');
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, at + ENTRY_BYTES, nameLength));
    const file = { name, method, ...placeOf(view, at, at + ENTRY_BYTES + nameLength, extraLength) };
    packed += file.packedBytes;
    if (!name.endsWith('/')) files.push(file);
    at = end;
  }
  // Entries that share their bytes: how a small archive unpacks to petabytes without a telling ratio.
  if (packed > blob.size) throw new Refusal('The files of this archive overlap: it was made to do harm.');
  return files;
}

/**
 * The unpacked bytes of an entry, a piece at a time and never more than the directory says.
 * Rejects with Refusal in words, FileVanished when the archive cannot be read any more, AbortError when stopped.
 */
export async function* unpack(signal: AbortSignal, blob: Blob, file: ZipFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const head = await viewOf(blob.slice(file.at, file.at + LOCAL_BYTES));
  if (head.byteLength < LOCAL_BYTES || head.getUint32(0, true) !== 0x0403_4b50) throw new Refusal(CUT_OFF);
  const start = file.at + LOCAL_BYTES + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = blob.slice(start, start + file.packedBytes);
  if (packed.size < file.packedBytes) throw new Refusal(CUT_OFF);
  let bytes = 0;
  for await (const piece of inflated(signal, packed, file.method)) {
    bytes += piece.byteLength;
    if (bytes > file.bytes) throw new Refusal('It unpacks to more than the archive says.');
    yield piece;
  }
  if (bytes < file.bytes) throw new Refusal(CUT_OFF);
}

async function* inflated(signal: AbortSignal, packed: Blob, method: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (method === STORED) {
    yield* slices(signal, packed);
    return;
  }
  if (method !== DEFLATED)
    throw new Refusal(
      `It is packed in a way this page cannot open (${method}). Unpack it first and choose the folder.`,
    );
  const reader = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (;;) {
      throwIfAborted(signal);
      const { done, value } = await reader.read().catch((error: unknown) => {
        // Bytes that are no deflate stream are a TypeError; anything else is the disk.
        throw error instanceof TypeError ? new Refusal(CUT_OFF) : fault('FileVanished', String(error));
      });
      if (done) return;
      yield value;
    }
  } finally {
    // Lets go of the archive wherever the reading stopped; a stream that failed has nothing to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

/** Where the directory lies, from the end of the archive. */
async function findDirectory(blob: Blob): Promise<{ count: number; start: number; length: number }> {
  const tailStart = Math.max(0, blob.size - END_BYTES - COMMENT_BYTES);
  const tail = await viewOf(blob.slice(tailStart));
  let at = tail.byteLength - END_BYTES;
  const isEnd = () =>
    tail.getUint32(at, true) === 0x0605_4b50 && at + END_BYTES + tail.getUint16(at + 20, true) === tail.byteLength;
  while (at >= 0 && !isEnd()) at -= 1;
  if (at < 0) throw new Refusal(CUT_OFF);
  if (tail.getUint16(at + 4, true) !== 0)
    throw new Refusal('This is one part of a split archive. Join the parts first.');
  const plain = {
    count: tail.getUint16(at + 10, true),
    length: tail.getUint32(at + 12, true),
    start: tail.getUint32(at + 16, true),
  };
  // Zip64: a locator just before the end says where the same facts stand in 64 bits.
  const large = plain.count === 0xffff || plain.length === 0xffff_ffff || plain.start === 0xffff_ffff;
  if (!large || at < 20 || tail.getUint32(at - 20, true) !== 0x0706_4b50) return plain;
  const end64 = await viewOf(blob.slice(long(tail, at - 12), long(tail, at - 12) + 56));
  if (end64.byteLength < 56 || end64.getUint32(0, true) !== 0x0606_4b50) throw new Refusal(CUT_OFF);
  return { count: long(end64, 32), length: long(end64, 40), start: long(end64, 48) };
}

/** Sizes and offset of a directory entry; those that do not fit 32 bits stand in its extra field 1, in this order. */
function placeOf(view: DataView, entry: number, extra: number, extraLength: number) {
  const place = {
    bytes: view.getUint32(entry + 24, true),
    packedBytes: view.getUint32(entry + 20, true),
    at: view.getUint32(entry + 42, true),
  };
  for (let at = extra; at + 4 <= extra + extraLength;) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let next = at + 4;
      for (const name of ['bytes', 'packedBytes', 'at'] as const) {
        if (place[name] === 0xffff_ffff && next + 8 <= Math.min(end, view.byteLength)) {
          place[name] = long(view, next);
          next += 8;
        }
      }
    }
    at = end;
  }
  return place;
}

const long = (view: DataView, at: number) => Number(view.getBigUint64(at, true));

/** Rejects with FileVanished. */
async function viewOf(blob: Blob): Promise<DataView<ArrayBuffer>> {
  const buffer = await blob.arrayBuffer().catch((error: unknown) => {
    throw fault('FileVanished', String(error));
  });
  return new DataView(buffer);
}
