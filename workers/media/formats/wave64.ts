/** Wave64, Sony Pictures Digital's WAV without a limit: chunks named by GUIDs, lengths of 64 bits ("Sony Wave64", 2006). */
import { fault } from '../../protocol';
import { bytesAt, chunksOf, lettersAt, type ChunkStyle } from './bytes';
import { fileOfBlocks, type OwnFile } from './own-file';
import { readWaveFormat, soundOfWave, type WaveFormat } from './wave-format';

/** Every chunk's GUID is its four letters and this; the file's own has another tail. */
const TAIL = [0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0x00, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a];
const RIFF_TAIL = [0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00];

function hasTail(view: DataView, at: number, tail: number[]): boolean {
  return at + 16 <= view.byteLength && tail.every((byte, i) => view.getUint8(at + 4 + i) === byte);
}

const STYLE: ChunkStyle = {
  head: 24,
  // Lengths count the head; one smaller than that ends the search.
  read: (view) => ({
    name: hasTail(view, 0, TAIL) ? lettersAt(view, 0, 4) : '',
    size: Number(view.getBigUint64(16, true)) - 24,
  }),
  align: 8,
};

/** @returns null: not Wave64 @throws UnsupportedFormat, named; DamagedFile */
export async function openWave64(file: Blob, head: DataView): Promise<OwnFile | null> {
  if (lettersAt(head, 0, 4) !== 'riff' || !hasTail(head, 0, RIFF_TAIL) || !hasTail(head, 24, TAIL)) return null;
  let format: WaveFormat | null = null;
  let frames: number | null = null;
  for await (const { name, start, size } of chunksOf(file, 40, STYLE)) {
    if (name === 'fmt ') format = readWaveFormat(await bytesAt(file, start, Math.min(size, 4096)), true);
    if (name === 'fact' && size >= 8) frames = Number((await bytesAt(file, start, 8)).getBigUint64(0, true));
    if (name !== 'data' || !format) continue;
    const sound = soundOfWave(format, 'Wave64');
    // A recorder that died leaves an empty chunk, or all ones.
    const dataBytes = size <= 0 || size >= 2 ** 62 ? null : size;
    return fileOfBlocks(file, { ...sound, container: 'Wave64', dataStart: start, dataBytes, frames });
  }
  throw fault('DamagedFile', 'Wave64 without sound');
}
