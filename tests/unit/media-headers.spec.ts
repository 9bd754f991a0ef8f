import { expect, test } from 'playwright/test';
import { segmentEnd } from '../../workers/media/matroska';
import { id3Length, readMp3Tag } from '../../workers/media/mp3';
import { readWavHeader, trueWav } from '../../workers/media/wav';
import { wav } from '../fixtures/wav.ts';

const bytesOf = async (blob: Blob): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await blob.arrayBuffer());

test('an honest WAV is left alone', () => {
  const file = wav({ samples: [new Float32Array(100)] });
  const header = readWavHeader(file);
  expect(header).toMatchObject({ unsupported: null, dataStart: 44, dataSize: 200 });
  const blob = new Blob([file]);
  expect(trueWav(blob, header!)).toEqual({ blob, truncated: false });
});

test('a WAV that does not know its length is given a true header, and no sample is touched', async () => {
  for (const dataSize of [0, 0xffffffff]) {
    const file = wav({ samples: [new Float32Array(100).fill(0.5)], dataSize, riffSize: dataSize });
    const { blob, truncated } = trueWav(new Blob([file]), readWavHeader(file)!);
    expect(truncated).toBe(false);
    const repaired = await bytesOf(blob);
    expect(readWavHeader(repaired)).toMatchObject({ unsupported: null, dataSize: 200 });
    expect(repaired.subarray(-200)).toEqual(file.subarray(-200));
  }
});

test('a WAV that broke off says so', () => {
  const file = wav({ samples: [new Float32Array(1000)] }).slice(0, 1000);
  expect(trueWav(new Blob([file]), readWavHeader(file)!).truncated).toBe(true);
});

test('codecs nobody here reads are named', () => {
  const file = wav({ samples: [new Float32Array(10)], tag: 0x11 });
  expect(readWavHeader(file)?.unsupported).toBe('IMA ADPCM');
  expect(readWavHeader(new TextEncoder().encode('not a wav, but long enough'))).toBeNull();
});

test('the delay in an MP3 tag counts encoder and decoder', () => {
  // MPEG 1 layer III, 44.1 kHz, mono; "Info" at 4 + 17, flags: frames, bytes, toc, quality.
  const frame = new Uint8Array(417);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xfffb90c0);
  view.setUint32(21, 0x496e666f);
  view.setUint32(25, 15);
  view.setUint32(29, 1000);
  frame.set(new TextEncoder().encode('LAME3.100'), 21 + 120);
  frame.set([(576 >> 4) & 0xff, ((576 & 15) << 4) | 0x4, 0x56], 21 + 120 + 21);
  expect(readMp3Tag(frame)).toEqual({ delay: (576 + 529) / 44100, seconds: (1000 * 1152) / 44100 });
  frame.set(new TextEncoder().encode('Gogo'), 21 + 120);
  expect(readMp3Tag(frame)?.delay).toBe(0);
  expect(readMp3Tag(new Uint8Array(1024))).toBeNull();
});

test('the length of an ID3 tag is read in sevens', () => {
  expect(id3Length(Uint8Array.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 2, 1]))).toBe(10 + 257);
  expect(id3Length(new Uint8Array(10))).toBe(0);
});

test('a Matroska file tells where its segment ends', () => {
  const ebml = [0x1a, 0x45, 0xdf, 0xa3, 0x84, 1, 2, 3, 4];
  const known = Uint8Array.from([...ebml, 0x18, 0x53, 0x80, 0x67, 0x41, 0x00, ...new Array<number>(20).fill(0)]);
  expect(segmentEnd(known)).toBe(9 + 4 + 2 + 256);
  const live = Uint8Array.from([...ebml, 0x18, 0x53, 0x80, 0x67, 0xff, ...new Array<number>(20).fill(0)]);
  expect(segmentEnd(live)).toBeNull();
});
