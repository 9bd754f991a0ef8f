/** Reads a file from front to back in pieces, so that a scan of millions of small headers asks the disk a few times. */

/** Bytes read at once. */
const WINDOW = 1 << 18;

export class ByteWindow {
  readonly file: Blob;
  #start = 0;
  #held = new Uint8Array(0);

  constructor(file: Blob) {
    this.file = file;
  }

  /**
   * The bytes at `position`, fewer than `length` only where the file ends. Valid until the next call.
   * @throws what a failed read of the file throws
   */
  async at(position: number, length: number): Promise<Uint8Array> {
    return this.held(position, length) ?? (await this.#read(position, length));
  }

  /** As `at`, without a wait; null where the bytes are not in memory. */
  held(position: number, length: number): Uint8Array | null {
    const from = position - this.#start;
    if (from < 0 || from + length > this.#held.length) return null;
    return this.#held.subarray(from, from + length);
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    const end = Math.min(this.file.size, position + Math.max(length, WINDOW));
    if (position >= end) return new Uint8Array(0);
    this.#held = new Uint8Array(await this.file.slice(position, end).arrayBuffer());
    this.#start = position;
    return this.#held.subarray(0, length);
  }
}

/** Four characters of ASCII at `at`; shorter where the bytes end. */
export function ascii(bytes: Uint8Array, at: number, length = 4): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
