/** The tag that many programs put before any kind of sound (https://id3.org/id3v2.4.0-structure, section 3). */
import { ascii } from './bytes';

/** Bytes of the ID3v2 tag that begins here, its header included; 0 where there is none. */
export function id3Length(head: Uint8Array): number {
  if (head.length < 10 || ascii(head, 0, 3) !== 'ID3' || head.subarray(6, 10).some((byte) => byte > 127)) return 0;
  const size = (head[6] << 21) | (head[7] << 14) | (head[8] << 7) | head[9];
  return 10 + size + (head[5] & 0x10 ? 10 : 0);
}
