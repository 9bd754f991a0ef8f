/** Files of several parts, read by their bytes alone: frames, links and edits, without a decoder. */
import { readFileSync } from 'node:fs';
import { dirname, join as path } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';
import { ADTS_SYNTAX } from '../../workers/media/adts';
import { ByteWindow } from '../../workers/media/bytes';
import { readEditList } from '../../workers/media/edits';
import { frameAtStart, frameInJunk, frames, type FrameSyntax } from '../../workers/media/frames';
import { MP3_SYNTAX } from '../../workers/media/mp3';
import { oggChain } from '../../workers/media/ogg';
import { ape, id3, join, letters, lyrics, noise, untagged, withEdits } from '../fixtures/joined.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const fixtures = path(dirname(fileURLToPath(import.meta.url)), '../fixtures');
const media = (name: string): Bytes => Uint8Array.from(readFileSync(path(fixtures, 'media', name)));
const mediaCase = (name: string): Bytes => Uint8Array.from(readFileSync(path(fixtures, 'media-cases', name)));

type Found = { seconds: number; count: number; streams: string[]; ascending: boolean };

async function framesOf(file: Uint8Array, syntax: FrameSyntax, junk = false): Promise<Found | null> {
  const window = new ByteWindow(new Blob([file as Bytes]));
  const first = await (junk ? frameInJunk : frameAtStart)(window, syntax);
  if (first === null) return null;
  const found: Found = { seconds: 0, count: 0, streams: [], ascending: true };
  for await (const frame of frames(window, syntax, first)) {
    found.ascending &&= Math.abs(frame.timestamp - found.seconds) < 1e-9;
    found.seconds = frame.timestamp + frame.samples / frame.rate;
    found.count++;
    const stream = `${frame.rate} ${frame.channels}`;
    if (found.streams.at(-1) !== stream) found.streams.push(stream);
  }
  return found;
}

const VBR = media('vbr-22k.mp3');
const BARE = media('bare-8k.mp3');
const STEREO = media('stereo-48k.mp3');

test('joined MP3s are the sum of their parts, whatever stands between them', async () => {
  const alone = await Promise.all([VBR, BARE, STEREO].map((part) => framesOf(part, MP3_SYNTAX)));
  const sum = (of: (found: Found) => number): number => alone.reduce((all, found) => all + of(found!), 0);
  const cover = id3(noise(2_000_000, 1));
  for (const [name, between] of [
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(100_000)],
    ['ID3v1', letters('TAG'.padEnd(128, 'x'))],
    ['a cover of 2 MB', cover],
    ['APE', ape(noise(5000, 2))],
    ['APE without a header', ape(noise(500, 3), false)],
    ['lyrics', lyrics('la la la ID3 TAG APETAGEX '.repeat(20))],
    ['all of them', join(lyrics('la'), ape(noise(50, 4)), letters('TAG'.padEnd(128, 'x')), cover)],
    ['a little junk', noise(3000, 5)],
  ] as const) {
    const file = join(VBR, between, untagged(BARE), between, STEREO);
    const found = await framesOf(file, MP3_SYNTAX);
    expect(found?.streams, name).toEqual(['22050 1', '8000 1', '48000 2']);
    expect(found?.ascending, name).toBe(true);
    // Noise can look like a frame; it never costs more than it is long.
    expect(Math.abs(found!.count - sum(({ count }) => count)), name).toBeLessThanOrEqual(name.includes('junk') ? 2 : 0);
    expect(Math.abs(found!.seconds - sum(({ seconds }) => seconds)), name).toBeLessThan(0.1);
  }
});

test('zeros, tags and covers before the first frame are stepped over', async () => {
  const bare = await framesOf(BARE, MP3_SYNTAX);
  for (const before of [
    new Uint8Array(5_000_000),
    id3(noise(3_000_000, 6)),
    join(id3(noise(100, 7)), id3(noise(200_000, 8)), new Uint8Array(1000)),
    join(id3(new Uint8Array(10)), new Uint8Array(70_001)),
    ape(noise(900, 9)),
  ])
    expect(await framesOf(join(before, BARE), MP3_SYNTAX)).toEqual(bare);
  expect(await framesOf(join(noise(300_000, 10), BARE), MP3_SYNTAX)).toBeNull();
  expect(await framesOf(join(noise(300_000, 10), BARE), MP3_SYNTAX, true)).toEqual(bare);
});

test('AAC of several rates and channels, joined', async () => {
  const [mono, stereo] = [media('mono-16k.aac'), media('stereo-44k.aac')];
  const parts = await Promise.all([mono, stereo].map((part) => framesOf(part, ADTS_SYNTAX)));
  const whole = await framesOf(join(id3(noise(40, 1)), mono, id3(noise(900, 2)), stereo), ADTS_SYNTAX);
  expect(whole?.streams).toEqual(['16000 1', '44100 2']);
  expect(whole?.count).toBe(parts[0]!.count + parts[1]!.count);
  expect(await framesOf(VBR, ADTS_SYNTAX)).toBeNull();
  expect(await framesOf(mono, MP3_SYNTAX)).toBeNull();
});

test('what is no stream of frames is taken for none', async () => {
  for (const [name, bytes] of [
    ['noise', noise(400_000, 11)],
    ['text', letters('This is a text that somebody renamed. ID3 TAG\n'.repeat(4000))],
    ['zeros', new Uint8Array(100_000)],
    ['UTF-16', Uint8Array.from({ length: 4000 }, (_, i) => (i === 0 ? 0xff : i === 1 ? 0xfe : i % 2 ? 0 : 0x41))],
    ['one frame header', Uint8Array.from([0xff, 0xfb, 0x90, 0xc0, 0, 0])],
    ['FLAC', media('flac.flac')],
    ['MP4', media('aac.m4a')],
  ] as const) {
    for (const syntax of [MP3_SYNTAX, ADTS_SYNTAX]) {
      expect(await framesOf(bytes, syntax), name).toBeNull();
      if (name !== 'MP4') expect(await framesOf(bytes, syntax, true), name).toBeNull();
    }
  }
});

test('the links of a chained Ogg, with the same serial number or another, and what is cut', async () => {
  const [opus, vorbis] = [media('opus.opus'), media('vorbis-44k.ogg')];
  expect((await oggChain(new Blob([opus])))?.links).toEqual([{ from: 0, to: opus.length }]);
  const three = join(opus, vorbis, opus);
  const chain = await oggChain(new Blob([three]));
  expect(chain).toEqual({
    links: [
      { from: 0, to: opus.length },
      { from: opus.length, to: opus.length + vorbis.length },
      { from: opus.length + vorbis.length, to: three.length },
    ],
    cut: false,
  });
  for (const name of ['06_chained_same_serial.opus', '06_chained_two_serials.opus']) {
    expect((await oggChain(new Blob([mediaCase(name)])))?.links, name).toHaveLength(2);
  }
  const junk = await oggChain(new Blob([noise(1000, 12), opus]));
  expect(junk?.links).toEqual([{ from: 1000, to: 1000 + opus.length }]);
  const cut = await oggChain(new Blob([three.slice(0, three.length - 100)]));
  expect(cut?.cut).toBe(true);
  expect(cut!.links[2].to).toBeLessThan(three.length - 100);
  expect(await oggChain(new Blob([noise(5000, 13)]))).toBeNull();
});

test('edit lists are found and read in both widths', async () => {
  const trimmed = await readEditList(new Blob([mediaCase('03_trimmed_end_by_edit_list.m4a')]), 1);
  expect(trimmed?.fragmented).toBe(false);
  expect(trimmed?.edits[0].seconds).toBeCloseTo(5, 2);
  const edits = [
    { seconds: 0.5, media: null },
    { seconds: 1, media: 2 },
    { seconds: 0.75, media: 0.5 },
  ];
  for (const long of [false, true]) {
    const list = await readEditList(new Blob([withEdits(media('aac.m4a'), edits, long)]), 1);
    expect(list?.edits.map(({ seconds, mediaStart }) => ({ seconds, media: mediaStart }))).toEqual(edits);
  }
  expect(await readEditList(new Blob([media('aac.m4a')]), 7)).toBeNull();
  expect(await readEditList(new Blob([noise(4000, 14)]), 1)).toBeNull();
});
