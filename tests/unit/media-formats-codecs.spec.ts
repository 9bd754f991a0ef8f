/**
 * Every decoder that Earshot has besides the browser's, through the media worker's own path: against the source, and
 * where the codec's arithmetic is exact, to the bit against what ffmpeg 5.1 decodes.
 */
import { createHash } from 'node:crypto';
import { expect, test } from 'playwright/test';
import { channelsOf, correlate, fixture, hear } from './heard.ts';

/** [file, container, codec, correlation at least, lag of the encoder in samples at 16 kHz]. */
const FILES: [string, string, string, number, number][] = [
  ['codecs/ima4_22k_stereo.aifc', 'AIFC', 'ima4', 0.999, 0],
  ['codecs/ima4_8k.caf', 'CAF', 'ima4', 0.99, 0],
  ['codecs/ms_adpcm_22k_stereo.wav', 'WAVE', 'ms-adpcm', 0.999, 0],
  ['codecs/ms_adpcm_8k.wav', 'WAVE', 'ms-adpcm', 0.99, 0],
  ['codecs/ms_adpcm_8k.w64', 'Wave64', 'ms-adpcm', 0.99, 0],
  ['codecs/ima_adpcm_22k_stereo.wav', 'WAVE', 'ima-adpcm', 0.999, 0],
  ['codecs/gsm_8k.wav', 'WAVE', 'gsm', 0.93, 0],
  // What an encoder of AC-3 puts before the sound (256 samples at 48 kHz) is taken off where the container tells of it.
  ['codecs/ac3_51.ac3', 'AC-3', 'ac-3', 0.98, 85],
  ['codecs/eac3.eac3', 'AC-3', 'ec-3', 0.98, 85],
  ['codecs/eac3.mkv', 'Matroska', 'ec-3', 0.98, 85],
  ['codecs/eac3.mp4', 'MP4', 'ec-3', 0.98, 0],
  ['codecs/ac3.mp4', 'MP4', 'ac-3', 0.98, 0],
  ['codecs/ac3_44k.mpegts', 'MPEG Transport Stream', 'ac-3', 0.98, 93],
  ['codecs/wma1_44k_stereo.wma', 'ASF', 'wma1', 0.99, 0],
  ['codecs/wma2_44k_stereo.wma', 'ASF', 'wma2', 0.99, 0],
  ['codecs/film.wmv', 'ASF', 'wma2', 0.99, 0],
  // AMR looks ahead by 5 ms, and its wide band by 6.
  ['codecs/amr_122.amr', 'AMR', 'amr-nb', 0.95, 80],
  ['codecs/amr_wb.awb', 'AMR', 'amr-wb', 0.98, 95],
  ['codecs/amr_wb.3gp', 'MP4', 'amr-wb', 0.98, 95],
];

test('what was said is heard, at its time, in its length', async () => {
  const source = (await hear(fixture('codecs/source.wav'))).sound;
  for (const [file, container, codec, least, expectedLag] of FILES) {
    const heard = await hear(fixture(file));
    const { correlation, lag } = correlate(source, heard.sound, 120);
    expect.soft([heard.facts.container, heard.facts.codec, heard.loss], file).toEqual([container, codec, null]);
    expect.soft(correlation, file).toBeGreaterThan(least);
    expect.soft(Math.abs(lag - expectedLag), `${file}, lag`).toBeLessThanOrEqual(2);
    expect.soft(heard.sound.length, file).toBe(heard.totalSamples);
    expect.soft((heard.sound.length - source.length) / 16, `${file}, ms`).toBeLessThan(50);
    expect.soft((heard.sound.length - source.length) / 16, `${file}, ms`).toBeGreaterThan(-20);
    if (heard.facts.seconds !== null) {
      expect.soft(Math.abs(heard.facts.seconds - heard.sound.length / 16000), `${file}, s`).toBeLessThan(0.05);
    }
  }
});

test('the reported recordings: a dictaphone, phones, voice memos', async () => {
  test.setTimeout(60_000);
  const source = (await hear(fixture('media-cases/11_voice_memo.caf'))).sound;
  expect(source).toHaveLength(176000);
  for (const [file, codec, least, seconds] of [
    ['11_ac3.mkv', 'ac-3', 0.98, 11],
    ['11_alac.m4a', 'alac', 1 - 1e-9, 11],
    // 4.75 kbit/s: ffmpeg's decoder comes to the same figure.
    ['11_call.amr', 'amr-nb', 0.88, 11],
    ['11_phone.3gp', 'amr-nb', 0.88, 11],
    ['11_gsm_phone.wav', 'gsm', 0.94, 11],
    // Its own header counts the silence that fills its last block.
    ['11_ima_adpcm_dictaphone.wav', 'ima-adpcm', 0.99, 11.2255],
    ['11_voice.wma', 'wma2', 0.99, 11],
  ] as const) {
    const heard = await hear(fixture(`media-cases/${file}`));
    expect.soft([file, heard.facts.codec, heard.facts.channels, heard.loss]).toEqual([file, codec, 1, null]);
    expect.soft(correlate(source, heard.sound, 90).correlation, file).toBeGreaterThan(least);
    expect.soft(Math.abs(heard.sound.length / 16000 - seconds), file).toBeLessThan(0.05);
    // A sound that only Earshot's own decoder reads is told as one that can be heard.
    expect.soft(heard.facts.tracks, file).toMatchObject([{ codec, channels: 1, decodable: true }]);
    expect.soft(heard.facts.track, file).toBe(0);
  }
});

/** MD5 of interleaved little-endian samples, as `ffmpeg -i FILE -c:a pcm_s16le -f md5 -` says. */
function md5(channels: Float32Array[], bytes: 2 | 3): string {
  const out = Buffer.alloc(channels[0].length * channels.length * bytes);
  let at = 0;
  for (let i = 0; i < channels[0].length; i++) {
    for (const plane of channels) at = out.writeIntLE(Math.round(plane[i] * 2 ** (8 * bytes - 1)), at, bytes);
  }
  return createHash('md5').update(out).digest('hex');
}

test('exact codecs are exact to the bit, channel by channel', async () => {
  for (const [file, bytes, digest] of [
    ['gsm_8k.wav', 2, 'bca2dd906104dd403a82c65d0ef1bfbc'],
    ['ima4_8k.caf', 2, '5e59f2ac34811b6fb633331b5f50f30f'],
    ['ima4_22k_stereo.aifc', 2, '3e30f937634d25c0703ca487e2e13799'],
    ['ms_adpcm_8k.wav', 2, 'a9aeb7648b391193652e22e3e1604fa8'],
    ['ms_adpcm_22k_stereo.wav', 2, '21239e424fa9d9c366006c94dc25b8ef'],
    ['lossless_16bit_stereo.m4a', 2, 'ecf2ae10f64391baf356889965ca9150'],
    ['lossless_16bit_stereo.mov', 2, 'ecf2ae10f64391baf356889965ca9150'],
    ['lossless_16bit_stereo.caf', 2, 'ecf2ae10f64391baf356889965ca9150'],
    ['lossless_24bit.m4a', 3, 'ca1a8cf77e9401e039adc36e2fbdd813'],
  ] as const) {
    expect.soft(md5(await channelsOf(fixture(`codecs/${file}`)), bytes), file).toBe(digest);
  }
});

test('going on from the middle meets the same samples', async () => {
  test.setTimeout(60_000);
  for (const [file] of FILES) {
    const whole = await hear(fixture(file));
    for (const fromSample of [1, 20_011, 33_333]) {
      const rest = await hear(fixture(file), { fromSample });
      expect.soft(Math.abs(rest.totalSamples - whole.totalSamples), file).toBeLessThanOrEqual(16);
      const { correlation, lag } = correlate(whole.sound.subarray(fromSample), rest.sound, 20);
      // Apple's ADPCM keeps nine bits of a value for those who begin in the middle; AC-3 has noise in it.
      expect.soft(correlation, `${file} from ${fromSample}`).toBeGreaterThan(/ima4/.test(file) ? 0.95 : 0.98);
      // The clock of ASF counts milliseconds.
      expect.soft(Math.abs(lag), `${file} from ${fromSample}`).toBeLessThanOrEqual(/\.wm/.test(file) ? 16 : 1);
    }
  }
});

test('half a file gives its half, and is called broken off', async () => {
  test.setTimeout(60_000);
  const source = (await hear(fixture('codecs/source.wav'))).sound;
  for (const [file, , , least, expectedLag] of FILES) {
    // Their index comes last, or all of the clip is one cluster.
    if (/\.(mp4|3gp|mkv)$/.test(file)) continue;
    const bytes = fixture(file);
    const half = await hear(bytes.slice(0, Math.floor(bytes.length * 0.6))).catch((error: Error) => error);
    expect.soft(half, file).not.toBeInstanceOf(Error);
    if (half instanceof Error) continue;
    const { correlation } = correlate(source.subarray(0, half.sound.length), half.sound, expectedLag + 10);
    expect.soft(correlation, file).toBeGreaterThan(least - 0.02);
    expect.soft(half.sound.length / source.length, file).toBeGreaterThan(0.4);
    expect.soft(half.sound.length / source.length, file).toBeLessThan(0.75);
    // Frames without a container do not know how many there should be; a cut one at the end is a sign.
    if (!/\.mpegts$/.test(file)) expect.soft(half.loss?.where, file).toBe('end');
  }
});
