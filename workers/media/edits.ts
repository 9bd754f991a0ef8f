/**
 * The edit list of a track in MP4 and QuickTime files: which parts of its sound are heard, and when (ISO/IEC 14496-12,
 * 8.6.6). mediabunny keeps the start of the first edit and drops the rest, so what a person trimmed away would be heard.
 */
import { ascii } from './bytes';

/** One entry. Seconds; `mediaStart` null: nothing is heard for so long. */
type Edit = { seconds: number; mediaStart: number | null; rate: number };

type EditList = {
  edits: Edit[];
  /** The sound comes in fragments: its length is not known from here, and the last edit's is not to be trusted. */
  fragmented: boolean;
};

/** A box: where its content is. Bytes. */
type Box = { type: string; from: number; to: number };

/** More boxes side by side than any file has. */
const MOST_BOXES = 100_000;

/** The boxes in [from, to). @throws what a failed read throws */
async function* boxes(file: Blob, from: number, to: number): AsyncGenerator<Box, void> {
  for (let at = from, seen = 0; at + 8 <= to && seen < MOST_BOXES; seen++) {
    const head = new DataView(await file.slice(at, at + 16).arrayBuffer());
    if (head.byteLength < 8) return;
    const short = head.getUint32(0);
    const long = short === 1 && head.byteLength === 16;
    const size = long ? Number(head.getBigUint64(8)) : short === 0 ? to - at : short;
    if (size < (long ? 16 : 8)) return;
    yield { type: ascii(new Uint8Array(head.buffer), 4), from: at + (long ? 16 : 8), to: Math.min(to, at + size) };
    at += size;
  }
}

async function child(file: Blob, box: Box, path: string[]): Promise<Box | null> {
  const [type, ...rest] = path;
  if (type === undefined) return box;
  for await (const inner of boxes(file, box.from, box.to)) {
    if (inner.type === type) return child(file, inner, rest);
  }
  return null;
}

async function view(file: Blob, box: Box | null): Promise<DataView | null> {
  return box && new DataView(await file.slice(box.from, Math.min(box.to, box.from + (1 << 20))).arrayBuffer());
}

/**
 * Whether the file's boxes can be counted at a glance. A recording written in fragments has one or two for each second
 * or so, and to know where it ends every one must be visited.
 * @param most boxes that are a glance
 * @throws what a failed read throws
 */
export async function isShort(file: Blob, most: number): Promise<boolean> {
  let seen = 0;
  for await (const { to } of boxes(file, 0, file.size)) if (++seen > most && to < file.size) return false;
  return true;
}

/** Units a second of a `mvhd` or `mdhd`; 0 where there is none. */
function timescale(header: DataView | null): number {
  if (!header || header.byteLength < 24) return 0;
  return header.getUint8(0) === 1 ? header.getUint32(20) : header.getUint32(12);
}

function readEdits(list: DataView, movieScale: number, mediaScale: number): Edit[] {
  const long = list.getUint8(0) === 1;
  const size = long ? 20 : 12;
  const count = Math.min(list.getUint32(4), Math.floor((list.byteLength - 8) / size));
  return Array.from({ length: count }, (_, i) => {
    const at = 8 + i * size;
    const units = long ? Number(list.getBigUint64(at)) : list.getUint32(at);
    const media = long ? Number(list.getBigInt64(at + 8)) : list.getInt32(at + 4);
    return {
      seconds: units / movieScale,
      mediaStart: media < 0 ? null : media / mediaScale,
      rate: list.getInt32(at + size - 4) / 65536,
    };
  });
}

/**
 * Reads a track's edit list.
 * @param trackId as in its `tkhd`
 * @returns null where it has none
 * @throws what a failed read throws
 */
export async function readEditList(file: Blob, trackId: number): Promise<EditList | null> {
  const movie = await child(file, { type: '', from: 0, to: file.size }, ['moov']);
  if (!movie) return null;
  const movieScale = timescale(await view(file, await child(file, movie, ['mvhd'])));
  const fragmented = (await child(file, movie, ['mvex'])) !== null;
  for await (const track of boxes(file, movie.from, movie.to)) {
    if (track.type !== 'trak') continue;
    const header = await view(file, await child(file, track, ['tkhd']));
    if (!header || header.byteLength < 24) continue;
    if ((header.getUint8(0) === 1 ? header.getUint32(20) : header.getUint32(12)) !== trackId) continue;
    const list = await view(file, await child(file, track, ['edts', 'elst']));
    const mediaScale = timescale(await view(file, await child(file, track, ['mdia', 'mdhd'])));
    if (!list || list.byteLength < 8 || movieScale === 0 || mediaScale === 0) return null;
    return { edits: readEdits(list, movieScale, mediaScale), fragmented };
  }
  return null;
}

/** What is heard: [from, to) of the track's media clock from `at` seconds of the file's clock on. */
type Cut = { at: number; from: number; to: number };

/**
 * The cuts that an edit list asks for, in order.
 * @returns empty where the list plays nothing at all
 */
export function cutsOf({ edits, fragmented }: EditList): Cut[] {
  const cuts: Cut[] = [];
  let at = 0;
  for (const [i, { seconds, mediaStart, rate }] of edits.entries()) {
    // A rate of 0 holds a picture still. Without a length the edit plays to the end, which fragments are written after.
    const open = seconds === 0 || (fragmented && i === edits.length - 1);
    if (mediaStart !== null && rate !== 0) {
      const to = open ? Infinity : mediaStart + seconds;
      const last = cuts.at(-1);
      // Cut and not moved: the sound goes on, and so does its decoder.
      const goesOn =
        last && Math.abs(last.to - mediaStart) < 1e-6 && Math.abs(last.at + last.to - last.from - at) < 1e-6;
      if (goesOn) last.to = to;
      else cuts.push({ at, from: mediaStart, to });
    }
    at += seconds;
  }
  return cuts;
}

/** What mediabunny adds to the media clock of a track with this list to get its own. Seconds. */
export function clockShift(edits: Edit[]): number {
  let silent = 0;
  for (const { seconds, mediaStart, rate } of edits) {
    if (mediaStart !== null) return rate === 1 ? silent - mediaStart : 0;
    silent += seconds;
  }
  return 0;
}
