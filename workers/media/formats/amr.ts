/** AMR and AMR-WB as phones record them: frames one after another behind a magic line (RFC 4867, section 5). */
import { fault } from '../../protocol';
import { AMR_MAGIC, AMR_WB_MAGIC, frameBytes } from '../codecs/amr-frames';
import { amr } from '../codecs/borrowed';
import { bytesAt, lettersAt } from './bytes';
import type { PacketTable } from './movie';
import { fileOfPackets, type OwnFile } from './own-file';

/** Frames put together to one packet: a quarter of a second. */
const PER_PACKET = 12;
/** How much is read at once while frames are counted. Bytes. */
const SLAB = 1024 * 1024;

/** @returns null: not AMR @throws UnsupportedFormat, named; DamagedFile */
export async function openAmr(file: Blob, head: DataView): Promise<OwnFile | null> {
  if (lettersAt(head, 0, 5) !== '#!AMR') return null;
  if (lettersAt(head, 0, 12) === '#!AMR_MC1.0\n' || lettersAt(head, 0, 15) === '#!AMR-WB_MC1.0\n') {
    throw fault('UnsupportedFormat', 'holds AMR of several channels');
  }
  const wide = lettersAt(head, 0, 9) === AMR_WB_MAGIC;
  if (!wide && lettersAt(head, 0, 6) !== AMR_MAGIC) return null;
  const [rate, perFrame] = wide ? [16000, 320] : [8000, 160];
  const table: PacketTable = { offsets: [], sizes: [], frames: [] };
  let at = wide ? AMR_WB_MAGIC.length : AMR_MAGIC.length;
  let frames = 0;
  let inPacket = 0;
  let cut = false;
  while (at < file.size) {
    const slab = await bytesAt(file, at, SLAB);
    if (slab.byteLength === 0) break;
    let local = 0;
    while (local < slab.byteLength) {
      const length = frameBytes(slab.getUint8(local), wide);
      if (length > 0 && local + length > slab.byteLength) break; // in the next slab, or nowhere
      // A damaged byte is stepped over, and the packet ends before it.
      if (length === 0) inPacket = 0;
      else {
        if (inPacket === 0 || inPacket === PER_PACKET) {
          table.offsets.push(at + local);
          table.sizes.push(0);
          table.frames.push(0);
          inPacket = 0;
        }
        table.sizes[table.sizes.length - 1] += length;
        table.frames[table.frames.length - 1] += perFrame;
        inPacket++;
        frames++;
      }
      local += Math.max(1, length);
    }
    if (local === 0) {
      cut = true;
      break;
    }
    at += local;
  }
  if (frames === 0) throw fault('DamagedFile', 'AMR without a frame');
  const about = { container: 'AMR', codec: wide ? 'amr-wb' : 'amr-nb', rate, channels: 1, decoder: amr(wide) };
  return fileOfPackets(file, about, table, { seconds: (frames * perFrame) / rate, truncated: cut });
}
