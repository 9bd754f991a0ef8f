/** AC-3 and E-AC-3 without a container: frame after frame, each with its own head (ATSC A/52:2018, section 5.3 and annex E). */
import { fault } from '../../protocol';
import { ac3 } from '../codecs/borrowed';
import { bytesAt } from './bytes';
import type { PacketTable } from './movie';
import { fileOfPackets, type OwnFile } from './own-file';

const RATES = [48000, 44100, 32000];
/** kbit/s by half the code (table 5.18). */
const BITRATES = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];
/** Blocks of 256 samples in a frame of E-AC-3, by code. */
const BLOCKS = [1, 2, 3, 6];
const HEAD = 7;
const SLAB = 4 * 1024 * 1024;
/** How far the first frame may lie in, and how many bytes of damage are searched for the next one. */
const SEARCH = 256 * 1024;

type Ac3Frame = {
  bytes: number;
  rate: number;
  channels: number;
  /** Samples of each channel. */
  samples: number;
  enhanced: boolean;
  /** Belongs to the frame before: further channels of the same moment. */
  dependent: boolean;
};

/** @returns null where no frame begins */
function readAc3Frame(view: DataView, at: number): Ac3Frame | null {
  if (at + HEAD > view.byteLength || view.getUint16(at) !== 0x0b77) return null;
  const byte = (i: number): number => view.getUint8(at + i);
  const version = byte(5) >> 3;
  const rateCode = byte(4) >> 6;
  if (version > 10 && version <= 16) {
    const type = byte(2) >> 6;
    const bytes = 2 * ((((byte(2) & 7) << 8) | byte(3)) + 1);
    const half = rateCode === 3;
    const rate = half ? RATES[(byte(4) >> 4) & 3] / 2 : RATES[rateCode];
    if (type === 3 || !rate || bytes < HEAD) return null;
    const samples = 256 * (half ? 6 : BLOCKS[(byte(4) >> 4) & 3]);
    const channels = CHANNELS[(byte(4) >> 1) & 7] + (byte(4) & 1);
    // Another program's frame beside the first one's says a number above 0: it is not heard either.
    return { bytes, rate, channels, samples, enhanced: true, dependent: type === 1 || ((byte(2) >> 3) & 7) > 0 };
  }
  const sizeCode = byte(4) & 63;
  if (version > 10 || rateCode === 3 || sizeCode > 37) return null;
  const kilobits = BITRATES[sizeCode >> 1];
  const words = [kilobits * 2, Math.floor((kilobits * 320) / 147) + (sizeCode & 1), kilobits * 3][rateCode];
  const rate = RATES[rateCode] / (version > 8 ? 2 ** (version - 8) : 1);
  const mode = byte(6) >> 5;
  // Levels of mixing stand before the bit that says whether there is a bass channel.
  const levels = (mode & 1 && mode !== 1 ? 2 : 0) + (mode & 4 ? 2 : 0) + (mode === 2 ? 2 : 0);
  const channels = CHANNELS[mode] + ((byte(6) >> (4 - levels)) & 1);
  return { bytes: words * 2, rate, channels, samples: 1536, enhanced: false, dependent: false };
}

/** @returns null: not AC-3 @throws what reading throws */
export async function openAc3(file: Blob, head: DataView): Promise<OwnFile | null> {
  const first = readAc3Frame(head, 0);
  // Two bytes are found in any file: the frame after must be one too, or the file end with this one.
  if (!first || (first.bytes < file.size && !readAc3Frame(await bytesAt(file, first.bytes, HEAD), 0))) return null;
  const table: PacketTable = { offsets: [], sizes: [], frames: [] };
  let at = 0;
  let cut = false;
  let lost = 0;
  while (at < file.size && lost < SEARCH) {
    const slab = await bytesAt(file, at, SLAB);
    let local = 0;
    while (local + HEAD <= slab.byteLength && lost < SEARCH) {
      const frame = readAc3Frame(slab, local);
      if (!frame || frame.rate !== first.rate) {
        local++;
        lost++;
        continue;
      }
      if (local + frame.bytes > slab.byteLength) break;
      lost = 0;
      const last = table.sizes.length - 1;
      if (frame.dependent && last >= 0 && table.offsets[last] + table.sizes[last] === at + local) {
        table.sizes[last] += frame.bytes;
      } else if (!frame.dependent) {
        table.offsets.push(at + local);
        table.sizes.push(frame.bytes);
        table.frames.push(frame.samples);
      }
      local += frame.bytes;
    }
    if (local === 0) {
      cut = slab.byteLength >= 2 && slab.getUint16(0) === 0x0b77;
      break;
    }
    at += local;
  }
  if (table.sizes.length === 0) throw fault('DamagedFile', 'AC-3 without a whole frame');
  const { rate, channels } = first;
  const samples = table.frames.reduce((sum, frames) => sum + frames, 0);
  const about = { container: 'AC-3', codec: first.enhanced ? 'ec-3' : 'ac-3', rate, channels, decoder: ac3 };
  return fileOfPackets(file, about, table, { seconds: samples / rate, truncated: cut });
}
