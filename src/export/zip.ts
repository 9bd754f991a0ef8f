/** Zip archives, written and read in slices so that the page goes on drawing. */
import { Unzip, UnzipInflate, Zip, ZipDeflate } from 'fflate';
import { t } from '../locale/text.ts';
import { inSlices } from '../slices.ts';

export type ZipEntry = { name: string; bytes: Uint8Array };

/** So much is compressed in one go: some milliseconds. */
const PIECE_BYTES = 128 * 1024;
/** So much is unpacked in one go: at the thousandfold that deflate reaches at most, 4 MB. */
const PACKED_PIECE_BYTES = 4096;

/** @param date of every entry */
export async function zipped(entries: readonly ZipEntry[], date: Date): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await zippedOneByOne(entries, date)).arrayBuffer());
}

/** As `zipped`, of entries that are made when their turn comes: one of them is in memory at a time. */
export async function zippedOneByOne(entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>, date: Date): Promise<Blob> {
  const parts: Uint8Array[] = [];
  let failed: Error | null = null;
  const zip = new Zip((error, part) => {
    failed ??= error;
    parts.push(part);
  });
  for await (const entry of entries) await inSlices(compress(zip, entry, date));
  zip.end();
  if (failed !== null) throw failed as Error;
  return new Blob(parts as Uint8Array<ArrayBuffer>[], { type: 'application/zip' });
}

function* compress(zip: Zip, { name, bytes }: ZipEntry, date: Date): Generator<void, void> {
  const file = new ZipDeflate(name, { level: 6 });
  file.mtime = date;
  zip.add(file);
  let from = 0;
  do {
    const to = Math.min(bytes.length, from + PIECE_BYTES);
    file.push(bytes.subarray(from, to), to === bytes.length);
    from = to;
    yield;
  } while (from < bytes.length);
}

/** Why an archive was not read to its end. */
export class ZipRefusal extends Error {}

type Unpacking = { name: string; parts: Uint8Array[]; bytes: number; done: boolean };

/**
 * The files of an archive in their order, unpacked one at a time. Names are only looked at, sizes that the archive claims
 * are not believed.
 * @param wanted by its name, whether a file is unpacked at all
 * @param most bytes of one file, and of all of them
 * @throws ZipRefusal where the archive is damaged, or unpacks to more than that
 */
export async function* unzipped(
  blob: Blob,
  wanted: (name: string) => boolean,
  most: { file: number; all: number },
): AsyncGenerator<ZipEntry, void> {
  let open: Unpacking[] = [];
  let all = 0;
  const fault = { first: null as Error | null };
  const unzip = new Unzip((file) => {
    if (!wanted(file.name)) return;
    const entry: Unpacking = { name: file.name, parts: [], bytes: 0, done: false };
    file.ondata = (error, part, final) => {
      if (error !== null) fault.first ??= error;
      else if (fault.first === null) {
        entry.parts.push(part);
        entry.bytes += part.length;
        all += part.length;
        entry.done = final;
        if (entry.bytes > most.file || all > most.all) fault.first = new ZipRefusal(t('It unpacks to far too much.'));
      }
    };
    open.push(entry);
    file.start();
  });
  unzip.register(UnzipInflate);
  const whole = function* (bytes: Uint8Array, last: boolean): Generator<void, void> {
    for (let at = 0; at < bytes.length && fault.first === null; at += PACKED_PIECE_BYTES) {
      const to = Math.min(bytes.length, at + PACKED_PIECE_BYTES);
      try {
        unzip.push(bytes.subarray(at, to), last && to === bytes.length);
      } catch (error) {
        fault.first = error instanceof Error ? error : new Error(String(error));
      }
      yield;
    }
  };
  for (let at = 0; at < blob.size; at += PIECE_BYTES) {
    const bytes = new Uint8Array(await blob.slice(at, at + PIECE_BYTES).arrayBuffer());
    await inSlices(whole(bytes, at + PIECE_BYTES >= blob.size));
    const done = open.filter((entry) => entry.done);
    open = open.filter((entry) => !entry.done);
    for (const { name, parts } of done) {
      yield { name, bytes: new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer()) };
    }
    if (fault.first !== null) throw fault.first instanceof ZipRefusal ? fault.first : new ZipRefusal('It is damaged.');
  }
  if (open.length > 0) throw new ZipRefusal('It is cut off.');
}

/**
 * Names for files that lie side by side: one that is there already gets a number before its extension. Compared as file
 * systems do that tell neither case nor composed from decomposed letters apart.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  const fold = (name: string) => name.normalize('NFC').toLowerCase();
  return names.map((name) => {
    const dot = name.lastIndexOf('.');
    const [stem, extension] = dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
    let unique = name;
    for (let number = 2; taken.has(fold(unique)); number += 1) unique = `${stem} (${number})${extension}`;
    taken.add(fold(unique));
    return unique;
  });
}
