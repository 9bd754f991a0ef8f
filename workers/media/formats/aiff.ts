/**
 * AIFF and AIFC, with every compression that recorders and editors write. After Apple's "Audio Interchange File Format:
 * AIFF", 1.3, and "AIFF-C", draft of 1991-08-26; the later names of compressions after QuickTime's.
 */
import { fault } from '../../protocol';
import { ima4Decoder, IMA4_BYTES, IMA4_FRAMES } from '../codecs/adpcm';
import { isChannelCount, isRate } from '../codecs/codec';
import { gsmDecoder, GSM_BYTES, GSM_FRAMES } from '../codecs/gsm';
import { isPcmLayout, pcmDecoder, pcmName, type PcmLayout } from '../codecs/pcm';
import { bytesAt, chunksOf, lettersAt, type ChunkStyle } from './bytes';
import { QUICKTIME_CODECS } from './codec-names';
import { fileOfBlocks, type Blocks, type OwnFile } from './own-file';

const STYLE: ChunkStyle = {
  head: 8,
  read: (view) => ({ name: lettersAt(view, 0, 4), size: view.getUint32(4) }),
  align: 2,
};

/** An 80-bit IEEE 754 number, as Apple's SANE wrote rates. NaN where it is none. */
function readExtended(view: DataView, at: number): number {
  const sign = view.getInt16(at) < 0 ? -1 : 1;
  const exponent = view.getUint16(at) & 0x7fff;
  const mantissa = view.getUint32(at + 2) * 2 ** 32 + view.getUint32(at + 6);
  return exponent === 0x7fff ? NaN : sign * mantissa * 2 ** (exponent - 16383 - 63);
}

/** The layout of PCM behind a compression's name; null: not PCM. */
function layoutOf(compression: string, bits: number): PcmLayout | null {
  const bytes = Math.ceil(bits / 8);
  switch (compression) {
    case 'NONE':
    case 'none':
    case 'twos':
      return { kind: 'signed', bytes, littleEndian: false };
    case 'sowt':
    case 'swot':
      return { kind: 'signed', bytes, littleEndian: true };
    case 'raw ':
      return { kind: 'unsigned', bytes: 1, littleEndian: false };
    case 'in16':
      return { kind: 'signed', bytes: 2, littleEndian: false };
    case 'in24':
      return { kind: 'signed', bytes: 3, littleEndian: false };
    case 'in32':
      return { kind: 'signed', bytes: 4, littleEndian: false };
    // As read by QuickTime backwards: little-endian.
    case '42ni':
      return { kind: 'signed', bytes: 3, littleEndian: true };
    case '23ni':
      return { kind: 'signed', bytes: 4, littleEndian: true };
    case 'fl32':
    case 'FL32':
      return { kind: 'float', bytes: 4, littleEndian: false };
    case 'fl64':
    case 'FL64':
      return { kind: 'float', bytes: 8, littleEndian: false };
    case 'ulaw':
    case 'ULAW':
      return { kind: 'ulaw', bytes: 1, littleEndian: false };
    case 'alaw':
    case 'ALAW':
      return { kind: 'alaw', bytes: 1, littleEndian: false };
    default:
      return null;
  }
}

const REFUSED = new Map([...QUICKTIME_CODECS, ['G722', 'G.722']]);

/** @returns null: not AIFF @throws UnsupportedFormat, named; DamagedFile */
export async function openAiff(file: Blob, head: DataView): Promise<OwnFile | null> {
  const kind = lettersAt(head, 8, 4);
  if (lettersAt(head, 0, 4) !== 'FORM' || (kind !== 'AIFF' && kind !== 'AIFC')) return null;
  let common: DataView | null = null;
  let sound: { start: number; size: number } | null = null;
  for await (const chunk of chunksOf(file, 12, STYLE)) {
    if (chunk.name === 'COMM' && chunk.size >= 18) common = await bytesAt(file, chunk.start, chunk.size);
    if (chunk.name === 'SSND') sound = chunk;
    if (common && sound) break;
  }
  if (!common || common.byteLength < 18 || !sound) throw fault('DamagedFile', `${kind} without sound`);
  const channels = common.getUint16(0);
  const frames = common.getUint32(2);
  const bits = common.getUint16(6);
  const rate = Math.round(readExtended(common, 8));
  const compression = kind === 'AIFC' && common.byteLength >= 22 ? lettersAt(common, 18, 4) : 'NONE';
  if (!isChannelCount(channels) || !isRate(rate)) throw fault('DamagedFile', `${channels} channels at ${rate} Hz`);

  const skip = sound.start + 8 <= file.size ? (await bytesAt(file, sound.start, 4)).getUint32(0) : 0;
  const dataStart = sound.start + 8 + skip;
  // A recorder that died leaves 0; one that ran on past 4 GiB cannot know.
  const unknown = sound.size <= 8 || sound.size === 0xffffffff;
  const about = { container: kind, rate, channels, dataStart, dataBytes: unknown ? null : sound.size - 8 - skip };
  const layout = layoutOf(compression, bits);
  let blocks: Blocks;
  if (layout && isPcmLayout(layout)) {
    const decoder = (): Promise<ReturnType<typeof pcmDecoder>> => Promise.resolve(pcmDecoder(layout, channels, rate));
    const blockBytes = layout.bytes * channels;
    // The count of frames is believed where it is smaller: the chunk may be padded.
    const counted = unknown || frames === 0 ? null : frames;
    blocks = { ...about, codec: pcmName(layout), blockBytes, framesPerBlock: 1, frames: counted, decoder };
  } else if (compression === 'ima4') {
    const decoder = (): Promise<ReturnType<typeof ima4Decoder>> => Promise.resolve(ima4Decoder(channels, rate));
    blocks = { ...about, codec: 'ima4', blockBytes: IMA4_BYTES * channels, framesPerBlock: IMA4_FRAMES, decoder };
  } else if ((compression === 'GSM ' || compression === 'agsm') && channels === 1) {
    const decoder = (): Promise<ReturnType<typeof gsmDecoder>> => Promise.resolve(gsmDecoder(false, rate));
    blocks = { ...about, codec: 'gsm', blockBytes: GSM_BYTES, framesPerBlock: GSM_FRAMES, decoder };
  } else {
    throw fault(
      'UnsupportedFormat',
      `holds ${REFUSED.get(compression) ?? `“${compression}” of ${bits} bits`} in ${kind}`,
    );
  }
  return fileOfBlocks(file, blocks);
}
