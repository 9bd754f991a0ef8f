/** The frames of AMR and AMR-WB in the storage format (RFC 4867, section 5). */
export const AMR_MAGIC = '#!AMR\n';
export const AMR_WB_MAGIC = '#!AMR-WB\n';

/** Bytes of a frame by its type, its first byte included; 0: not a type of frame. RFC 4867, section 5.3, and 3GPP TS 26.101, 26.201. */
const NARROW = [13, 14, 16, 18, 20, 21, 27, 32, 6, 6, 6, 6, 0, 0, 0, 1];
const WIDE = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1];

/** Length of the frame that begins with this byte; 0 where none does: four of its bits must be zero. */
export function frameBytes(first: number, wide: boolean): number {
  return (first & 0x83) === 0 ? (wide ? WIDE : NARROW)[(first >> 3) & 15] : 0;
}

/** The whole frames of a packet as [start, end). What cannot be the head of a frame is stepped over. */
export function* amrFrames(packet: Uint8Array, wide: boolean): Generator<[number, number]> {
  for (let at = 0; at < packet.length;) {
    const length = frameBytes(packet[at], wide);
    if (length === 0) at++;
    else {
      if (at + length > packet.length) return;
      yield [at, at + length];
      at += length;
    }
  }
}
