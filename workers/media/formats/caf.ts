/**
 * Apple's Core Audio Format: voice memos, Logic, afconvert. After the "Core Audio Format Specification 1.0"
 * (developer.apple.com, Core Audio Format: Overview and CAF File Format chapters).
 */
import { fault } from '../../protocol';
import { ima4Decoder, IMA4_BYTES, IMA4_FRAMES } from '../codecs/adpcm';
import { alacDecoder, readAlacConfig } from '../codecs/alac';
import { isChannelCount, isRate, type DecoderMaker, type PacketDecoder } from '../codecs/codec';
import { isPcmLayout, pcmDecoder, pcmName, type PcmLayout } from '../codecs/pcm';
import { bytesAt, chunksOf, lettersAt, type ChunkStyle } from './bytes';
import { aacEntry, opusEntry } from './caf-compressed';
import { QUICKTIME_CODECS } from './codec-names';
import type { MovieSound, PacketTable } from './movie';
import { fileOfBlocks, fileOfPackets, type OwnFile } from './own-file';

const STYLE: ChunkStyle = {
  head: 12,
  read: (view) => ({ name: lettersAt(view, 0, 4), size: Number(view.getBigInt64(4)) }),
  align: 1,
};

const REFUSED = new Map([
  ...QUICKTIME_CODECS,
  ['ilbc', 'iLBC'],
  ['flac', 'FLAC'],
  ['.mp1', 'MPEG layer 1'],
  ['.mp2', 'MPEG layer 2'],
]);
/** The AACs: plain, enhanced low delay, high efficiency, version 2 of it. */
const AAC = ['aac ', 'aacl', 'aace', 'aacf', 'aach', 'aacp'];

/** How the sound is described [CAFAudioFormat]. */
type Description = {
  rate: number;
  codec: string;
  flags: number;
  bytesPerPacket: number;
  framesPerPacket: number;
  channels: number;
  bits: number;
};

/** The table of packets [CAFPacketTableHeader]. */
type Packets = { table: PacketTable; validFrames: number; priming: number };

/** Reads numbers of seven bits a byte, the highest first. */
class Sevens {
  #at: number;
  readonly #view: DataView;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  /** @returns null at the end of the table */
  next(): number | null {
    let value = 0;
    for (let i = 0; i < 6 && this.#at < this.#view.byteLength; i++) {
      const byte = this.#view.getUint8(this.#at++);
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
    return null;
  }
}

/** Lays the packets of the table out from `dataStart` on, those that lie in the file. */
function readPackets(pakt: DataView, about: Description, dataStart: number, fileEnd: number): Packets | null {
  if (pakt.byteLength < 24) return null;
  const count = Number(pakt.getBigInt64(0));
  const table: PacketTable = { offsets: [], sizes: [], frames: [] };
  const sevens = new Sevens(pakt, 24);
  for (let i = 0, at = dataStart; i < count; i++) {
    const bytes = about.bytesPerPacket > 0 ? about.bytesPerPacket : sevens.next();
    const frames = about.framesPerPacket > 0 ? about.framesPerPacket : sevens.next();
    if (bytes === null || frames === null || at + bytes > fileEnd) break;
    table.offsets.push(at);
    table.sizes.push(bytes);
    table.frames.push(frames);
    at += bytes;
  }
  return { table, validFrames: Number(pakt.getBigInt64(8)), priming: Math.max(0, pakt.getInt32(16)) };
}

function layoutOf({ codec, flags, bits, bytesPerPacket, channels }: Description): PcmLayout | null {
  const littleEndian = (flags & 2) !== 0;
  if (codec === 'ulaw' || codec === 'alaw') return { kind: codec, bytes: 1, littleEndian };
  if (codec !== 'lpcm') return null;
  const bytes = bytesPerPacket > 0 ? bytesPerPacket / channels : Math.ceil(bits / 8);
  return { kind: flags & 1 ? 'float' : 'signed', bytes, littleEndian };
}

/** What mediabunny and the decoders need for a codec with a table of packets. */
function compressed(about: Description, cookie: DataView | null): { movie?: MovieSound; decoder: DecoderMaker | null } {
  const { codec, rate, channels } = about;
  const bytes = cookie ? new Uint8Array(cookie.buffer, cookie.byteOffset, cookie.byteLength) : new Uint8Array(0);
  if (codec === 'alac') {
    const config = readAlacConfig(bytes);
    if (!config) throw fault('DamagedFile', 'ALAC in CAF without its description');
    return { decoder: () => Promise.resolve(alacDecoder(config)) };
  }
  const movie = { rate, channels };
  if (codec === 'opus') return { movie: { ...movie, name: 'Opus', extra: opusEntry(channels, rate) }, decoder: null };
  return { movie: { ...movie, name: 'mp4a', extra: aacEntry(bytes, rate, channels) }, decoder: null };
}

/** @returns null: not CAF @throws UnsupportedFormat, named; DamagedFile */
export async function openCaf(file: Blob, head: DataView): Promise<OwnFile | null> {
  if (lettersAt(head, 0, 4) !== 'caff') return null;
  let about: Description | null = null;
  let cookie: DataView | null = null;
  let pakt: DataView | null = null;
  let data: { start: number; size: number } | null = null;
  for await (const { name, start, size } of chunksOf(file, 8, STYLE)) {
    if (name === 'data') data = { start: start + 4, size: size < 0 ? -1 : size - 4 };
    if (size < 0 && name !== 'data') break;
    if (name === 'kuki') cookie = await bytesAt(file, start, size);
    if (name === 'pakt') pakt = await bytesAt(file, start, size);
    if (name === 'desc' && size >= 32 && start + 32 <= file.size) {
      const view = await bytesAt(file, start, 32);
      const [flags, bytesPerPacket, framesPerPacket, channels, bits] = [12, 16, 20, 24, 28].map((at) =>
        view.getUint32(at),
      );
      const rate = Math.round(view.getFloat64(0));
      about = { rate, codec: lettersAt(view, 8, 4), flags, bytesPerPacket, framesPerPacket, channels, bits };
    }
  }
  if (!about || !data) throw fault('DamagedFile', 'CAF without sound');
  const { rate, channels, codec } = about;
  if (!isChannelCount(channels) || !isRate(rate)) throw fault('DamagedFile', `${channels} channels at ${rate} Hz`);
  const dataBytes = data.size < 0 ? null : data.size;
  const named = { container: 'CAF', rate, channels, dataStart: data.start, dataBytes };
  const ready =
    (decoder: () => PacketDecoder): DecoderMaker =>
    () =>
      Promise.resolve(decoder());

  const layout = layoutOf(about);
  if (layout && isPcmLayout(layout)) {
    const decoder = ready(() => pcmDecoder(layout, channels, rate));
    const blockBytes = layout.bytes * channels;
    return fileOfBlocks(file, { ...named, codec: pcmName(layout), blockBytes, framesPerBlock: 1, decoder });
  }
  if (codec === 'ima4') {
    const frames = pakt && pakt.byteLength >= 24 ? Number(pakt.getBigInt64(8)) : null;
    const decoder = ready(() => ima4Decoder(channels, rate));
    const blockBytes = IMA4_BYTES * channels;
    return fileOfBlocks(file, { ...named, codec, blockBytes, framesPerBlock: IMA4_FRAMES, frames, decoder });
  }
  if (codec === '.mp3') {
    const end = dataBytes === null ? file.size : Math.min(file.size, data.start + dataBytes);
    const truncated = dataBytes !== null && data.start + dataBytes > file.size;
    const priming = pakt && pakt.byteLength >= 24 ? Math.max(0, pakt.getInt32(16)) : 0;
    return {
      blob: file.slice(data.start, end),
      container: 'CAF',
      truncated,
      startSeconds: -priming / rate,
      sound: null,
    };
  }
  if (codec !== 'alac' && codec !== 'opus' && !AAC.includes(codec)) {
    throw fault('UnsupportedFormat', `holds ${REFUSED.get(codec) ?? `“${codec.trim()}” of ${about.bits} bits`} in CAF`);
  }
  const packets = pakt && readPackets(pakt, about, data.start, file.size);
  // Without its table, which is written last, the packets of a recording that broke off have no bounds.
  if (!packets || packets.table.sizes.length === 0)
    throw fault('DamagedFile', `${codec.trim()} in CAF without its packets`);
  const { movie, decoder } = compressed(about, cookie);
  const held = packets.table.frames.reduce((sum, frames) => sum + frames, 0) - packets.priming;
  const frames = packets.validFrames > 0 ? Math.min(held, packets.validFrames) : held;
  const truncated = (dataBytes !== null && data.start + dataBytes > file.size) || frames < packets.validFrames;
  return fileOfPackets(file, { ...named, codec: codec.trim(), decoder }, packets.table, {
    seconds: Math.max(0, frames) / rate,
    truncated,
    movie: { name: movie?.name ?? 'ears', priming: packets.priming, ...(movie?.extra && { extra: movie.extra }) },
  });
}
