/** Files that browsers do not read, through the shipped media worker in a real browser, and what the page says of others. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { dist, expect, fixture, needsShared, shared, test } from '../browser.ts';
import type { Options, Outcome } from '../harness/media.ts';
import { correlate } from '../unit/heard.ts';

type Media = typeof import('../harness/media.ts');

async function decode(page: Page, path: string, options: Options = {}): Promise<Outcome> {
  await page.evaluate(() => window.harness.load<Media>('media')); // makes the input
  await page.setInputFiles('#media-file', path);
  return page.evaluate(async (given) => {
    const media = await window.harness.load<Media>('media');
    return media.decode(media.picked(), given);
  }, options);
}

function soundOf(outcome: Outcome): Float32Array {
  const bytes = Buffer.from(outcome.sound ?? '', 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

test('every kind is heard: libraries and wasm start under the page’s own policy', async ({ harness }) => {
  test.setTimeout(120_000);
  const source = soundOf(await decode(harness, fixture('codecs/source.wav'), { keep: true }));
  // [file, container, codec, correlation at least, lag of the encoder in samples at 16 kHz]
  for (const [file, container, codec, least, expectedLag] of [
    ['ima4_22k_stereo.aifc', 'AIFC', 'ima4', 0.99, 0],
    ['ms_adpcm_22k_stereo.wav', 'WAVE', 'ms-adpcm', 0.99, 0],
    ['gsm_8k.wav', 'WAVE', 'gsm', 0.93, 0],
    ['amr_122.amr', 'AMR', 'amr-nb', 0.95, 80],
    ['amr_wb.awb', 'AMR', 'amr-wb', 0.98, 95],
    ['amr_wb.3gp', 'MP4', 'amr-wb', 0.98, 95],
    ['ac3_51.ac3', 'AC-3', 'ac-3', 0.98, 85],
    ['eac3.mkv', 'Matroska', 'ec-3', 0.98, 85],
    ['ac3.mp4', 'MP4', 'ac-3', 0.98, 0],
    ['ac3_44k.mpegts', 'MPEG Transport Stream', 'ac-3', 0.98, 93],
    ['wma2_44k_stereo.wma', 'ASF', 'wma2', 0.99, 0],
    // Streams that the browser decodes, in containers that it does not read.
    // No tag says there how much of an MP3 or of Opus is the encoder's; ffmpeg and players keep it as well.
    ['mp3.wav', 'WAVE', 'mp3', 0.98, 401],
    ['mp3.caf', 'CAF', 'mp3', 0.98, 401],
    ['opus.caf', 'CAF', 'opus', 0.98, 104],
    ['aac.caf', 'CAF', 'aac', 0.95, 0],
    ['mp3.mov', 'QuickTime File Format', 'mp3', 0.98, 0],
    ['mp2.mp2', 'MP3', 'mp2', 0.98, 481],
    ['mp2.mkv', 'Matroska', 'mp2', 0.98, 481],
  ] as const) {
    const outcome = await decode(harness, fixture(`codecs/${file}`), { keep: true });
    expect.soft([file, outcome.fault, outcome.faultDetail, outcome.consecutive]).toEqual([file, null, '', true]);
    expect.soft(outcome.facts, file).toMatchObject({ container, codec });
    expect.soft(outcome.end?.truncated, file).toBe(false);
    const { correlation, lag } = correlate(source, soundOf(outcome), expectedLag + 20);
    expect.soft(correlation, file).toBeGreaterThan(least);
    expect.soft(Math.abs(lag - expectedLag), `${file}, lag`).toBeLessThanOrEqual(8);
    expect.soft(Math.abs(outcome.samples - source.length) / 16, `${file}, ms`).toBeLessThan(50);
    const rest = await decode(harness, fixture(`codecs/${file}`), { keep: true, fromSample: 17_001 });
    const again = correlate(soundOf(outcome).subarray(17_001), soundOf(rest), 40);
    expect.soft([rest.firstStart, rest.consecutive], file).toEqual([17_001, true]);
    expect.soft(again.correlation, `${file}, from the middle`).toBeGreaterThan(0.95);
    expect.soft(Math.abs(again.lag), `${file}, from the middle`).toBeLessThanOrEqual(16);
  }
});

test('the reported recordings, whole', async ({ harness }) => {
  test.setTimeout(60_000);
  for (const name of [
    '11_ac3.mkv',
    '11_alac.m4a',
    '11_call.amr',
    '11_gsm_phone.wav',
    '11_ima_adpcm_dictaphone.wav',
    '11_phone.3gp',
    '11_voice.wma',
    '11_voice_memo.caf',
  ]) {
    const outcome = await decode(harness, fixture(`media-cases/${name}`));
    expect.soft([name, outcome.fault, outcome.end?.truncated]).toEqual([name, null, false]);
    // The dictaphone's last block is filled up by silence, which its header counts.
    expect.soft(Math.abs(outcome.samples / 16000 - 11), name).toBeLessThan(name.includes('ima') ? 0.25 : 0.05);
    expect.soft(outcome.rms, name).toBeGreaterThan(0.02);
  }
});

test('AIFF of other programs', async ({ harness }) => {
  needsShared(test, 'speech/bit-depths/french.aiff');
  for (const [aiff, other] of [
    ['audio-mono-16-bit-44100Hz.aiff', 'audio-mono-16-bit-44100Hz.wav'],
    ['audio-stereo-16-bit-44100Hz.aiff', 'audio-stereo-16-bit-44100Hz.wav'],
    ['french.aiff', null],
  ] as const) {
    const outcome = await decode(harness, shared(`speech/bit-depths/${aiff}`)!, { keep: true });
    expect([aiff, outcome.fault, outcome.end?.truncated, outcome.facts?.container]).toEqual([
      aiff,
      null,
      false,
      'AIFF',
    ]);
    expect(outcome.rms, aiff).toBeGreaterThan(0.005);
    if (other === null) continue;
    const same = await decode(harness, shared(`speech/bit-depths/${other}`)!, { keep: true });
    expect(correlate(soundOf(same), soundOf(outcome), 2).correlation, aiff).toBeGreaterThan(0.999);
  }
});

test('a decoder is asked for when a file of its kind comes, once, and from here', async ({ app }) => {
  const libraries = (): string[] => app.requestLog.filter((url) => /decode-(amr|eac3|wma)/.test(url));
  await app.open('?model=whisper-digits-10s&backend=cpu');
  const input = app.getByLabel('Add files');
  await input.setInputFiles(fixture('codecs/source.wav'));
  await expect(app.getByRole('list', { name: 'Queue' }).getByText(/^Done/)).toHaveCount(1, { timeout: 60_000 });
  expect(libraries()).toEqual([]);
  await input.setInputFiles([fixture('media-cases/11_call.amr'), fixture('media-cases/11_phone.3gp')]);
  await expect(app.getByRole('list', { name: 'Queue' }).getByText(/^Done/)).toHaveCount(3, { timeout: 60_000 });
  expect(libraries().map((url) => /decode-\w+/.exec(url)?.[0])).toEqual(['decode-amr']);
});

test('a file that stays closed is called what it is, with a line to copy that opens it elsewhere', async ({ app }) => {
  await app.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.open('?model=whisper-digits-10s&backend=cpu');
  const film = Buffer.from(`RIFF\x20\0\0\0AVI LIST${'\0'.repeat(3000)}`, 'latin1');
  const unfinished = readFileSync(fixture('codecs/ac3.mp4'));
  unfinished.write('free', unfinished.lastIndexOf('moov', undefined, 'latin1'), 'latin1');
  const notes = Buffer.from(`MThd\0\0\0\x06${'\0'.repeat(3000)}`, 'latin1');
  await app.getByLabel('Add files').setInputFiles([
    { name: "mum's film.avi", mimeType: 'video/x-msvideo', buffer: film },
    { name: 'song.wav', mimeType: 'audio/wav', buffer: notes },
    { name: 'cover.mp3', mimeType: 'audio/mpeg', buffer: readFileSync(join(dist, '../public/screenshots/wide.png')) },
    { name: 'phone.m4a', mimeType: 'audio/mp4', buffer: unfinished },
  ]);
  const item = (name: string) =>
    app.getByRole('list', { name: 'Queue' }).getByRole('listitem').filter({ hasText: name });
  await expect(item("mum's film").getByRole('alert')).toHaveText(
    "This file holds an AVI film, which can't be opened here. The program ffmpeg can turn it into one that opens, with this line:",
  );
  const command = `ffmpeg -i 'mum'\\''s film.avi' -ac 1 -ar 16000 'mum'\\''s film.flac'`;
  await expect(item("mum's film").locator('code')).toHaveText(command);
  await item("mum's film").getByRole('button', { name: 'Copy command' }).click();
  await expect(item("mum's film").getByRole('status')).toHaveText('Copied.');
  expect(await app.evaluate(() => navigator.clipboard.readText())).toBe(command);
  await expect(item('song.wav').getByRole('alert')).toHaveText(
    "This file can't be opened: it is a MIDI file, which holds notes, no sound. Add a version of it that any program can play.",
  );
  await expect(item('cover.mp3').getByRole('alert')).toHaveText(
    'This is a picture: there is no sound in it. Add a recording or a film.',
  );
  await expect(item('phone.m4a').getByRole('alert')).toContainText('The index of this file is missing');
  // No converter helps these three.
  await expect(app.getByRole('button', { name: 'Copy command' })).toHaveCount(1);
});
