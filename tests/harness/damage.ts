/** What a disk, a network or a program does to a file. */
import type { Random } from '../unit/random.ts';

/** The same file with something wrong, and in words what. */
export function damaged(file: Uint8Array, random: Random, others: Uint8Array[]): { bytes: Uint8Array; how: string } {
  const bytes = file.slice();
  const { length } = bytes;
  const kind = random.whole(0, 8);
  // Headers decide most, so they are hit more often than their size would have it.
  const place = (): number =>
    random.next() < 0.5 ? random.whole(0, Math.min(600, length - 1)) : random.whole(0, length - 1);
  switch (kind) {
    case 0: {
      const to = random.whole(0, length - 1);
      return { bytes: bytes.subarray(0, to), how: `cut at ${to}` };
    }
    case 1: {
      const from = random.whole(0, length - 1);
      return { bytes: bytes.subarray(from), how: `begins at ${from}` };
    }
    case 2:
      for (let i = 0; i < 8; i++) bytes[place()] ^= 1 << random.whole(0, 7);
      return { bytes, how: 'eight bits turned' };
    case 3: {
      const at = place();
      const value = random.next() < 0.5 ? 0 : 255;
      bytes.fill(value, at, at + random.whole(1, 64));
      return { bytes, how: `${value} from ${at} on` };
    }
    case 4: {
      const at = place();
      for (let i = at; i < Math.min(length, at + random.whole(1, 4000)); i++) bytes[i] = random.whole(0, 255);
      return { bytes, how: `noise from ${at} on` };
    }
    case 5: {
      const at = random.whole(0, length - 1);
      const gone = random.whole(1, 3000);
      const out = new Uint8Array(at + Math.max(0, length - at - gone));
      out.set(bytes.subarray(0, at));
      out.set(bytes.subarray(Math.min(length, at + gone)), at);
      return { bytes: out, how: `${gone} bytes gone at ${at}` };
    }
    case 6: {
      const other = others[random.whole(0, others.length - 1)];
      const at = random.whole(0, length);
      const out = new Uint8Array(at + other.length);
      out.set(bytes.subarray(0, at));
      out.set(other, at);
      return { bytes: out, how: `another file from ${at} on` };
    }
    case 7: {
      const at = Math.min(length - 4, place());
      const view = new DataView(bytes.buffer);
      view.setUint32(
        Math.max(0, at),
        [0, 1, 0x7fffffff, 0xffffffff, length * 2][random.whole(0, 4)],
        random.next() < 0.5,
      );
      return { bytes, how: `a number at ${at}` };
    }
    default: {
      const at = random.whole(0, length - 1);
      const part = bytes.subarray(at, at + random.whole(1, 5000));
      const out = new Uint8Array(length + part.length);
      out.set(bytes.subarray(0, at));
      out.set(part, at);
      out.set(bytes.subarray(at), at + part.length);
      return { bytes: out, how: `${part.length} bytes twice at ${at}` };
    }
  }
}
