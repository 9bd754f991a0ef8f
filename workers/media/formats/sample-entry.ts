/** What an MP4 says of a codec that mediabunny does not know: the sample entry of a track, found box by box. */
import { bytesAt, lettersAt } from './bytes';

/** Boxes on the way down to the sample entries. */
const CONTAINERS = ['moov', 'trak', 'mdia', 'minf', 'stbl'];
/** No file has more boxes at these levels. */
const MAX_BOXES = 20_000;
/** A sample entry is some hundred bytes; a longer one is damaged. */
const MAX_ENTRY = 1024 * 1024;

/**
 * @param name four letters of the codec
 * @param trackId as in the track's header; with one such entry only, whatever its number is
 * @returns the body of `stsd`, null where there is none
 */
export async function findSampleEntry(file: Blob, name: string, trackId: number): Promise<Uint8Array | null> {
  let boxes = 0;
  let current = -1;
  const found = new Map<number, Uint8Array>();
  const walk = async (from: number, to: number): Promise<void> => {
    for (let at = from; at + 8 <= to && boxes < MAX_BOXES; boxes++) {
      const head = await bytesAt(file, at, 16);
      if (head.byteLength < 8) return;
      const kind = lettersAt(head, 4, 4);
      const long = head.getUint32(0) === 1 && head.byteLength === 16;
      const size = long ? Number(head.getBigUint64(8)) : head.getUint32(0) || to - at;
      const body = at + (long ? 16 : 8);
      const end = Math.min(to, at + size);
      if (size < 8) return;
      if (CONTAINERS.includes(kind)) await walk(body, end);
      if (kind === 'tkhd') {
        const view = await bytesAt(file, body, 24);
        if (view.byteLength === 24) current = view.getUint32(view.getUint8(0) === 1 ? 20 : 12);
      }
      if (kind === 'stsd' && end - body <= MAX_ENTRY) {
        const view = await bytesAt(file, body, end - body);
        if (lettersAt(view, 12, 4) === name) found.set(current, new Uint8Array(view.buffer));
      }
      at = end;
    }
  };
  await walk(0, file.size);
  return found.get(trackId) ?? (found.size === 1 ? [...found.values()][0] : null);
}
