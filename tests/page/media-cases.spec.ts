/** The kinds of files that people report as broken: what comes out is held against the recording it was made from. */
import { readFileSync } from 'node:fs';
import { expect, fixture, test } from '../browser.ts';
import { ape, id3, join, letters, lyrics, noise, untagged, withEdits } from '../fixtures/joined.ts';
import { wav } from '../fixtures/wav.ts';
import type { Outcome } from '../harness/media.ts';
import { decodeFile, decodeMade, locate, soundOf } from './sound.ts';

const RATE = 16000;
const media = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(fixture(`media/${name}`)));
const mediaCase = (name: string): string => fixture(`media-cases/${name}`);

/** J itself, from the file whose header alone is wrong. */
const J = ((): Float32Array => {
  const bytes = readFileSync(mediaCase('08_arecord_pipe_length.wav'));
  return Float32Array.from({ length: (bytes.length - 44) / 2 }, (_, i) => bytes.readInt16LE(44 + 2 * i) / 32768);
})();

/** That seconds [from, to) of `truth` are heard at `at` seconds, to 50 ms, second by second. */
function expectHeard(outcome: Outcome, truth: Float32Array, from: number, to: number, at: number, least = 0.85): void {
  const sound = soundOf(outcome);
  let [sum, count] = [0, 0];
  for (let second = from; second + 1 <= to; second++) {
    const piece = truth.subarray(second * RATE, (second + 1) * RATE);
    if (piece.reduce((all, value) => all + value * value, 0) < 1e-4 * RATE) continue;
    const { correlation, late } = locate(sound, piece, Math.round((at + second - from) * RATE), 0.08 * RATE);
    expect(Math.abs(late) / 16, `second ${second}, milliseconds late`).toBeLessThan(65);
    sum += correlation;
    count++;
  }
  expect(count).toBeGreaterThan(0);
  expect(sum / count, `seconds ${from} to ${to}`).toBeGreaterThan(least);
}

function expectWhole(outcome: Outcome, seconds: number): void {
  expect([outcome.fault, outcome.end?.loss]).toEqual([null, null]);
  expect(Math.abs(outcome.samples / RATE - seconds)).toBeLessThan(0.15);
  const stated = outcome.facts?.seconds;
  if (stated !== null && stated !== undefined) expect(Math.abs(stated - seconds)).toBeLessThan(0.15);
}

test('J in every disguise: heard whole, and no word of anything missing', async ({ harness }) => {
  for (const name of [
    '01_phase_inverted_stereo.wav',
    '08_arecord_pipe_length.wav',
    '08_sox_pipe_length.wav',
    '09_header_claims_4s_of_11s.wav',
    '10_unfinalised_avaudiofile.wav',
    '17_dc_offset.wav',
  ]) {
    await test.step(name, async () => {
      const outcome = await decodeFile(harness, mediaCase(name), { keep: true });
      expectWhole(outcome, 11);
      expectHeard(outcome, J, 0, 11, 0, 0.97);
    });
  }
});

test('an edit list is played, and what it cuts away is nowhere', async ({ harness }) => {
  const trimmed = await decodeFile(harness, mediaCase('03_trimmed_end_by_edit_list.m4a'), { keep: true });
  expectWhole(trimmed, 5);
  expect(trimmed.samples).toBeLessThanOrEqual(5.001 * RATE);
  expectHeard(trimmed, J, 0, 5, 0);
  const cut = await decodeFile(harness, mediaCase('03_cut_in_the_middle_two_edits.m4a'), { keep: true });
  expectWhole(cut, 8);
  expectHeard(cut, J, 0, 5, 0);
  expectHeard(cut, J, 8, 11, 5);
  for (let second = 5; second < 8; second++) {
    const gone = J.subarray((second + 0.1) * RATE, (second + 0.9) * RATE);
    expect(locate(soundOf(cut), gone, 4 * RATE, 3.5 * RATE).correlation, `second ${second}`).toBeLessThan(0.5);
  }
});

test('edit lists of every shape', async ({ harness }) => {
  test.setTimeout(120_000);
  // The clip's own edit begins behind the encoder's 1024 samples of priming.
  const priming = 1024 / RATE;
  for (const [name, edits, heard, seconds] of [
    ['the middle', [{ seconds: 1, media: priming + 1 }], [[1, 2, 0]], 1],
    [
      'late',
      [
        { seconds: 0.75, media: null },
        { seconds: 2, media: priming },
      ],
      [[0, 2, 0.75]],
      2.75,
    ],
    ['no length', [{ seconds: 0, media: priming + 1 }], [[1, 3, 0]], 2],
    [
      'in another order',
      [
        { seconds: 1, media: priming + 2 },
        { seconds: 1, media: priming },
      ],
      [
        [2, 3, 0],
        [0, 1, 1],
      ],
      2,
    ],
    [
      'with a pause',
      [
        { seconds: 1, media: priming },
        { seconds: 0.5, media: null },
        { seconds: 1, media: priming + 1 },
      ],
      [
        [0, 1, 0],
        [1, 2, 1.5],
      ],
      2.5,
    ],
    [
      'twice',
      [
        { seconds: 1, media: priming + 1 },
        { seconds: 1, media: priming + 1 },
      ],
      [
        [1, 2, 0],
        [1, 2, 1],
      ],
      2,
    ],
    ['longer than the sound', [{ seconds: 90, media: priming + 1 }], [[1, 3, 0]], 2],
  ] as const) {
    for (const long of [false, true]) {
      await test.step(`${name}, ${long ? 64 : 32} bits`, async () => {
        const file = withEdits(media('aac.m4a'), [...edits], long);
        const outcome = await decodeMade(harness, file, 'clip.m4a', { keep: true });
        expectWhole(outcome, seconds);
        for (const [from, to, at] of heard) expectHeard(outcome, J, from, to, at);
        // Going on from the middle meets the same sound.
        const rest = await decodeMade(harness, file, 'clip.m4a', { keep: true, fromSample: 8000 });
        expect(Math.abs(rest.samples + 8000 - outcome.samples)).toBeLessThanOrEqual(1);
        const piece = soundOf(outcome).subarray(8000, 16000);
        expect(locate(soundOf(rest), piece, 0, 40).correlation).toBeGreaterThan(0.97);
      });
    }
  }
});

test('joined and chained files run on', async ({ harness }) => {
  const b = soundOf(await decodeFile(harness, mediaCase('07_zeros_between_id3_and_frames.mp3'), { keep: true }));
  expect(Math.abs(b.length / RATE - 10)).toBeLessThan(0.05);
  for (const [name, at] of [
    ['04_joined_mono_then_stereo.mp3', 10.03],
    ['05_joined_with_own_headers.mp3', 10.03],
    ['06_chained_same_serial.opus', 9.963],
    ['06_chained_two_serials.opus', 9.963],
    ['13_fragmented_no_duration.mp4', 10.027],
  ] as const) {
    await test.step(name, async () => {
      const outcome = await decodeFile(harness, mediaCase(name), { keep: true });
      expectWhole(outcome, 21);
      expectHeard(outcome, b, 0, 9, 0, 0.8);
      expectHeard(outcome, J, 0, 11, at, 0.8);
    });
  }
});

test('MP3 and AAC joined from parts of other rates and channels, with tags and covers between', async ({ harness }) => {
  const [vbr, bare, stereo] = [media('vbr-22k.mp3'), media('bare-8k.mp3'), media('stereo-48k.mp3')];
  const cover = id3(noise(1_500_000, 1));
  for (const [name, file] of [
    ['bare', join(vbr, untagged(bare), untagged(stereo))],
    ['covers', join(cover, vbr, cover, bare, ape(noise(900, 2)), stereo, lyrics('la la'))],
    ['zeros', join(new Uint8Array(90_000), vbr, new Uint8Array(40_000), bare, letters('TAG'.padEnd(128)), stereo)],
    ['junk', join(noise(60_000, 3), vbr, bare, stereo)],
  ] as const) {
    await test.step(name, async () => {
      const outcome = await decodeMade(harness, file, 'joined.mp3', { keep: true });
      expect(outcome.end?.loss).toBeNull();
      expect(Math.abs(outcome.facts!.seconds! - outcome.samples / RATE)).toBeLessThan(0.1);
      expectHeard(outcome, J, 0, 3, 0, 0.9);
      expectHeard(outcome, J, 0, 3, 3.15, 0.8);
      expectHeard(outcome, J, 0, 3, 6.22, 0.9);
    });
  }
  const aac = join(media('mono-16k.aac'), id3(noise(300, 4)), media('stereo-44k.aac'));
  const outcome = await decodeMade(harness, aac, 'joined.aac', { keep: true });
  expect(outcome.end?.loss).toBeNull();
  expectHeard(outcome, J, 0, 3, 0.064);
  expectHeard(outcome, J, 0, 3, outcome.facts!.seconds! - 3.02);
});

test('an Ogg of several links, codecs and rates, whole and cut', async ({ harness }) => {
  const [opus, vorbis] = [media('opus.opus'), media('vorbis-44k.ogg')];
  const chain = await decodeMade(harness, join(opus, vorbis, opus), 'radio.ogg', { keep: true });
  expectWhole(chain, 9);
  for (const at of [0, 3, 6]) expectHeard(chain, J, 0, 3, at, 0.8);
  const rest = await decodeMade(harness, join(opus, vorbis, opus), 'radio.ogg', { keep: true, fromSample: 4 * RATE });
  expect(rest.firstStart).toBe(4 * RATE);
  expect(Math.abs(rest.samples - 5 * RATE)).toBeLessThan(0.05 * RATE);
  expect(locate(soundOf(rest), soundOf(chain).subarray(4 * RATE, 5 * RATE), 0, 64).correlation).toBeGreaterThan(0.97);
  const junk = await decodeMade(harness, join(noise(3000, 5), opus), 'junk.opus', { keep: true });
  expectWhole(junk, 3);
  const cut = await decodeMade(harness, join(opus, vorbis).subarray(0, opus.length + 9000), 'cut.ogg', { keep: true });
  expect(cut.end?.loss).toEqual({ where: 'end', seconds: null });
  expect(cut.samples).toBeGreaterThan(3.5 * RATE);
});

test("the same three seconds from every container, at the player's times", async ({ harness }) => {
  // Late by the encoder's priming where the file does not say that it is some, as players are.
  for (const [name, at] of [
    ['flac.flac', 0],
    ['pcm.mov', 0],
    ['aac.m4a', 0],
    ['surround.m4a', 0],
    ['fragmented.mp4', 0.064],
    ['aac.m2t', 0.064],
    ['wrap.m2t', 0.064],
    ['mono-16k.aac', 0.064],
    ['vbr-22k.mp3', 0],
    ['stereo-48k.mp3', 0],
    ['bare-8k.mp3', 0.138],
    ['opus.opus', 0],
    ['opus.mka', 0],
    ['live.webm', 0],
    ['vorbis-44k.ogg', 0],
    ['film.webm', 0.7],
  ] as const) {
    await test.step(name, async () => {
      const outcome = await decodeMade(harness, media(name), name, { keep: true });
      expect([outcome.fault, outcome.end?.loss]).toEqual([null, null]);
      expectHeard(outcome, J, 0, 2, at, 0.8);
      const rest = await decodeMade(harness, media(name), name, { keep: true, fromSample: 20_000 });
      expect(rest.firstStart).toBe(20_000);
      const piece = soundOf(outcome).subarray(20_000, 36_000);
      expect(locate(soundOf(rest), piece, 0, 64).correlation, 'from the middle').toBeGreaterThan(0.95);
    });
  }
  const unknown = media('flac.flac');
  unknown[21] &= 0xf0;
  unknown.fill(0, 22, 26);
  expectWhole(await decodeMade(harness, unknown, 'no-length.flac'), 3);
});

test('what is missing of a file that breaks off is said', async ({ harness }) => {
  for (const [name, share, seconds] of [
    ['vbr-22k.mp3', 0.5, 1.5],
    ['fragmented.mp4', 0.6, null],
    ['flac.flac', 0.5, 1.5],
  ] as const) {
    const file = media(name);
    const outcome = await decodeMade(harness, file.subarray(0, file.length * share), name);
    expect([name, outcome.fault, outcome.end?.loss?.where]).toEqual([name, null, 'end']);
    if (seconds !== null) expect(Math.abs(outcome.end!.loss!.seconds! - seconds), name).toBeLessThan(0.8);
  }
});

test('tracks are listed, and the one that was asked for is heard', async ({ harness }) => {
  const film = mediaCase('02_speech_in_second_track.mp4');
  const silent = await decodeFile(harness, film, { keep: true });
  expectWhole(silent, 11);
  expect(silent.facts).toMatchObject({ video: true, track: 0 });
  expect(silent.facts?.tracks).toHaveLength(2);
  const spoken = await decodeFile(harness, film, { keep: true, choice: { track: 1, channel: null } });
  expect(spoken.facts?.track).toBe(1);
  expectWhole(spoken, 11);
  expectHeard(spoken, J, 0, 11, 0);

  const two = mediaCase('02_german_then_english_track.mkv');
  const german = await decodeFile(harness, two, { keep: true });
  expect(german.facts?.tracks?.map(({ language, codec, decodable }) => [language, codec, decodable])).toEqual([
    ['ger', 'opus', true],
    ['eng', 'opus', true],
  ]);
  // The second track goes on for longer; nothing is missing of the first.
  expect([german.end?.loss, Math.round(german.samples / RATE)]).toEqual([null, 5]);
  const english = await decodeFile(harness, two, { keep: true, choice: { track: 1, channel: null } });
  expectHeard(english, J, 0, 11, 0, 0.8);
  const none = await decodeFile(harness, two, { choice: { track: 2, channel: null } });
  expect(none.fault).toBe('EngineFailed');
});

test('a track that no browser decodes stands beside one that is heard', async ({ harness }) => {
  // The first track's codec is renamed to one that nobody has.
  const file = Uint8Array.from(readFileSync(mediaCase('02_german_then_english_track.mkv')));
  const at = Buffer.from(file).indexOf('A_OPUS');
  file.set(letters('A_XPUS'), at);
  const outcome = await decodeMade(harness, file, 'two.mkv', { keep: true });
  expect(outcome.facts?.tracks?.map(({ decodable }) => decodable)).toEqual([false, true]);
  expect(outcome.facts?.track).toBe(1);
  expectHeard(outcome, J, 0, 11, 0, 0.8);
  const asked = await decodeMade(harness, file, 'two.mkv', { choice: { track: 0, channel: null } });
  expect(asked.fault).toBe('UnsupportedFormat');
});

test('each side of a pair on its own, and both sides at their level', async ({ harness }) => {
  const other = Float32Array.from(J, (_, i) => J[J.length - 1 - i]);
  const silence = new Float32Array(J.length);
  const pair = wav({ samples: [J, other] });
  for (const [channel, truth] of [
    [0, J],
    [1, other],
  ] as const) {
    const outcome = await decodeMade(harness, pair, 'pair.wav', { keep: true, choice: { track: null, channel } });
    expectHeard(outcome, truth, 0, 11, 0, 0.99);
  }
  const level = Math.sqrt(J.reduce((sum, value) => sum + value * value, 0) / J.length);
  for (const samples of [
    [J, silence],
    [silence, J],
    [J, J.map((value) => -value)],
    [J, J],
    [silence, silence, silence, J],
  ]) {
    for (const rate of [RATE, 48000]) {
      const outcome = await decodeMade(harness, wav({ samples, rate }), 'side.wav');
      expect(outcome.rms / level).toBeGreaterThan(rate === RATE ? 0.95 : 0.9);
      expect(outcome.rms / level).toBeLessThan(1.05);
    }
  }
});

test('WAV headers of every kind, at several rates', async ({ harness }) => {
  const tone = (rate: number, seconds: number): Float32Array =>
    Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / rate));
  for (const rate of [8000, 44100, 96000]) {
    for (const channels of [1, 2, 6]) {
      const samples = Array.from({ length: channels }, () => tone(rate, 2));
      const made = wav({ samples, rate });
      const bytes = made.length - 44;
      for (const dataSize of [0, 0xffffffff, 0x7ffff000, 1001, Math.round(bytes / 3)]) {
        const outcome = await decodeMade(harness, wav({ samples, rate, dataSize, riffSize: dataSize }), 'lies.wav');
        expect([outcome.end?.totalSamples, outcome.end?.loss], `${rate} Hz, ${dataSize} bytes`).toEqual([32000, null]);
      }
      const cut = await decodeMade(harness, made.subarray(0, 44 + bytes / 2), 'cut.wav');
      expect(cut.end?.loss?.where).toBe('end');
      expect(cut.end?.loss?.seconds).toBeCloseTo(1, 1);
    }
  }
  for (const rate of [1, 7, 47_999, 768_000]) {
    const outcome = await decodeMade(
      harness,
      wav({ samples: [new Float32Array(Math.max(5, rate / 10)).fill(0.1)], rate }),
      'odd.wav',
    );
    // No recorder counts in hertz; odd rates that one could have are heard.
    expect([rate, outcome.fault]).toEqual([rate, rate < 1000 ? 'DamagedFile' : null]);
  }
  const many = Array.from({ length: 64 }, () => tone(8000, 1));
  const crowd = await decodeMade(harness, wav({ samples: many, rate: 8000 }), 'crowd.wav');
  expect(crowd.end?.totalSamples).toBe(RATE);
  expect(crowd.rms).toBeCloseTo(0.5 / Math.SQRT2, 1);
});
