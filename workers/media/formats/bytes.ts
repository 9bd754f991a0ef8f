/** Reading a container's headers out of a file: pieces of it, chunk after chunk, never the whole. */

/** More chunks than this before the sound are no recording. */
const MAX_CHUNKS = 4096;
/** A header chunk is read up to this length. Bytes. */
const MAX_BODY = 64 * 1024 * 1024;

/** @returns the bytes from `start` on, fewer at the end of the file */
export async function bytesAt(file: Blob, start: number, length: number): Promise<DataView<ArrayBuffer>> {
  return new DataView(await file.slice(start, start + Math.min(length, MAX_BODY)).arrayBuffer());
}

/** The letters at a byte; what is behind the end is left out. */
export function lettersAt(view: DataView, at: number, length: number): string {
  let text = '';
  for (let i = at; i < Math.min(at + length, view.byteLength); i++) text += String.fromCharCode(view.getUint8(i));
  return text;
}

/** A chunk's header: its name, where its body begins, how long that is as written (-1: to the end of the file). */
type Chunk = { name: string; start: number; size: number };

/** How a container writes the head of a chunk. */
export type ChunkStyle = {
  /** Bytes of the head. */
  head: number;
  /** Name and length of the body out of a head. */
  read(view: DataView): { name: string; size: number };
  /** Chunks begin at multiples of this many bytes. */
  align: number;
};

/**
 * The chunks of a file from `start` on. Ends at the end of the file, and at a head that cannot be one.
 * @throws what reading throws
 */
export async function* chunksOf(file: Blob, start: number, style: ChunkStyle): AsyncGenerator<Chunk, void> {
  for (let at = start, count = 0; at + style.head <= file.size && count < MAX_CHUNKS; count++) {
    const { name, size } = style.read(await bytesAt(file, at, style.head));
    yield { name, start: at + style.head, size };
    if (size < 0) return;
    const next = at + style.head + size;
    at = next + ((style.align - (next % style.align)) % style.align);
  }
}
