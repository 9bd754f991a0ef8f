/** A Blob's bytes, never more than one chunk of them in memory. */
import { createCRC32, createSHA256 } from 'hash-wasm';
import { fault } from '../protocol';
import { CHUNK_BYTES } from './chunks';
import { throwIfAborted } from './download';

/** Called with how many bytes were read since the last call. */
export type OnBytes = (bytes: number) => void;

/** Rejects with FileVanished when the disk no longer gives them, AbortError when stopped. */
export async function* slices(signal: AbortSignal, blob: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < blob.size; at += CHUNK_BYTES) {
    throwIfAborted(signal);
    const slice = blob.slice(at, at + CHUNK_BYTES);
    const buffer = await slice.arrayBuffer().catch((error: unknown) => {
      throw fault('FileVanished', String(error));
    });
    yield new Uint8Array(buffer);
  }
}

/** SHA-256 in hex. Rejects as `pieces` does. */
export async function hashOf(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onBytes: OnBytes = () => {},
): Promise<string> {
  const hasher = (await createSHA256()).init();
  for await (const bytes of pieces) {
    hasher.update(bytes);
    onBytes(bytes.byteLength);
  }
  return hasher.digest();
}

/** SHA-256 in hex. Rejects as `slices`. */
export const sha256Of = (signal: AbortSignal, blob: Blob, onBytes?: OnBytes) => hashOf(slices(signal, blob), onBytes);

/** Both sums of one reading: hex SHA-256, and CRC-32 as zip archives want it. Rejects as `slices`. */
export async function sumsOf(signal: AbortSignal, blob: Blob): Promise<{ sha256: string; crc32: number }> {
  const sha256 = (await createSHA256()).init();
  const crc32 = (await createCRC32()).init();
  for await (const bytes of slices(signal, blob)) {
    sha256.update(bytes);
    crc32.update(bytes);
  }
  return { sha256: sha256.digest(), crc32: parseInt(crc32.digest(), 16) };
}
