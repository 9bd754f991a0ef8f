/** A Blob's bytes, never more than one chunk of them in memory. */
import { createSHA256 } from 'hash-wasm';
import { fault } from '../protocol';
import { CHUNK_BYTES } from './chunks';
import { throwIfAborted } from './download';

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

/** Hex. Rejects as `slices`. */
export async function sha256Of(signal: AbortSignal, blob: Blob): Promise<string> {
  const hasher = (await createSHA256()).init();
  for await (const bytes of slices(signal, blob)) hasher.update(bytes);
  return hasher.digest();
}
