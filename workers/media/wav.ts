/**
 * WAV, whose headers often do not tell the truth: recorders that write to a pipe leave a placeholder for the length, those
 * that died leave 0 or the length of a minute ago, more than 4 GiB does not fit the field at all. So the samples are
 * read here, by what is there. Chunks: "Multimedia Programming Interface and Data Specifications 1.0", IBM and Microsoft,
 * 1991; RF64 and BW64: EBU Tech 3306, ITU-R BS.2088.
 */
import { fault } from '../protocol';
import { ascii } from './bytes';
import { isChannelCount, isRate } from './codecs/codec';
import { A_LAW, FLOAT, MU_LAW, nameOfWave, PCM } from './formats/wave-format';
import type { Candidate, Media } from './media';
import { maskWeights } from './mixer';
import { readPcm, type PcmLayout } from './pcm';

const EXTENSIBLE = 0xfffe;
/**
 * Lengths from here on are placeholders: `arecord` writes 0x7fffffd4 to a pipe, `sox` 0x7ffff000, `ffmpeg` 0xffffffff. A
 * recorder that really wrote so much was not stopped by chance just below 2 GiB or above.
 */
const PLACEHOLDER = 0x7ff00000;
/** Less behind the stated end than this is padding. Seconds. */
const PADDING_SECONDS = 0.05;
/** A bext of a field recorder or a cover picture may stand before the sound; nobody writes more than this. */
const MOST_BEFORE_SOUND = 64 << 20;

/** What stands before the sound of a WAV. Positions and sizes in bytes. */
type WavHeader = {
  /** In words, what is none of the samples that are read here; or null. */
  unsupported: string | null;
  /** Null where no `fmt ` chunk stands before the sound. */
  layout: PcmLayout | null;
  /** Of WAVE_FORMAT_EXTENSIBLE; 0: none. */
  channelMask: number;
  dataStart: number;
  /** As written; 0 and placeholders mean "unknown". */
  dataSize: number;
  /** Length of the file by its outermost chunk. */
  riffEnd: number;
};

/** The `fmt ` chunk's body. */
function readFormat(body: DataView, bigEndian: boolean): Pick<WavHeader, 'unsupported' | 'layout' | 'channelMask'> {
  const little = !bigEndian;
  const size = body.byteLength;
  let tag = body.getUint16(0, little);
  const channels = body.getUint16(2, little);
  const rate = body.getUint32(4, little);
  const align = body.getUint16(12, little);
  const bits = size >= 16 ? body.getUint16(14, little) : 8;
  let channelMask = 0;
  if (tag === EXTENSIBLE && size >= 26) {
    channelMask = body.getUint32(20, little);
    tag = body.getUint16(24, little);
  }
  if (![PCM, FLOAT, A_LAW, MU_LAW].includes(tag)) {
    return { unsupported: nameOfWave(tag), layout: null, channelMask };
  }
  const companded = tag === A_LAW || tag === MU_LAW;
  // Twelve bits lie in two bytes, twenty in three, and sometimes in four: the frame's size knows.
  const least = companded ? 1 : Math.ceil(bits / 8);
  const byAlign = channels > 0 && align % channels === 0 ? align / channels : 0;
  const sampleBytes = byAlign >= least && byAlign <= 8 && !companded ? byAlign : least;
  const known = tag === FLOAT ? [4, 8].includes(sampleBytes) : sampleBytes >= 1 && sampleBytes <= 8;
  if (!known) return { unsupported: `${bits}-bit ${tag === FLOAT ? 'float' : 'PCM'}`, layout: null, channelMask };
  const layout: PcmLayout = {
    kind: tag === FLOAT ? 'float' : tag === A_LAW ? 'a-law' : tag === MU_LAW ? 'mu-law' : 'integer',
    rate,
    channels,
    sampleBytes,
    frameBytes: sampleBytes * channels,
    bigEndian,
    unsigned: sampleBytes === 1,
  };
  return { unsupported: null, layout, channelMask };
}

/**
 * Reads the chunks up to `data`.
 * @returns null: not a WAV, or one without sound
 * @throws what a failed read throws
 */
export async function readWavHeader(file: Blob): Promise<WavHeader | null> {
  const bytes = async (from: number, length: number): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await file.slice(from, from + length).arrayBuffer());
  const riff = await bytes(0, 12);
  const kind = ascii(riff, 0);
  if (riff.length < 12 || ascii(riff, 8) !== 'WAVE' || !['RIFF', 'RIFX', 'RF64', 'BW64'].includes(kind)) return null;
  const bigEndian = kind === 'RIFX';
  let riffEnd = 8 + new DataView(riff.buffer).getUint32(4, !bigEndian);
  let longSize = -1;
  let format: ReturnType<typeof readFormat> = { unsupported: null, layout: null, channelMask: 0 };
  for (let at = 12; at + 8 <= Math.min(file.size, MOST_BEFORE_SOUND);) {
    const head = await bytes(at, 8);
    const id = ascii(head, 0);
    const size = new DataView(head.buffer).getUint32(4, !bigEndian);
    const body = at + 8;
    if (id === 'data') {
      const dataSize = longSize >= 0 && (size === 0xffffffff || size === 0) ? longSize : size;
      return { ...format, dataStart: body, dataSize, riffEnd };
    }
    if (id === 'ds64' && size >= 16) {
      const view = new DataView((await bytes(body, 16)).buffer);
      if (view.byteLength === 16) {
        riffEnd = 8 + Number(view.getBigUint64(0, true));
        longSize = Number(view.getBigUint64(8, true));
      }
    }
    if (id === 'fmt ' && size >= 14) {
      const view = new DataView((await bytes(body, Math.min(size, 40))).buffer);
      if (view.byteLength >= 14) format = readFormat(view, bigEndian);
    }
    at = body + size + (size & 1);
  }
  return null;
}

/** Whether chunks, or a tag of a music program, follow from here to the end of the file. */
async function isTrailer(file: Blob, from: number): Promise<boolean> {
  for (let at = from, chunks = 0; ; chunks++) {
    const head = new Uint8Array(await file.slice(at, at + 8).arrayBuffer());
    if (/^(TAG|ID3|APETAGEX)/.test(ascii(head, 0, 8))) return true;
    // Zeros behind the last chunk, and a last one that is cut short, are both common.
    if (head.length < 8 || (chunks > 0 && head.every((byte) => byte === 0))) return chunks > 0 || head.length === 0;
    if (!/^[\x20-\x7e]{4}$/.test(ascii(head, 0))) return false;
    const size = new DataView(head.buffer).getUint32(4, true);
    if (at + 8 + size > file.size + 1) {
      return (
        chunks > 0 || /^(LIST|bext|iXML|id3 |ID3 |cue |smpl|fact|PEAK|JUNK|junk|FLLR|_PMX|axml)$/.test(ascii(head, 0))
      );
    }
    at += 8 + size + (size & 1);
  }
}

/** Where the sound of a WAV ends, and what is missing of it: `missing` bytes, or null. */
type WavEnd = { end: number; missing: number | null };

/**
 * Where the sound really ends.
 * @throws what a failed read throws
 */
export async function wavEnd(file: Blob, header: WavHeader): Promise<WavEnd> {
  const { dataStart, dataSize, riffEnd, layout } = header;
  const there = file.size - dataStart;
  const padding = (layout?.frameBytes ?? 1) * (layout?.rate ?? 1) * PADDING_SECONDS;
  // A stated size of 1 MiB in a file of 5 GiB is what is left of a size that did not fit in 32 bits.
  const wrapped = there > 0xffffffff && there % 2 ** 32 === dataSize;
  if (wrapped) return { end: file.size, missing: null };
  if (dataSize === 0) return { end: (await isTrailer(file, dataStart)) ? dataStart : file.size, missing: null };
  if (dataSize > there) {
    // A file that its outermost chunk says is whole lacks nothing, and a placeholder was never a length.
    const placeholder = dataSize >= PLACEHOLDER && dataSize <= 0xffffffff;
    const whole = placeholder || Math.abs(riffEnd - file.size) <= 1 || dataSize - there <= padding;
    return { end: file.size, missing: whole ? null : dataSize - there };
  }
  const end = dataStart + dataSize;
  if (there - dataSize <= padding) return { end, missing: null };
  if ((await isTrailer(file, end + (dataSize & 1))) || (dataSize & 1 && (await isTrailer(file, end)))) {
    return { end, missing: null };
  }
  return { end: file.size, missing: null };
}

function codecName({ kind, sampleBytes, bigEndian }: PcmLayout): string {
  if (kind === 'a-law') return 'alaw';
  if (kind === 'mu-law') return 'ulaw';
  const letter = kind === 'float' ? 'f' : sampleBytes === 1 ? 'u' : 's';
  return `pcm-${letter}${sampleBytes * 8}${bigEndian ? 'be' : ''}`;
}

/** Opens a WAV. @throws UnsupportedFormat, DamagedFile; what a failed read throws */
export async function openWav({ file, head, choice }: Candidate): Promise<Media | null> {
  if (ascii(head, 8) !== 'WAVE') return null;
  const header = await readWavHeader(file);
  if (!header) {
    if (!['RIFF', 'RIFX', 'RF64', 'BW64'].includes(ascii(head, 0))) return null;
    throw fault('DamagedFile', 'a WAV without sound');
  }
  if (header.unsupported) throw fault('UnsupportedFormat', `holds ${header.unsupported} in WAV`);
  const { layout, dataStart } = header;
  if (!layout) throw fault('DamagedFile', 'a WAV that does not say how its samples lie');
  if (choice.track !== null && choice.track !== 0) throw fault('EngineFailed', `no track ${choice.track}`);
  const { rate, channels, frameBytes } = layout;
  if (!isChannelCount(channels) || !isRate(rate)) throw fault('DamagedFile', `${channels} channels at ${rate} Hz`);
  const { end, missing } = await wavEnd(file, header);
  const weights = maskWeights(header.channelMask, channels);
  const codec = codecName(layout);
  return {
    facts: {
      container: 'WAVE',
      codec,
      seconds: Math.floor((end - dataStart) / frameBytes) / rate,
      sampleRate: rate,
      channels,
      video: false,
      tracks: [{ language: null, title: null, codec, channels, sampleRate: rate, decodable: true }],
      track: 0,
    },
    stretches: [
      {
        at: 0,
        from: 0,
        to: Infinity,
        read: (start) => readPcm(file, layout, dataStart, end, start),
        weights: (count) => (count === channels ? weights : null),
      },
    ],
    statedEnd: null,
    cut: missing === null ? null : { seconds: missing / frameBytes / rate },
    noSoundFault: 'DamagedFile',
    dispose: () => {},
  };
}
