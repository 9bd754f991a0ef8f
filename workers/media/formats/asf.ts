/**
 * ASF, the container of WMA and WMV: which sound it holds, and where its packets are. After Microsoft's "Advanced Systems
 * Format (ASF) Specification", revision 01.20.03.
 */
import { fault } from '../../protocol';
import { wma } from '../codecs/borrowed';
import { isChannelCount, isRate } from '../codecs/codec';
import { payloadsOf } from '../codecs/asf-packets';
import type { WmaFormat } from '../codecs/asf-writer';
import { bytesAt } from './bytes';
import type { PacketTable } from './movie';
import { fileOfPackets, type OwnFile } from './own-file';
import { nameOfWave, readWaveFormat } from './wave-format';

/** GUIDs as they lie in the file. */
const HEADER = '3026b2758e66cf11a6d900aa0062ce6c';
const FILE_PROPERTIES = 'a1dcab8c47a9cf118ee400c00c205365';
const STREAM_PROPERTIES = '9107dcb7b7a9cf118ee600c00c205365';
const AUDIO = '409e69f84d5bcf11a8fd00805f5c442b';
const ENCRYPTIONS = ['fbb3112223bdd211b4b700a0c955fc6e', '14e68a292226174cb935dae07ee9289c'];
const DATA = '3626b2758e66cf11a6d900aa0062ce6c';
const OBJECT_HEAD = 24;
/** The data object's own head. */
const DATA_HEAD = 50;
/** How much is read at once while packets are looked through. Bytes. */
const SLAB = 4 * 1024 * 1024;

const WMA_NAMES = new Map([
  [0x160, 'wma1'],
  [0x161, 'wma2'],
  [0x162, 'wma-pro'],
  [0x163, 'wma-lossless'],
]);

/** The GUID at a byte, as hexadecimal digits. */
function guidAt(view: DataView, at: number): string {
  let text = '';
  for (let i = at; i < Math.min(at + 16, view.byteLength); i++) text += view.getUint8(i).toString(16).padStart(2, '0');
  return text;
}

/** Numbers of 64 bits, which no file reaches: above 2^53 they are damaged anyway. */
const longAt = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

type Stream = { number: number; format: WmaFormat; encrypted: boolean };
type Header = {
  packetBytes: number;
  endMs: number;
  prerollMs: number;
  streams: Stream[];
  others: number;
  encrypted: boolean;
};

function readStream(view: DataView, at: number, end: number): Stream | null {
  if (at + 54 + 18 > end || guidAt(view, at) !== AUDIO) return null;
  const chunk = new DataView(view.buffer, view.byteOffset + at + 54, end - at - 54);
  const about = readWaveFormat(chunk, true);
  if (!about) return null;
  const length = Math.min(chunk.byteLength, 18 + chunk.getUint16(16, true));
  const wave = new Uint8Array(chunk.buffer, chunk.byteOffset, length).slice();
  const flags = view.getUint16(at + 48, true);
  const { tag, channels, rate, blockBytes } = about;
  return { number: flags & 127, format: { tag, channels, rate, blockBytes, wave }, encrypted: (flags & 0x8000) !== 0 };
}

function readHeader(view: DataView): Header {
  const header: Header = { packetBytes: 0, endMs: 0, prerollMs: 0, streams: [], others: 0, encrypted: false };
  for (let at = 30; at + OBJECT_HEAD <= view.byteLength;) {
    const guid = guidAt(view, at);
    const size = longAt(view, at + 16);
    const end = Math.min(view.byteLength, at + size);
    const body = at + OBJECT_HEAD;
    if (guid === FILE_PROPERTIES && body + 80 <= end) {
      header.endMs = longAt(view, body + 40) / 1e4;
      header.prerollMs = longAt(view, body + 56);
      header.packetBytes = view.getUint32(body + 72, true);
    }
    const stream = guid === STREAM_PROPERTIES ? readStream(view, body, end) : null;
    if (stream) header.streams.push(stream);
    else if (guid === STREAM_PROPERTIES) header.others++;
    if (ENCRYPTIONS.includes(guid)) header.encrypted = true;
    if (size < OBJECT_HEAD) break;
    at += size;
  }
  return header;
}

/** Where the packets with sound of one stream are: [first byte, bytes, milliseconds]. */
async function findPackets(
  file: Blob,
  start: number,
  count: number,
  packetBytes: number,
  stream: number,
): Promise<{ start: number; bytes: number; timeMs: number }[]> {
  const found: { start: number; bytes: number; timeMs: number }[] = [];
  const perSlab = Math.max(1, Math.floor(SLAB / packetBytes));
  for (let i = 0; i < count; i += perSlab) {
    const slab = new Uint8Array((await bytesAt(file, start + i * packetBytes, perSlab * packetBytes)).buffer);
    for (let k = 0; k < Math.min(perSlab, count - i) && (k + 1) * packetBytes <= slab.length; k++) {
      const payloads = payloadsOf(slab.subarray(k * packetBytes, (k + 1) * packetBytes), stream);
      if (payloads.length === 0) continue;
      const from = start + (i + k) * packetBytes;
      const begins = payloads.find((payload) => payload.offset === 0 || payload.objectBytes === 0);
      const last = found.at(-1);
      // A packet in which nothing begins goes with the one before, and so does one whose clock stands still.
      if (last && (!begins || begins.timeMs <= last.timeMs)) last.bytes = from + packetBytes - last.start;
      else if (begins) found.push({ start: from, bytes: packetBytes, timeMs: begins.timeMs });
    }
  }
  return found;
}

/** @returns null: not ASF @throws UnsupportedFormat, named; NoAudioTrack; DamagedFile */
export async function openAsf(file: Blob, head: DataView): Promise<OwnFile | null> {
  if (head.byteLength < 30 || guidAt(head, 0) !== HEADER) return null;
  const headerBytes = longAt(head, 16);
  const header = readHeader(await bytesAt(file, 0, headerBytes));
  const { packetBytes, prerollMs } = header;
  const stream = header.streams[0];
  if (!stream) throw fault(packetBytes > 0 ? 'NoAudioTrack' : 'DamagedFile', 'ASF');
  const { format } = stream;
  const { rate, channels } = format;
  if (header.encrypted || stream.encrypted)
    throw fault('UnsupportedFormat', 'locked: Windows Media with copy protection');
  const codec = WMA_NAMES.get(format.tag);
  if (!codec) throw fault('UnsupportedFormat', `holds ${nameOfWave(format.tag)} in ASF`);
  if (!isChannelCount(channels) || !isRate(rate) || format.blockBytes < 1 || packetBytes < 32 || packetBytes > SLAB) {
    throw fault('DamagedFile', `${codec} with ${channels} channels at ${rate} Hz`);
  }
  const data = await bytesAt(file, headerBytes, DATA_HEAD);
  if (data.byteLength < DATA_HEAD || guidAt(data, 0) !== DATA) throw fault('DamagedFile', 'ASF without sound');
  const start = headerBytes + DATA_HEAD;
  const stated = longAt(data, 40);
  const there = Math.floor(Math.max(0, file.size - start) / packetBytes);
  // A live recording does not know how many packets it has, and says 0.
  const packets = await findPackets(
    file,
    start,
    stated > 0 ? Math.min(stated, there) : there,
    packetBytes,
    stream.number,
  );
  if (packets.length === 0) throw fault('DamagedFile', 'ASF without a packet of sound');

  const truncated = stated > there;
  const last = packets[packets.length - 1].timeMs;
  // The length of a film is its picture's, and that of a cut file is gone: there the last packet is as long as the first.
  const known = !truncated && header.others === 0 && header.endMs > last;
  const endMs = known ? header.endMs : last + Math.max(1, (packets[1]?.timeMs ?? 0) - packets[0].timeMs);
  const table: PacketTable = { offsets: [], sizes: [], frames: [] };
  const frameAt = (timeMs: number): number => Math.round(((timeMs - packets[0].timeMs) * rate) / 1000);
  for (const [i, packet] of packets.entries()) {
    table.offsets.push(packet.start);
    table.sizes.push(packet.bytes);
    table.frames.push(Math.max(1, frameAt(packets[i + 1]?.timeMs ?? endMs) - frameAt(packet.timeMs)));
  }
  const decoder = wma(format, stream.number, packetBytes);
  const startSeconds = Math.max(0, packets[0].timeMs - prerollMs) / 1000;
  const seconds = startSeconds + table.frames.reduce((sum, frames) => sum + frames, 0) / rate;
  const about = { container: 'ASF', codec, rate, channels, decoder };
  return fileOfPackets(file, about, table, { seconds, truncated, startSeconds });
}
