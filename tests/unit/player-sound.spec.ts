/** What the browser's player decodes, as a file that the media worker reads. */
import { expect, test } from 'playwright/test';
import { Decodable } from '../../src/engine/decodable.ts';
import { mayBePlayed, writingWav } from '../../src/engine/player-sound.ts';
import { atOnce } from '../../src/slices.ts';
import { fault } from '../../workers/protocol.ts';
import { openWav } from '../../workers/media/wav.ts';

test('a WAV file of every channel, sample by sample, however long it is', async () => {
  for (const [channels, length] of [
    [1, 0],
    [1, 5],
    [2, 40_000],
    [6, 16_385],
  ]) {
    const planes = Array.from({ length: channels }, (_, channel) =>
      Float32Array.from({ length }, (_, i) => Math.sin(i * 0.01 * (channel + 1)) * 1.2),
    );
    const sound = {
      numberOfChannels: channels,
      length,
      sampleRate: 16_000,
      getChannelData: (at: number) => planes[at],
    };
    const file = new Blob(atOnce(writingWav(sound)));
    expect(file.size).toBe(44 + 2 * channels * length);
    const head = new Uint8Array(await file.slice(0, 65_536).arrayBuffer());
    if (length === 0) continue;
    const media = await openWav({ file, head, choice: { track: null, channel: null } });
    expect(media?.facts).toMatchObject({ container: 'WAVE', sampleRate: 16_000, channels, seconds: length / 16_000 });
    let at = 0;
    for await (const chunk of media!.stretches[0].read(-Infinity)) {
      chunk.channels.forEach((plane, channel) =>
        plane.forEach((value, i) => {
          const truth = Math.max(-1, Math.min(1, planes[channel][at + i]));
          if (Math.abs(value - truth) > 1 / 16_000)
            throw new Error(`channel ${channel} at ${at + i}: ${value}, ${truth}`);
        }),
      );
      at += chunk.channels[0].length;
    }
    expect(at).toBe(length);
  }
});

test('the player is asked for what every browser plays alone', () => {
  for (const detail of [
    'holds MP3 in MP3',
    'holds AAC in MP4',
    'holds HE-AAC 2 in MP4',
    'holds Opus in Ogg',
    'holds FLAC',
  ])
    expect(mayBePlayed(detail), detail).toBe(true);
  for (const detail of ['holds DTS in Matroska', 'locked: iTunes with copy protection', 'holds “MP3x” in AVI', ''])
    expect(mayBePlayed(detail), detail).toBe(false);
});

test('a file that the media worker opens is the file itself; another fault than its format stays that', async () => {
  const facts = { container: 'MP3', codec: 'mp3', seconds: 3, sampleRate: 48_000, channels: 2, video: false };
  const decodable = new Decodable();
  const file = new File(['sound'], 'a.mp3');
  const opened: File[] = [];
  await expect(
    decodable.open(file, (one) => {
      opened.push(one);
      return Promise.resolve(facts);
    }),
  ).resolves.toEqual(facts);
  expect(opened).toEqual([file]);
  expect(await decodable.of(file)).toBe(file);
  for (const refusal of [fault('DamagedFile', 'x'), fault('UnsupportedFormat', 'holds DTS in MP4')]) {
    await expect(decodable.open(file, () => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(await decodable.of(file)).toBe(file);
  }
});

test('where the decoder fails at what it said it can, the player is asked, and the file stands where that fails too', async () => {
  const facts = { container: 'MP3', codec: 'mp3', seconds: 3, sampleRate: 48_000, channels: 2, video: false };
  const samples = new Float32Array(1600).fill(0.5);
  const sound = { numberOfChannels: 1, length: 1600, sampleRate: 16_000, getChannelData: () => samples };
  let plays = true;
  Object.assign(globalThis, {
    Audio: class extends EventTarget {
      duration = 3;
      removeAttribute() {}
      set src(_: string) {
        this.dispatchEvent(new Event('loadedmetadata'));
      }
    },
    OfflineAudioContext: class {
      decodeAudioData = () => (plays ? Promise.resolve(sound) : Promise.reject(new Error('no sound')));
    },
  });
  try {
    const decodable = new Decodable();
    const opened: File[] = [];
    const open = (one: File) => {
      opened.push(one);
      return Promise.resolve(opened.length === 1 ? { ...facts, doubt: 'holds MP3 in MP3' } : facts);
    };
    // Never opened in this visit, as where the words of an earlier one go on.
    const file = new File(['sound'], 'a.mp3');
    const heard = await decodable.soundOf(file, open);
    expect(heard).not.toBe(file);
    expect([heard.name, heard.size]).toEqual(['a.mp3', 44 + 3200]);
    expect(opened).toEqual([file, heard]);
    expect(await decodable.soundOf(file, open)).toBe(heard);
    expect(opened).toHaveLength(2);

    plays = false;
    opened.length = 0;
    const damaged = new File(['noise'], 'b.mp3');
    await expect(decodable.open(damaged, open)).resolves.toEqual(facts);
    expect(await decodable.soundOf(damaged, open)).toBe(damaged);
    expect(opened).toEqual([damaged]);
  } finally {
    Reflect.deleteProperty(globalThis, 'Audio');
    Reflect.deleteProperty(globalThis, 'OfflineAudioContext');
  }
});
