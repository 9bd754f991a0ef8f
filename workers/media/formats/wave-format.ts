/**
 * The description of sound that WAV and Wave64 share: Microsoft's WAVEFORMATEX with the numbers of mmreg.h. Every codec
 * that fits blocks of one size is decoded here.
 */
import { fault } from '../../protocol';
import { imaWavDecoder, imaWavFrames, msDecoder, msFrames, MS_COEFFICIENTS } from '../codecs/adpcm';
import { isChannelCount, isRate, type PacketDecoder } from '../codecs/codec';
import { gsmDecoder, GSM_FRAMES, WAV49_BYTES } from '../codecs/gsm';
import { isPcmLayout, pcmDecoder, pcmName, type PcmLayout } from '../codecs/pcm';
import type { Blocks } from './own-file';

export const PCM = 1;
const MS_ADPCM = 2;
export const FLOAT = 3;
export const A_LAW = 6;
export const MU_LAW = 7;
const IMA_ADPCM = 0x11;
const GSM610 = 0x31;
export const MP3 = 0x55;
const EXTENSIBLE = 0xfffe;

/** What stays closed, by name. */
const REFUSED = new Map([
  [0x08, 'DTS'],
  [0x0a, 'Windows Media Audio Voice'],
  [0x10, 'OKI ADPCM'],
  [0x14, 'G.723 ADPCM'],
  [0x15, 'DIGISTD'],
  [0x16, 'DIGIFIX'],
  [0x20, 'Yamaha ADPCM'],
  [0x22, 'DSP Group TrueSpeech'],
  [0x40, 'G.721 ADPCM'],
  [0x42, 'G.723.1'],
  [0x45, 'G.726 ADPCM'],
  [0x50, 'MPEG layer 2'],
  [0x64, 'G.726 ADPCM'],
  [0x65, 'G.722'],
  [0x85, 'DSP Group TrueSpeech'],
  [0x92, 'AC-3 for S/PDIF'],
  [0xff, 'AAC'],
  [0x130, 'Sipro ACELP'],
  [0x160, 'Windows Media Audio'],
  [0x161, 'Windows Media Audio'],
  [0x162, 'Windows Media Audio Professional'],
  [0x163, 'Windows Media Audio Lossless'],
  [0x200, 'Creative ADPCM'],
  [0x270, 'Sony ATRAC3'],
  [0x2000, 'AC-3'],
  [0x2001, 'DTS'],
  [0xa109, 'Speex'],
  [0xf1ac, 'FLAC'],
]);

/** What stays closed, as a person may have heard of it. */
export function nameOfWave(tag: number): string {
  return REFUSED.get(tag) ?? `codec 0x${tag.toString(16).padStart(4, '0')}`;
}

/** A description of sound, its numbers as written. `extra`: what follows them, in bytes of the chunk. */
export type WaveFormat = {
  tag: number;
  channels: number;
  rate: number;
  blockBytes: number;
  bits: number;
  chunk: DataView;
  littleEndian: boolean;
};

/** @param chunk the body of `fmt ` @returns null where it is too short */
export function readWaveFormat(chunk: DataView, littleEndian: boolean): WaveFormat | null {
  if (chunk.byteLength < 14) return null;
  const short = (at: number): number => (at + 2 <= chunk.byteLength ? chunk.getUint16(at, littleEndian) : 0);
  const tag = short(0) === EXTENSIBLE && chunk.byteLength >= 26 ? short(24) : short(0);
  const rate = chunk.getUint32(4, littleEndian);
  return { tag, channels: short(2), rate, blockBytes: short(12), bits: short(14), chunk, littleEndian };
}

/** What a container adds to it is not in here. */
type WaveSound = Omit<Blocks, 'container' | 'dataStart' | 'dataBytes' | 'frames'>;

function layoutOf({ tag, bits, littleEndian }: WaveFormat): PcmLayout | null {
  const bytes = Math.ceil(bits / 8);
  if (tag === A_LAW) return { kind: 'alaw', bytes: 1, littleEndian };
  if (tag === MU_LAW) return { kind: 'ulaw', bytes: 1, littleEndian };
  if (tag === FLOAT) return { kind: 'float', bytes, littleEndian };
  // WAV has no sign up to eight bits.
  return tag === PCM ? { kind: bits <= 8 ? 'unsigned' : 'signed', bytes, littleEndian } : null;
}

/** The pairs of predictors behind an MS ADPCM header: how many, then two numbers of 16 bits each. */
function coefficientsOf({ chunk, littleEndian }: WaveFormat): [number, number][] {
  if (chunk.byteLength < 22) return MS_COEFFICIENTS;
  const count = chunk.getUint16(20, littleEndian);
  const there = Math.min(count, Math.floor((chunk.byteLength - 22) / 4));
  if (there < 1) return MS_COEFFICIENTS;
  return Array.from({ length: there }, (_, i) => [
    chunk.getInt16(22 + 4 * i, littleEndian),
    chunk.getInt16(24 + 4 * i, littleEndian),
  ]);
}

/**
 * @param container as a person calls it
 * @throws UnsupportedFormat with the codec's name; DamagedFile where the numbers cannot be right
 */
export function soundOfWave(format: WaveFormat, container: string): WaveSound {
  const { tag, channels, rate, blockBytes, bits } = format;
  if (!isChannelCount(channels) || !isRate(rate)) throw fault('DamagedFile', `${channels} channels at ${rate} Hz`);
  const refused = (name: string): Error => fault('UnsupportedFormat', `holds ${name} in ${container}`);
  const made =
    (decoder: () => PacketDecoder): (() => Promise<PacketDecoder>) =>
    () =>
      Promise.resolve(decoder());
  const layout = layoutOf(format);
  if (layout) {
    if (!isPcmLayout(layout)) throw refused(`${bits}-bit ${tag === FLOAT ? 'float' : 'PCM'}`);
    const decoder = made(() => pcmDecoder(layout, channels, rate));
    return { codec: pcmName(layout), rate, channels, blockBytes: layout.bytes * channels, framesPerBlock: 1, decoder };
  }
  if (tag === IMA_ADPCM && (bits === 4 || bits === 0)) {
    if (blockBytes < 8 * channels) throw fault('DamagedFile', `IMA ADPCM in blocks of ${blockBytes} bytes`);
    return {
      codec: 'ima-adpcm',
      rate,
      channels,
      blockBytes,
      framesPerBlock: imaWavFrames(blockBytes, channels),
      framesOfRest: (bytes) => (bytes < 4 * channels ? 0 : imaWavFrames(bytes, channels)),
      decoder: made(() => imaWavDecoder(blockBytes, channels, rate)),
    };
  }
  if (tag === MS_ADPCM) {
    if (blockBytes < 7 * channels) throw fault('DamagedFile', `MS ADPCM in blocks of ${blockBytes} bytes`);
    const coefficients = coefficientsOf(format);
    return {
      codec: 'ms-adpcm',
      rate,
      channels,
      blockBytes,
      framesPerBlock: msFrames(blockBytes, channels),
      framesOfRest: (bytes) => (bytes < 7 * channels ? 0 : msFrames(bytes, channels)),
      decoder: made(() => msDecoder(blockBytes, channels, rate, coefficients)),
    };
  }
  if (tag === GSM610 && channels === 1 && (blockBytes === WAV49_BYTES || blockBytes === 0)) {
    return {
      codec: 'gsm',
      rate,
      channels,
      blockBytes: WAV49_BYTES,
      framesPerBlock: 2 * GSM_FRAMES,
      decoder: made(() => gsmDecoder(true, rate)),
    };
  }
  if (tag === IMA_ADPCM) throw refused(`${bits}-bit IMA ADPCM`);
  throw refused(nameOfWave(tag));
}
