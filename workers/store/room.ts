/** Is there room on the disk? */
import { fault } from '../protocol';

/** IndexedDB's own books and the copy it makes of a chunk while writing it. */
const MARGIN_BYTES = 16 * 1024 * 1024;

/** Rejects with StorageFull when the browser says that `neededBytes` cannot fit. Silent when it does not say. */
export async function makeSureOfRoom(neededBytes: number): Promise<void> {
  const free = await freeBytes();
  if (free !== null && neededBytes > 0 && neededBytes + MARGIN_BYTES > free) throw noRoom(neededBytes, free);
}

/**
 * StorageFull with what is known: "206190057 bytes needed, 1048576 bytes free". Chromium says 10 GiB free whatever the
 * truth (measured in 156 with a quota of 20 MB); a number that a failed write contradicts is left out.
 */
function noRoom(neededBytes: number, free: number | null): Error {
  const known = free !== null && free < neededBytes + MARGIN_BYTES;
  return fault('StorageFull', `${neededBytes} bytes needed${known ? `, ${Math.round(free)} bytes free` : ''}`);
}

/** A full disk, with how much more was needed; any other error as it is. */
export async function withRoomSaid(error: unknown, neededBytes: number): Promise<unknown> {
  const full = error instanceof Error && error.name === 'StorageFull';
  return full ? noRoom(neededBytes, await freeBytes()) : error;
}

/** What the browser grants this origin on top of what it uses; null when it does not say. */
async function freeBytes(): Promise<number | null> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
  } catch {
    return null;
  }
}
