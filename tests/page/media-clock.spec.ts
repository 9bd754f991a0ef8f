/** The page's player and the transcript share one clock: what an `<audio>` plays at a time is what was decoded there. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { launchOptions } from '../chromium.mjs';
import { withEdits } from '../fixtures/joined.ts';
import { decodeMade, floats, locate, soundOf } from './sound.ts';

type Clock = typeof import('../harness/clock.ts');

const { args, ...rest } = launchOptions({ gpu: false });
test.use({ launchOptions: { ...rest, args: [...(args ?? []), '--autoplay-policy=no-user-gesture-required'] } });

const RATE = 16000;
const media = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(fixture(`media/${name}`)));
const mediaCase = (name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(fixture(`media-cases/${name}`)));

/** What the browser's player plays of a file, `length` seconds from `seconds` on. */
async function playedFrom(
  harness: Page,
  bytes: Uint8Array,
  name: string,
  seconds: number,
  length: number,
): Promise<Float32Array> {
  const { sound } = await harness.evaluate(
    async ([base64, fileName, seconds, length]) => {
      const file = new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], fileName);
      return (await window.harness.load<Clock>('clock')).playedFrom(file, seconds, length);
    },
    [Buffer.from(bytes).toString('base64'), name, seconds, length] as const,
  );
  expect(sound, 'it plays').not.toBeNull();
  return floats(sound);
}

/** A busy machine drops blocks of what it records. A clock that is wrong is wrong in every recording. */
const TAKES = 4;

/** That in one of several recordings the player's sound lies where `place` looks for it, to 50 ms. */
async function expectSame(
  played: () => Promise<Float32Array>,
  place: (heard: Float32Array) => { correlation: number; late: number },
): Promise<void> {
  for (let take = 1; ; take++) {
    const { correlation, late } = place(await played());
    if (take < TAKES && (correlation <= 0.85 || Math.abs(late) / 16 >= 50)) continue;
    expect(correlation, 'the same sound').toBeGreaterThan(0.85);
    expect(Math.abs(late) / 16, 'milliseconds apart').toBeLessThan(50);
    return;
  }
}

test('the player and the decoded sound agree to 50 ms', async ({ harness }) => {
  test.setTimeout(180_000);
  const priming = 1024 / RATE;
  const late = withEdits(media('aac.m4a'), [
    { seconds: 0.75, media: null },
    { seconds: 2, media: priming },
  ]);
  for (const [name, bytes, times] of [
    ['j.wav', mediaCase('08_arecord_pipe_length.wav'), [3.2, 6.2]],
    ['trimmed.m4a', mediaCase('03_trimmed_end_by_edit_list.m4a'), [1.2, 3.2]],
    ['cut.m4a', mediaCase('03_cut_in_the_middle_two_edits.m4a'), [3.2, 6.2]],
    ['fragments.mp4', mediaCase('13_fragmented_no_duration.mp4'), [12.2, 16.2]],
    ['chain.opus', mediaCase('06_chained_two_serials.opus'), [3.2]],
    ['late.m4a', late, [1.2]],
    ['flac.flac', media('flac.flac'), [1.2]],
    ['opus.opus', media('opus.opus'), [1.2]],
    ['opus.mka', media('opus.mka'), [1.2]],
    ['vorbis.ogg', media('vorbis-44k.ogg'), [1.2]],
    ['film.webm', media('film.webm'), [1.7]],
    ['fragmented.mp4', media('fragmented.mp4'), [1.2]],
    ['surround.m4a', media('surround.m4a'), [1.2]],
  ] as const) {
    const sound = soundOf(await decodeMade(harness, bytes, name, { keep: true }));
    for (const time of times) {
      await test.step(`${name} at ${time} s`, async () => {
        const played = (): Promise<Float32Array> => playedFrom(harness, bytes, name, time, 0.5);
        await expectSame(played, (heard) => locate(sound, heard, time * RATE, 0.2 * RATE));
      });
    }
  }
});

test('an MP3 begins where its player begins it', async ({ harness }) => {
  // A player seeks in an MP3 by guess; from the start on its clock is exact.
  // One without a tag begins with silence, in which there is nothing to compare.
  for (const name of ['vbr-22k.mp3', 'stereo-48k.mp3', 'mono-16k.aac', 'stereo-44k.aac']) {
    const bytes = media(name);
    const sound = soundOf(await decodeMade(harness, bytes, name, { keep: true }));
    // Both begin with the encoder's silence, of which the player's recording may lack exact zeros.
    const first = sound.findIndex((value) => Math.abs(value) > 1e-5);
    const loud = (samples: Float32Array): Float32Array => samples.subarray(4000, 20_000);
    const played = (): Promise<Float32Array> => playedFrom(harness, bytes, name, 0, 1.5);
    const begun = sound.subarray(Math.max(0, first - 400));
    await expectSame(played, (heard) => locate(begun, loud(heard), 4400, 0.2 * RATE));
  }
});
