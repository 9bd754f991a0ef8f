import { expect, test } from 'playwright/test';
import { cutsOf, clockShift } from '../../workers/media/edits';
import { segmentEnd } from '../../workers/media/matroska';
import { id3Length } from '../../workers/media/id3';
import { readFrameHeader, readMp3Tag } from '../../workers/media/mp3';
import { readPcm, unpack, type PcmLayout } from '../../workers/media/pcm';
import { readWavHeader, wavEnd } from '../../workers/media/wav';
import { wav } from '../fixtures/wav.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

test('an honest WAV is taken at its word', async () => {
  const file = new Blob([wav({ samples: [new Float32Array(100)] })]);
  const header = await readWavHeader(file);
  expect(header).toMatchObject({ unsupported: null, dataStart: 44, dataSize: 200, channelMask: 0 });
  expect(await wavEnd(file, header!)).toEqual({ end: 244, missing: null });
});

test('lengths that recorders leave behind are no lengths, and no sound is missing', async () => {
  for (const dataSize of [0, 0xffffffff, 0x7fffffff, 0x7fffffd4, 0x7ffff000, 0x80000000, 0xfffffff0]) {
    for (const riffSize of [0, dataSize, 4088]) {
      const file = new Blob([wav({ samples: [new Float32Array(20_000).fill(0.5)], dataSize, riffSize })]);
      const header = await readWavHeader(file);
      expect(await wavEnd(file, header!), `${dataSize}, ${riffSize}`).toEqual({ end: 44 + 40_000, missing: null });
    }
  }
});

test('a WAV that broke off says how much is missing', async () => {
  const file = new Blob([wav({ samples: [new Float32Array(20_000)] }).slice(0, 44 + 10_000)]);
  expect(await wavEnd(file, (await readWavHeader(file))!)).toEqual({ end: 44 + 10_000, missing: 30_000 });
});

test('a length that is too small does not hide the sound behind it; chunks behind it are no sound', async () => {
  const sound = wav({ samples: [new Float32Array(20_000).fill(0.25)], dataSize: 9_000, riffSize: 9_036 });
  const file = new Blob([sound]);
  expect((await wavEnd(file, (await readWavHeader(file))!)).end).toBe(sound.length);
  const list = (id: string, size: number): Uint8Array<ArrayBuffer> => {
    const chunk = new Uint8Array(8 + size + (size & 1));
    chunk.set(ascii(id));
    new DataView(chunk.buffer).setUint32(4, size, true);
    return chunk;
  };
  const honest = wav({ samples: [new Float32Array(4_500).fill(0.25)] });
  for (const behind of [
    [list('LIST', 5_000)],
    [list('bext', 857), list('iXML', 4_001)],
    [ascii('TAG'.padEnd(2_000))],
  ]) {
    const whole = new Blob([honest, ...(behind as Uint8Array<ArrayBuffer>[])]);
    expect((await wavEnd(whole, (await readWavHeader(whole))!)).end).toBe(honest.length);
  }
});

test('chunks of any size before the sound, and odd ones, are stepped over', async () => {
  const file = wav({ samples: [new Float32Array(50)] });
  for (const size of [2, 857, 100_000, 3_000_001]) {
    const chunk = new Uint8Array(8 + size + (size & 1));
    chunk.set(ascii('bext'));
    new DataView(chunk.buffer).setUint32(4, size, true);
    const blob = new Blob([file.slice(0, 12), chunk, file.slice(12)]);
    expect((await readWavHeader(blob))?.dataStart).toBe(44 + chunk.length);
  }
});

test('sizes beyond 32 bits come from ds64, in RF64 and BW64', async () => {
  for (const name of ['RF64', 'BW64']) {
    const plain = wav({ samples: [new Float32Array(100)], dataSize: 0xffffffff, riffSize: 0xffffffff });
    const long = new Uint8Array(36);
    long.set(ascii('ds64'));
    const view = new DataView(long.buffer);
    view.setUint32(4, 28, true);
    view.setBigUint64(8, 272n, true);
    view.setBigUint64(16, 150n, true);
    plain.set(ascii(name));
    const file = new Blob([plain.slice(0, 12), long, plain.slice(12)]);
    expect(await readWavHeader(file), name).toMatchObject({ dataSize: 150, riffEnd: 280, dataStart: 80 });
  }
});

test('codecs nobody here reads are named, and what is no WAV is none', async () => {
  const file = new Blob([wav({ samples: [new Float32Array(10)], tag: 0x22 })]);
  expect((await readWavHeader(file))?.unsupported).toBe('DSP Group TrueSpeech');
  expect(await readWavHeader(new Blob([ascii('not a wav, but long enough') as Uint8Array<ArrayBuffer>]))).toBeNull();
});

test('samples of every width and order have the same value', async () => {
  const values = [0, 0.5, -0.5, 0.25, -1];
  const layout = (part: Partial<PcmLayout>): PcmLayout => ({
    kind: 'integer',
    rate: 8000,
    channels: 1,
    sampleBytes: 2,
    frameBytes: 2,
    bigEndian: false,
    unsigned: false,
    ...part,
  });
  for (const bigEndian of [false, true]) {
    for (const sampleBytes of [1, 2, 3, 4, 5, 8]) {
      const bytes = new Uint8Array(sampleBytes * values.length);
      values.forEach((value, i) => {
        let whole = BigInt(value * 2 ** (8 * sampleBytes - 1));
        for (let k = 0; k < sampleBytes; k++) {
          bytes[i * sampleBytes + (bigEndian ? sampleBytes - 1 - k : k)] = Number(whole & 255n);
          whole >>= 8n;
        }
      });
      const [plane] = unpack(bytes, layout({ sampleBytes, frameBytes: sampleBytes, bigEndian }));
      expect([...plane], `${sampleBytes} bytes, ${bigEndian ? 'big' : 'little'} end first`).toEqual(values);
    }
    const floats = new DataView(new ArrayBuffer(24));
    [NaN, 0.5, -Infinity].forEach((value, i) => floats.setFloat64(i * 8, value, !bigEndian));
    const [plane] = unpack(
      new Uint8Array(floats.buffer),
      layout({ kind: 'float', sampleBytes: 8, frameBytes: 8, bigEndian }),
    );
    expect([...plane]).toEqual([0, 0.5, 0]);
  }
  // G.711: the loudest and the softest codes.
  const law = (kind: 'a-law' | 'mu-law', codes: number[]): number[] =>
    unpack(Uint8Array.from(codes), layout({ kind, sampleBytes: 1, frameBytes: 1 }))[0].reduce<number[]>(
      (all, value) => [...all, value * 32768],
      [],
    );
  expect(law('mu-law', [0xff, 0x7f, 0x80, 0x00])).toEqual([0, -0, 32124, -32124]);
  expect(law('a-law', [0xd5, 0x55, 0xaa, 0x2a])).toEqual([8, -8, 32256, -32256]);
});

test('samples are read from anywhere, and a frame that is cut short is none', async () => {
  const bytes = new Uint8Array(8 + 4 * 1000 + 3);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 1000; i++) view.setInt16(8 + i * 4 + 2, i, true);
  const layout: PcmLayout = {
    kind: 'integer',
    rate: 100,
    channels: 2,
    sampleBytes: 2,
    frameBytes: 4,
    bigEndian: false,
    unsigned: false,
  };
  const chunks = [];
  for await (const chunk of readPcm(new Blob([bytes]), layout, 8, bytes.length, 9.5)) chunks.push(chunk);
  expect(chunks).toHaveLength(1);
  expect(chunks[0].timestamp).toBe(9.5);
  expect([...chunks[0].channels[1]].map((value) => Math.round(value * 32768))).toEqual(
    Array.from({ length: 50 }, (_, i) => 950 + i),
  );
});

test('the delay in an MP3 tag counts encoder and decoder', () => {
  // MPEG 1 layer III, 44.1 kHz, mono; "Info" at 4 + 17, flags: frames, bytes, toc, quality.
  const frame = new Uint8Array(417);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xfffb90c0);
  view.setUint32(21, 0x496e666f);
  view.setUint32(25, 15);
  view.setUint32(29, 1000);
  view.setUint32(33, 417_000);
  frame.set(ascii('LAME3.100'), 21 + 120);
  frame.set([(576 >> 4) & 0xff, ((576 & 15) << 4) | 0x4, 0x56], 21 + 120 + 21);
  expect(readMp3Tag(frame)).toEqual({ delay: (576 + 529) / 44100, seconds: (1000 * 1152) / 44100, bytes: 417_000 });
  frame.set(ascii('Gogo'), 21 + 120);
  expect(readMp3Tag(frame)?.delay).toBe(0);
  expect(readMp3Tag(new Uint8Array(1024))).toBeNull();
});

test('frame headers of every version and layer, and none of what is forbidden', () => {
  const header = (...bytes: number[]): ReturnType<typeof readFrameHeader> => readFrameHeader(Uint8Array.from(bytes));
  expect(header(0xff, 0xfb, 0x90, 0xc0)).toMatchObject({
    layer: 3,
    rate: 44100,
    channels: 1,
    bytes: 417,
    samples: 1152,
  });
  expect(header(0xff, 0xfb, 0x92, 0x00)).toMatchObject({ channels: 2, bytes: 418 });
  expect(header(0xff, 0xf3, 0x84, 0xc0)).toMatchObject({ version: 2, rate: 24000, samples: 576, bytes: 192 });
  expect(header(0xff, 0xe3, 0x88, 0xc0)).toMatchObject({ version: 0, rate: 8000, samples: 576, bytes: 576 });
  expect(header(0xff, 0xfd, 0x94, 0x00)).toMatchObject({ layer: 2, rate: 48000, samples: 1152, bytes: 480 });
  for (const wrong of [
    [0xff, 0xf1, 0x50, 0x80], // AAC in ADTS
    [0xff, 0xfb, 0xf0, 0x00], // bit rate 15
    [0xff, 0xfb, 0x9c, 0x00], // sample rate 3
    [0xff, 0xeb, 0x90, 0x00], // version 1
    [0xff, 0xfb],
  ])
    expect(header(...wrong), wrong.join()).toBeNull();
});

test('the length of an ID3 tag is read in sevens', () => {
  expect(id3Length(Uint8Array.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 2, 1]))).toBe(10 + 257);
  expect(id3Length(Uint8Array.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0x80, 2, 1]))).toBe(0);
  expect(id3Length(new Uint8Array(10))).toBe(0);
});

test('an edit list is played as it says', () => {
  const heard = (mediaStart: number, seconds: number): { seconds: number; mediaStart: number; rate: number } => ({
    seconds,
    mediaStart,
    rate: 1,
  });
  const pause = { seconds: 2, mediaStart: null, rate: 1 };
  expect(cutsOf({ edits: [heard(0.064, 5)], fragmented: false })).toEqual([{ at: 0, from: 0.064, to: 5.064 }]);
  expect(cutsOf({ edits: [pause, heard(1, 3), heard(8, 2)], fragmented: false })).toEqual([
    { at: 2, from: 1, to: 4 },
    { at: 5, from: 8, to: 10 },
  ]);
  // Two edits of which the second goes on where the first ends are one: the decoder need not begin anew.
  expect(cutsOf({ edits: [heard(0, 3), heard(3, 4)], fragmented: false })).toEqual([{ at: 0, from: 0, to: 7 }]);
  expect(cutsOf({ edits: [heard(0.02, 0)], fragmented: false })).toEqual([{ at: 0, from: 0.02, to: Infinity }]);
  expect(cutsOf({ edits: [heard(0.02, 4)], fragmented: true })).toEqual([{ at: 0, from: 0.02, to: Infinity }]);
  expect(cutsOf({ edits: [pause], fragmented: false })).toEqual([]);
  expect(clockShift([pause, heard(1, 3), heard(8, 2)])).toBe(1);
  expect(clockShift([heard(0.5, 3)])).toBe(-0.5);
});

test('a Matroska file tells where its segment ends', () => {
  const ebml = [0x1a, 0x45, 0xdf, 0xa3, 0x84, 1, 2, 3, 4];
  const known = Uint8Array.from([...ebml, 0x18, 0x53, 0x80, 0x67, 0x41, 0x00, ...new Array<number>(20).fill(0)]);
  expect(segmentEnd(known)).toBe(9 + 4 + 2 + 256);
  const live = Uint8Array.from([...ebml, 0x18, 0x53, 0x80, 0x67, 0xff, ...new Array<number>(20).fill(0)]);
  expect(segmentEnd(live)).toBeNull();
});
