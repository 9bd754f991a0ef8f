/** The packets of ASF and what of one stream is in them ("Advanced Systems Format Specification" 01.20.03, section 5.2). */

/** A piece of a media object. Bytes; milliseconds on the file's clock, which begins with its preroll. */
type Payload = { object: number; offset: number; objectBytes: number; timeMs: number; bytes: Uint8Array };

/** Reads fields whose widths are told by two bits; behind the end everything is 0 and `ended` is set. */
class Cursor {
  readonly #view: DataView;
  at = 0;
  ended = false;

  constructor(packet: Uint8Array) {
    this.#view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  }

  read(bytes: 0 | 1 | 2 | 4): number {
    const at = this.at;
    this.at += bytes;
    if (this.at > this.#view.byteLength) {
      this.ended = true;
      return 0;
    }
    if (bytes === 0) return 0;
    return bytes === 1
      ? this.#view.getUint8(at)
      : bytes === 2
        ? this.#view.getUint16(at, true)
        : this.#view.getUint32(at, true);
  }

  /** @param code two bits: nothing, a byte, two, four */
  readWide(code: number): number {
    return this.read(([0, 1, 2, 4] as const)[code & 3]);
  }
}

/**
 * The payloads of one stream in a packet, in order. What does not fit the packet ends the list.
 * @param stream its number, 1 to 127
 */
export function payloadsOf(packet: Uint8Array, stream: number): Payload[] {
  const cursor = new Cursor(packet);
  let flags = cursor.read(1);
  if (flags & 0x80) {
    // Error correction data: its length in the low bits, unless other bits say that it is written in another way.
    if (flags & 0x60) return [];
    cursor.at += flags & 15;
    flags = cursor.read(1);
  }
  const widths = cursor.read(1);
  const stated = cursor.readWide(flags >> 5);
  cursor.readWide(flags >> 1); // sequence
  const padding = cursor.readWide(flags >> 3);
  cursor.at += 6; // when to send it, and for how long
  const end = (stated > 0 ? Math.min(stated, packet.length) : packet.length) - padding;
  const multiple = (flags & 1) === 1;
  const about = multiple ? cursor.read(1) : 1;
  const found: Payload[] = [];
  for (let i = 0; i < (about & 63) && !cursor.ended && cursor.at < end; i++) {
    const number = cursor.read(1) & 127;
    const object = cursor.readWide(widths >> 4);
    const offset = cursor.readWide(widths >> 2);
    const replicated = cursor.readWide(widths);
    // One byte stands for whole objects in a row: then the offset is their time.
    const grouped = replicated === 1;
    const after = cursor.at + replicated;
    const step = grouped ? cursor.read(1) : 0;
    const objectBytes = !grouped && replicated >= 8 ? cursor.read(4) : 0;
    const timeMs = grouped ? offset : replicated >= 8 ? cursor.read(4) : 0;
    cursor.at = after;
    const length = multiple ? cursor.readWide(about >> 6) : end - cursor.at;
    const start = cursor.at;
    if (cursor.ended || length <= 0 || start + length > end) break;
    cursor.at = start + length;
    if (number !== stream) continue;
    if (!grouped) {
      found.push({ object, offset, objectBytes, timeMs, bytes: packet.subarray(start, start + length) });
      continue;
    }
    for (let at = start, k = 0; at < start + length; k++) {
      const size = packet[at];
      const bytes = packet.subarray(at + 1, Math.min(at + 1 + size, start + length));
      found.push({ object: object + k, offset: 0, objectBytes: size, timeMs: timeMs + k * step, bytes });
      at += 1 + size;
    }
  }
  return found;
}

/** Puts the pieces of media objects together, as they come. */
export class ObjectJoiner {
  #object = -1;
  #bytes = new Uint8Array(0);
  #filled = 0;

  /** @returns the object that this payload completes; null while some of it is missing */
  add(payload: Payload): Uint8Array | null {
    const { object, offset, objectBytes, bytes } = payload;
    if (offset === 0 && (objectBytes === 0 || bytes.length >= objectBytes)) return bytes;
    if (offset === 0) {
      // A length that no sound has would only cost memory.
      this.#bytes = new Uint8Array(Math.min(objectBytes, 1 << 20));
      this.#object = object;
      this.#filled = 0;
    }
    if (object !== this.#object || offset !== this.#filled || offset + bytes.length > this.#bytes.length) {
      this.#object = -1; // a piece is missing: so is the object
      return null;
    }
    this.#bytes.set(bytes, offset);
    this.#filled += bytes.length;
    if (this.#filled < this.#bytes.length) return null;
    this.#object = -1;
    return this.#bytes;
  }
}
