/** One question to a Matroska or WebM file that its index cannot answer: is the file as long as it says? */

/** Reads an EBML number (RFC 8794, section 4). `value` is null for "unknown size". */
function readSize(bytes: Uint8Array, at: number): { value: number | null; length: number } | null {
  const first = bytes[at];
  if (!first) return null;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return null;
  let value = first & (0xff >> length);
  let unknown = value === 0xff >> length;
  for (let i = 1; i < length; i++) {
    value = value * 256 + bytes[at + i];
    unknown &&= bytes[at + i] === 0xff;
  }
  return { value: unknown ? null : value, length };
}

/**
 * Where the Segment element says it ends, in bytes. Durations cannot tell a cut file: they are those of the longest
 * track, and sound may well end before the picture.
 * @param head the first bytes of the file, 1 KiB is plenty
 * @returns null where this is no Matroska, or the size was not known when it was written
 */
export function segmentEnd(head: Uint8Array): number | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 16 || view.getUint32(0) !== 0x1a45dfa3) return null;
  const header = readSize(head, 4);
  if (!header || header.value === null) return null;
  const segment = 4 + header.length + header.value;
  if (segment + 12 > head.length || view.getUint32(segment) !== 0x18538067) return null;
  const size = readSize(head, segment + 4);
  return size && size.value !== null ? segment + 4 + size.length + size.value : null;
}
