/** AIFF, AIFC, CAF, AU, Wave64 and WAV made here in every width, byte order, rate, number of channels and length. */
import { expect, test } from 'playwright/test';
import { aiff, au, caf, interleaved, riff, wave64, type Layout, type Recording } from '../fixtures/containers.ts';
import { channelsOf, hear } from './heard.ts';
import { randomFrom } from './random.ts';

type Make = (recording: Recording) => Uint8Array<ArrayBuffer>;

const both = (kind: Layout['kind'], bytes: number): Layout[] =>
  [true, false].map((littleEndian) => ({ kind, bytes, littleEndian }));
const big = (kind: Layout['kind'], bytes: number): Layout => ({ kind, bytes, littleEndian: false });
const little = (kind: Layout['kind'], bytes: number): Layout => ({ kind, bytes, littleEndian: true });

/** What each container can hold. Plain WAV is mediabunny's: only what it does not read is here. */
const CONTAINERS: [string, Make, Layout[]][] = [
  ['AIFF', (recording) => aiff(recording), [1, 2, 3, 4].map((bytes) => big('signed', bytes))],
  ['AIFF', (recording) => aiff(recording, { soundFirst: true }), [big('signed', 2), big('signed', 3)]],
  [
    'AIFC',
    (recording) => aiff(recording),
    [little('signed', 2), big('float', 4), big('float', 8), big('alaw', 1), big('ulaw', 1), big('unsigned', 1)],
  ],
  [
    'AIFC',
    (recording) => aiff(recording, { name: { 1: 'NONE', 2: 'NONE', 3: 'in24', 4: 'in32' }[recording.layout.bytes]! }),
    [1, 2, 3, 4].map((bytes) => big('signed', bytes)),
  ],
  ['AIFC', (recording) => aiff(recording, { name: '42ni' }), [little('signed', 3)]],
  ['AIFC', (recording) => aiff(recording, { name: '23ni' }), [little('signed', 4)]],
  [
    'CAF',
    (recording) => caf(recording),
    [...[1, 2, 3, 4, 8].flatMap((bytes) => both('signed', bytes)), ...both('float', 4), ...both('float', 8)],
  ],
  ['CAF', (recording) => caf(recording, -1), [big('alaw', 1), big('ulaw', 1), big('signed', 2)]],
  [
    'AU',
    (recording) => au(recording),
    [...[1, 2, 3, 4].flatMap((bytes) => both('signed', bytes)), ...both('float', 4), ...both('float', 8)],
  ],
  ['AU', (recording) => au(recording, 0xffffffff), [big('alaw', 1), big('ulaw', 1), big('signed', 2)]],
  [
    'Wave64',
    wave64,
    [
      ...[2, 3, 4, 8].map((bytes) => little('signed', bytes)),
      ...[little('unsigned', 1), little('float', 4), little('float', 8), little('alaw', 1), little('ulaw', 1)],
    ],
  ],
  [
    'WAVE',
    (recording) => riff(recording),
    [
      ...[2, 3, 4, 8].map((bytes) => big('signed', bytes)),
      ...[big('float', 4), big('float', 8), little('signed', 8), little('signed', 5), little('float', 8)],
    ],
  ],
];

const RATES = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 192000];

/** Codes of a layout, and what they stand for in [-1, 1]; null where only the decoder's own table tells. */
function made(
  layout: Layout,
  channels: number,
  frames: number,
  seed: number,
): { codes: number[][]; truth: number[][] | null } {
  const random = randomFrom(seed);
  const { kind, bytes } = layout;
  const plane = (make: () => number): number[] => Array.from({ length: frames }, make);
  const all = (make: () => number): number[][] => Array.from({ length: channels }, () => plane(make));
  if (kind === 'float') {
    const codes = all(() => Math.fround(random.next() * 2 - 1));
    return { codes, truth: codes };
  }
  if (kind === 'alaw' || kind === 'ulaw') return { codes: all(() => random.whole(0, 255)), truth: null };
  const bits = 8 * Math.min(bytes, 4);
  const codes = all(() =>
    random.whole(kind === 'unsigned' ? 0 : -(2 ** (bits - 1)), 2 ** (bits - (kind === 'unsigned' ? 0 : 1)) - 1),
  );
  const zero = kind === 'unsigned' ? 128 : 0;
  return { codes, truth: codes.map((one) => one.map((code) => Math.fround((code - zero) / 2 ** (bits - 1)))) };
}

test('every sample of every layout is the number it stands for, in every channel', async () => {
  test.setTimeout(60_000);
  const random = randomFrom(7);
  for (const [container, make, layouts] of CONTAINERS) {
    for (const layout of layouts) {
      const rate = RATES[random.whole(0, RATES.length - 1)];
      const channels = [1, 1, 2, 2, 6, 8][random.whole(0, 5)];
      // Often not a whole number of packets, sometimes a single frame.
      const frames = [1, 17, 4099, random.whole(20_000, 40_000)][random.whole(0, 3)];
      const { codes, truth } = made(layout, channels, frames, random.whole(1, 1e6));
      const bytes = make({ rate, channels, layout, bytes: interleaved(codes, layout) });
      const what = `${container} ${JSON.stringify(layout)} ${rate} Hz, ${channels} channels, ${frames} frames`;
      const planes = await channelsOf(bytes).catch((error: Error) => error);
      expect.soft(planes, what).not.toBeInstanceOf(Error);
      if (planes instanceof Error) continue;
      expect
        .soft(
          planes.map((plane) => plane.length),
          what,
        )
        .toEqual(Array(channels).fill(frames));
      let wrong = 0;
      if (truth)
        for (const [i, plane] of planes.entries())
          plane.forEach((value, k) => (wrong += value === truth[i][k] ? 0 : 1));
      expect.soft(wrong, what).toBe(0);
      const heard = await hear(bytes, { sampleRate: rate });
      expect.soft(heard.facts, what).toMatchObject({ container, sampleRate: rate, channels });
      expect.soft([heard.totalSamples, heard.loss], what).toEqual([frames, null]);
      expect.soft(heard.facts.seconds, what).toBeCloseTo(frames / rate, 6);
    }
  }
});

test('companded codes stand for the values of G.711', async () => {
  const codes = [Array.from({ length: 256 }, (_, code) => code)];
  for (const [kind, loudest, values] of [
    // ITU-T G.711, tables 1a and 2a: the first and last values of segments, in 13 and 14 bits.
    [
      'alaw',
      4032 / 4096,
      [
        [0xd5, 1],
        [0x55, -1],
        [0xaa, 4032],
        [0x2a, -4032],
        [0xd4, 3],
        [0xc5, 33],
        [0xf5, 66],
      ],
    ],
    [
      'ulaw',
      8031 / 8192,
      [
        [0xff, 0],
        [0x80, 8031],
        [0x00, -8031],
        [0xfe, 2],
        [0xef, 33],
        [0xdf, 99],
      ],
    ],
  ] as const) {
    const layout = big(kind, 1);
    const [plane] = await channelsOf(au({ rate: 8000, channels: 1, layout, bytes: interleaved(codes, layout) }));
    const scale = kind === 'alaw' ? 4096 : 8192;
    for (const [code, value] of values) expect.soft(plane[code] * scale, `${kind} ${code}`).toBe(value);
    expect(Math.max(...plane)).toBeCloseTo(loudest, 6);
    // Every code and its opposite.
    for (let code = 0; code < 128; code++) expect(plane[code] + plane[code + 128]).toBe(0);
  }
});

test('samples of 12 and 20 bits lie at the upper end of their bytes', async () => {
  for (const [bits, bytes] of [
    [12, 2],
    [20, 3],
  ] as const) {
    const layout = big('signed', bytes);
    const codes = [[2 ** (8 * bytes - 2), -(2 ** (8 * bytes - 1)), 0]];
    const file = aiff({ rate: 8000, channels: 1, layout, bytes: interleaved(codes, layout) }, { bits });
    expect([...(await channelsOf(file))[0]]).toEqual([0.5, -1, 0]);
  }
});

test('starting anywhere gives the same samples', async () => {
  const random = randomFrom(3);
  for (const [container, make, layouts] of CONTAINERS) {
    const layout = layouts[0];
    const { codes } = made(layout, 2, 80_000, 5);
    const file = make({ rate: 16000, channels: 2, layout, bytes: interleaved(codes, layout) });
    const whole = await hear(file);
    for (const fromSample of [1, random.whole(2, 40_000), random.whole(40_000, 79_999)]) {
      const rest = await hear(file, { fromSample });
      expect.soft(rest.totalSamples, container).toBe(80_000);
      // One number: to print how two long arrays differ takes all memory there is.
      const first = rest.sound.findIndex((value, i) => value !== whole.sound[fromSample + i]);
      expect.soft([rest.sound.length, first], `${container} from ${fromSample}`).toEqual([80_000 - fromSample, -1]);
    }
  }
});

test('a file that broke off gives what is there and says so; one that does not know its length is whole', async () => {
  const layout = little('signed', 2);
  const other = big('signed', 2);
  const codes = made(layout, 1, 16_000, 9).codes;
  const recording = (of: Layout): Recording => ({
    rate: 16000,
    channels: 1,
    layout: of,
    bytes: interleaved(codes, of),
  });
  for (const [name, file, truncated] of [
    ['AIFF', aiff(recording(other)).slice(0, -16_000), true],
    ['AIFF, length 0', aiff(recording(other), { size: 0 }), false],
    ['AIFC', aiff(recording(layout)).slice(0, -16_000), true],
    ['CAF', caf(recording(layout)).slice(0, -16_000), true],
    ['CAF, length unknown', caf(recording(layout), -1).slice(0, -16_000), false],
    ['AU', au(recording(other)).slice(0, -16_000), true],
    ['AU, length unknown', au(recording(other), 0xffffffff).slice(0, -16_000), false],
    ['Wave64', wave64(recording(layout)).slice(0, -16_000), true],
    ['Wave64, length 24', wave64(recording(layout), 24), false],
    ['RIFX', riff(recording(other)).slice(0, -16_000), true],
    ['RIFX, length of a pipe', riff(recording(other), 0x7ffff000), false],
  ] as const) {
    const heard = await hear(file);
    const whole = /AIFF, length|Wave64, length|pipe/.test(name);
    expect.soft([name, heard.loss !== null, heard.totalSamples]).toEqual([name, truncated, whole ? 16_000 : 8_000]);
  }
});

test('rates and channels that no recorder has are a damaged header, told at once', async () => {
  const [high, low] = [big('signed', 2), little('signed', 2)];
  for (const [rate, channels] of [
    [1, 1],
    [999, 1],
    [767_999, 1],
    [16000, 0],
    [16000, 300],
  ]) {
    const bytes = new Uint8Array(4000);
    const at = (layout: Layout): Recording => ({ rate, channels, layout, bytes });
    for (const [name, file] of [
      ['AIFF', aiff(at(high))],
      ['CAF', caf(at(high), 4004)],
      ['AU', au(at(high), 4000)],
      ['RIFX', riff(at(high), 4000)],
      ['Wave64', wave64(at(low))],
    ] as const) {
      const began = performance.now();
      const outcome = await hear(file, { mostBlocks: 1 }).then(
        () => 'heard',
        (error: Error) => error.name,
      );
      expect.soft([name, rate, channels, outcome]).toEqual([name, rate, channels, 'DamagedFile']);
      expect.soft(performance.now() - began).toBeLessThan(2000);
    }
  }
});
