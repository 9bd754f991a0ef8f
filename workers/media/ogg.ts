/**
 * Where the links of a chained Ogg begin and end (RFC 3533, section 4: one stream written behind another, as internet
 * radio and `cat` do). mediabunny reads the first one and stops, so each link is shown to it as a file of its own.
 */
import { ascii, ByteWindow } from './bytes';

/** A link: bytes [from, to) of the file, whole pages only. */
type OggLink = { from: number; to: number };

export type OggChain = {
  links: OggLink[];
  /** The file ends in the middle of a page. */
  cut: boolean;
};

const HEADER = 27;
/** Bytes without a page after which the rest is taken for no Ogg. */
const MOST_JUNK = 1 << 20;

/** Position of the next page from `from` on; null: none within reach. */
async function nextPage(window: ByteWindow, from: number): Promise<number | null> {
  for (let at = from; at < window.file.size && at - from < MOST_JUNK;) {
    const bytes = await window.at(at, Math.min(1 << 14, window.file.size - at));
    for (let i = bytes.indexOf(0x4f); i >= 0; i = bytes.indexOf(0x4f, i + 1)) {
      if (ascii(bytes, i) === 'OggS' && bytes[i + 4] === 0) return at + i;
    }
    at += Math.max(1, bytes.length - 4);
  }
  return null;
}

/**
 * Walks every page of the file, header by header.
 * @returns null where there is no page in the file's first megabyte
 * @throws what a failed read throws
 */
export async function oggChain(file: Blob): Promise<OggChain | null> {
  const window = new ByteWindow(file);
  const links: OggLink[] = [];
  let beginning = false;
  let cut = false;
  for (let at = 0; at < file.size;) {
    const head = window.held(at, HEADER + 255) ?? (await window.at(at, HEADER + 255));
    if (head.length < HEADER || ascii(head, 0) !== 'OggS' || head[4] !== 0) {
      const next = await nextPage(window, at + 1);
      if (next === null) break;
      at = next;
      continue;
    }
    const segments = head[26];
    let bytes = HEADER + segments;
    for (let i = 0; i < segments; i++) bytes += head[HEADER + i] ?? 0;
    // The first pages of all streams of a link stand together at its beginning.
    const begins = (head[5] & 2) !== 0;
    if (begins && !beginning) {
      const last = links.at(-1);
      if (last) last.to = at;
      links.push({ from: at, to: file.size });
    }
    beginning = begins;
    if (at + bytes > file.size) {
      // mediabunny takes a page's header for a promise, so a page that is cut short is not shown to it.
      cut = true;
      const last = links.at(-1);
      if (last) last.to = at;
      break;
    }
    at += bytes;
  }
  return links.length === 0 ? null : { links, cut };
}
