/**
 * WAV with other sound in it than samples: ADPCM of dictaphones, GSM of phone systems, MP3; and the names of what stays
 * closed. Samples of any width, also of RIFX, are read by wav.ts. Chunks after Microsoft's "Multimedia Programming
 * Interface and Data Specifications 1.0"; 64-bit lengths after EBU Tech 3306 (RF64) and ITU-R BS.2088 (BW64).
 */
import { fault } from '../../protocol';
import { bytesAt, chunksOf, lettersAt, type ChunkStyle } from './bytes';
import { fileOfBlocks, type OwnFile } from './own-file';
import { A_LAW, FLOAT, MP3, MU_LAW, PCM, readWaveFormat, soundOfWave, type WaveFormat } from './wave-format';

/** From here on a length is what programs write that do not know it, or that ran out of 32 bits. */
const UNKNOWN_FROM = 0x7fff_0000;

/** Of these every sample stands by itself, and wav.ts reads them. */
const PLAIN = [PCM, FLOAT, A_LAW, MU_LAW];

/** @returns null: no WAV, or one that others read @throws UnsupportedFormat, named; DamagedFile */
export async function openWave(file: Blob, head: DataView): Promise<OwnFile | null> {
  const magic = lettersAt(head, 0, 4);
  if (!['RIFF', 'RIFX', 'RF64', 'BW64'].includes(magic) || lettersAt(head, 8, 4) !== 'WAVE') return null;
  const littleEndian = magic !== 'RIFX';
  const style: ChunkStyle = {
    head: 8,
    read: (view) => ({ name: lettersAt(view, 0, 4), size: view.getUint32(4, littleEndian) }),
    align: 2,
  };
  let format: WaveFormat | null = null;
  let frames: number | null = null;
  let longSize: number | null = null;
  for await (const { name, start, size } of chunksOf(file, 12, style)) {
    if (name === 'ds64' && size >= 16) longSize = Number((await bytesAt(file, start, 16)).getBigUint64(8, true));
    if (name === 'fact' && size >= 4) frames = (await bytesAt(file, start, 4)).getUint32(0, littleEndian);
    if (name === 'fmt ') {
      format = readWaveFormat(await bytesAt(file, start, Math.min(size, 4096)), littleEndian);
      if (!format || PLAIN.includes(format.tag)) return null;
    }
    if (name !== 'data') continue;
    if (!format) return null;
    const stated = size === 0xffffffff && longSize !== null ? longSize : size;
    const unknown = stated === 0 || (longSize === null && stated >= UNKNOWN_FROM && stated > file.size - start);
    const dataBytes = unknown ? null : stated;
    if (format.tag === MP3) {
      const there = Math.min(file.size - start, dataBytes ?? Infinity);
      const truncated = dataBytes !== null && dataBytes > there;
      return { blob: file.slice(start, start + there), container: 'WAVE', truncated, startSeconds: 0, sound: null };
    }
    const sound = soundOfWave(format, 'WAV');
    return fileOfBlocks(file, { ...sound, container: 'WAVE', dataStart: start, dataBytes, frames });
  }
  if (format) throw fault('DamagedFile', 'WAV without sound');
  return null;
}
