/** The stream: what comes out depends on the sound alone, not on how it comes, and little of it is held. */
import { expect, test } from 'playwright/test';
import type { VoiceTable } from '../../workers/protocol.ts';
import { SpeakerListener } from '../../workers/speakers/listener.ts';
import { FRAME_SAMPLES, POWERSET, WINDOW_FRAMES } from '../../workers/speakers/powerset.ts';
import { OWN_VOICE, TWO_VOICES, VOICE_SIZE } from '../../workers/speakers/table.ts';
import { randomFrom } from './random.ts';

const RATE = 16000;
/** Whose sound a level is: of nobody, of one, of another, of both. */
const LEVELS = [0, 0.2, 0.4, 0.6];
const SETS = [0b000, 0b001, 0b010, 0b011];

/** @param parts level and seconds of each stretch */
function sound(parts: readonly [level: number, seconds: number][], seed = 1): Float32Array {
  const random = randomFrom(seed);
  return Float32Array.from(
    parts.flatMap(([level, seconds]) =>
      Array.from({ length: Math.round(seconds * RATE) }, () => LEVELS[level] + random.between(-0.05, 0.05)),
    ),
  );
}

/** Networks that see who speaks from the level; a voice is made of every row that CAM++ would get. */
function forgedNetworks() {
  const heard = { windows: 0, rows: 0 };
  return {
    heard,
    segment: (pcm: Float32Array) => {
      heard.windows += 1;
      const logits = new Float32Array(WINDOW_FRAMES * POWERSET.length).fill(-10);
      for (let t = 0; t < WINDOW_FRAMES; t++) {
        const level = Math.round(pcm[t * FRAME_SAMPLES + 720] / 0.2);
        logits[t * POWERSET.length + POWERSET.indexOf(SETS[level] as 0)] = -1e-4;
      }
      return Promise.resolve(logits);
    },
    embed: (fbank: Float32Array) => {
      heard.rows += fbank.length / 80;
      const voice = new Float32Array(VOICE_SIZE);
      for (const [i, value] of fbank.entries()) voice[(i * 7) % VOICE_SIZE] += value * ((i % 13) - 6);
      return Promise.resolve(voice);
    },
  };
}

async function listen(pcm: Float32Array, blocks: (at: number) => number) {
  const networks = forgedNetworks();
  const listener = new SpeakerListener(networks);
  for (let at = 0; at < pcm.length;) {
    const length = blocks(at);
    await listener.push(pcm.subarray(at, at + length));
    at += length;
  }
  return { listener, table: await listener.finish(), heard: networks.heard };
}

/** Start, end and kind of each piece; seconds rounded to tenths. */
function told({ starts, ends, kinds }: VoiceTable): string[] {
  const seconds = (frame: number) => ((frame * FRAME_SAMPLES + 585) / RATE).toFixed(1);
  return [...starts.keys()].map((i) => `${seconds(starts[i])}-${seconds(ends[i])}:${kinds[i]}`);
}

test('speech is cut at pauses, changes and overlaps, and into pieces of a second and a half', async () => {
  const pcm = sound([
    [0, 1],
    [1, 1],
    [0, 0.5],
    [2, 4],
    [1, 1],
    [3, 0.5],
    [2, 1],
    [0, 0.1],
    [2, 0.6],
    [0, 2],
  ]);
  const { table } = await listen(pcm, () => RATE);
  expect(told(table)).toEqual([
    `1.0-2.0:${OWN_VOICE}`,
    `2.5-3.8:${OWN_VOICE}`,
    `3.8-5.2:${OWN_VOICE}`,
    `5.2-6.5:${OWN_VOICE}`,
    `6.5-7.5:${OWN_VOICE}`,
    `7.5-8.0:${TWO_VOICES}`,
    // A tenth of a second is no pause.
    `8.0-8.9:${OWN_VOICE}`,
    `8.9-9.7:${OWN_VOICE}`,
  ]);
});

test('the table does not depend on how the sound is cut into blocks', async () => {
  const random = randomFrom(3);
  const parts = Array.from({ length: 60 }, (): [number, number] => [random.whole(0, 3), random.between(0.1, 3)]);
  const pcm = sound(parts, 4);
  const { table } = await listen(pcm, () => RATE);
  expect(table.starts.length).toBeGreaterThan(50);
  for (const blocks of [() => 777, () => 3 * 160000 + 5, () => random.whole(1, 40000)])
    expect((await listen(pcm, blocks)).table).toEqual(table);
});

test('what was told of the beginning stays when the sound goes on', async () => {
  const random = randomFrom(9);
  const parts = Array.from({ length: 40 }, (): [number, number] => [random.whole(0, 2), random.between(0.2, 2)]);
  const pcm = sound(parts, 5);
  const listener = new SpeakerListener(forgedNetworks());
  const { table: whole } = await listen(pcm, () => RATE);
  for (let at = 0; at < pcm.length; at += RATE) {
    await listener.push(pcm.subarray(at, at + RATE));
    const { starts, ends, endFrame } = listener.table();
    expect([...starts]).toEqual([...whole.starts.subarray(0, starts.length)]);
    expect([...ends]).toEqual([...whole.ends.subarray(0, ends.length)]);
    expect(ends.at(-1) ?? 0).toBeLessThanOrEqual(endFrame);
  }
});

test('a recording that is gone on with has its times, and what was heard before', async () => {
  const pcm = sound([
    [0, 1],
    [1, 3],
    [0, 4],
    [2, 3],
    [0, 2],
  ]);
  const { table: whole } = await listen(pcm, () => RATE);
  const cut = 6 * RATE + 7;
  const first = new SpeakerListener(forgedNetworks());
  await first.push(pcm.subarray(0, cut));
  const earlier = await first.finish();
  const second = new SpeakerListener(forgedNetworks(), cut, earlier);
  await second.push(pcm.subarray(cut));
  const joined = await second.finish();
  expect(told(joined)).toEqual(told(whole));
  expect(joined.endFrame).toBe(whole.endFrame);
  // Without what came before there is the rest, where it lies.
  const alone = new SpeakerListener(forgedNetworks(), cut);
  await alone.push(pcm.subarray(cut));
  expect(told(await alone.finish())).toEqual(told(whole).slice(3));
});

test('files of no sound, of an instant and of less than a window', async () => {
  for (const seconds of [0, 0.01, 0.3, 2, 4.9]) {
    const { table, heard } = await listen(sound([[1, seconds]]), () => RATE);
    expect(heard.windows, `${seconds} s`).toBe(1);
    expect(table.starts.length > 0, `${seconds} s`).toBe(seconds >= 0.3);
  }
  expect((await listen(sound([[0, 30]]), () => RATE)).table.starts).toHaveLength(0);
});

test('of the sound some seconds are held, however long it is and however it comes', async () => {
  const minute = sound(Array.from({ length: 30 }, (_, i): [number, number] => [1 + (i % 2), 2]));
  const listener = new SpeakerListener(forgedNetworks());
  await listener.push(minute);
  const { soundBytes } = listener;
  for (let i = 0; i < 9; i++) await listener.push(minute);
  expect(listener.soundBytes).toBe(soundBytes);
  expect(soundBytes).toBeLessThanOrEqual(60 * RATE * 4);
});

test('of a second and a half of speech CAM++ hears the middle second, once', async () => {
  const { heard } = await listen(sound([[1, 30]]), () => RATE);
  // Thirty seconds are twenty pieces or one more, and a filter bank's frame is 10 ms.
  expect(heard.rows).toBeGreaterThan(1950);
  expect(heard.rows).toBeLessThanOrEqual(21 * 101);
});
