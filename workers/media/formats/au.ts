/** AU, also called SND: Sun's and NeXT's format. After the header file `audio_filehdr.h` and the manual page audio(5). */
import { fault } from '../../protocol';
import { isChannelCount, isRate } from '../codecs/codec';
import { pcmDecoder, pcmName, type PcmLayout } from '../codecs/pcm';
import { lettersAt } from './bytes';
import { fileOfBlocks, type OwnFile } from './own-file';

const LAYOUTS = new Map<number, Omit<PcmLayout, 'littleEndian'>>([
  [1, { kind: 'ulaw', bytes: 1 }],
  [2, { kind: 'signed', bytes: 1 }],
  [3, { kind: 'signed', bytes: 2 }],
  [4, { kind: 'signed', bytes: 3 }],
  [5, { kind: 'signed', bytes: 4 }],
  [6, { kind: 'float', bytes: 4 }],
  [7, { kind: 'float', bytes: 8 }],
  [27, { kind: 'alaw', bytes: 1 }],
]);
const REFUSED = new Map([
  [23, 'G.721 ADPCM'],
  [24, 'G.722 ADPCM'],
  [25, 'G.723 ADPCM with 3 bits'],
  [26, 'G.723 ADPCM with 5 bits'],
]);

/** @returns null: not AU @throws UnsupportedFormat, named; DamagedFile */
export function openAu(file: Blob, head: DataView): OwnFile | null {
  const magic = lettersAt(head, 0, 4);
  // DEC wrote everything the other way round.
  const littleEndian = magic === 'dns.';
  if ((magic !== '.snd' && !littleEndian) || head.byteLength < 24) return null;
  const [dataStart, size, encoding, rate, channels] = [4, 8, 12, 16, 20].map((at) => head.getUint32(at, littleEndian));
  if (dataStart < 24 || !isChannelCount(channels) || !isRate(rate)) {
    throw fault('DamagedFile', `AU with ${channels} channels at ${rate} Hz`);
  }
  const known = LAYOUTS.get(encoding);
  if (!known) throw fault('UnsupportedFormat', `holds ${REFUSED.get(encoding) ?? `encoding ${encoding}`} in AU`);
  const layout = { ...known, littleEndian };
  return fileOfBlocks(file, {
    container: 'AU',
    codec: pcmName(layout),
    rate,
    channels,
    dataStart,
    dataBytes: size === 0xffffffff || size === 0 ? null : size,
    blockBytes: layout.bytes * channels,
    framesPerBlock: 1,
    decoder: () => Promise.resolve(pcmDecoder(layout, channels, rate)),
  });
}
