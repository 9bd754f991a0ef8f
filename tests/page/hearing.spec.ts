/**
 * Real speech with the model that comes with the page, on the CPU: nothing that was said is lost, and nothing is written
 * that nobody said. `npm run accuracy` measures the whole set; the bounds here leave room for a word or two.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { score } from '../accuracy/score.mjs';
import { recordings } from '../accuracy/recordings.mjs';
import { expect, fixture, needsShared, shared, sharedHarness, test } from '../browser.ts';
import { hear, load, wrongWith, type Heard } from '../engine.ts';

const harness = sharedHarness((page) => load(page, 'whisper-base', 'cpu'));

const B = 'Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.';
const J =
  'And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country.';

const known = (file: string) => recordings(shared('.')!).find((one) => one.file === file)!;
const media = (name: string): string => fixture(`media-cases/${name}`);
const cuesOf = (heard: Heard) => heard.windows.flatMap(({ cues }) => cues);

function expectWhole(heard: Heard): void {
  expect(wrongWith(heard.windows, heard.report.audioSeconds)).toBe('');
  expect(heard.report.outcome).toBe('done');
}

test('two speakers with a pause in one window are both heard, word for word', async () => {
  const heard = await hear(harness(), media('13_fragmented_no_duration.mp4'));
  expectWhole(heard);
  expect(score(`${B} ${J}`, heard.text, 'en').errors, heard.text).toBe(0);
  expect(heard.report.encoderPasses).toBe(1);
  const second = cuesOf(heard).find(({ text }) => text.includes('my fellow'))!;
  expect(second.start).toBeGreaterThan(9.9);
  expect(second.start).toBeLessThan(10.6);
});

for (const { file, errors } of [
  { file: 'librivox-sonnets/sonnet1.mp3', errors: 20 },
  { file: 'librivox-langs/de.mp3', errors: 21 },
]) {
  test(`nothing is lost at the ends of windows: ${file}`, async () => {
    const path = needsShared(test, `speech/${file}`);
    const { truth, language } = known(file);
    const heard = await hear(harness(), path);
    expectWhole(heard);
    const result = score(truth!, heard.text, language);
    expect(result.errors, heard.text).toBeLessThanOrEqual(errors);
    expect(result.longestLostRun, heard.text).toBeLessThanOrEqual(2);
    expect(heard.report.language).toBe(language);
  });
}

test('a minute of several readers: no three words lost in a row, few encoder passes', async () => {
  const path = needsShared(test, 'speech/derived/long_english.mp3');
  const { segments, seconds } = known('derived/long_english.mp3');
  // The readers of whom all is said within the first minute, and the bytes of an MP3 of constant rate up to there.
  const first = segments!.filter(({ end }) => end <= 60);
  const end = first.at(-1)!.end + 0.5;
  const whole = readFileSync(path);
  const cut = join(mkdtempSync(join(tmpdir(), 'earshot-')), 'minute.mp3');
  writeFileSync(cut, whole.subarray(0, Math.round((whole.length * end) / seconds)));
  const heard = await hear(harness(), cut);
  expectWhole(heard);
  const result = score(first.map(({ text }) => text).join(' '), heard.text, 'en');
  expect(result.wer, heard.text).toBeLessThanOrEqual(0.09);
  expect(result.longestLostRun, heard.text).toBeLessThanOrEqual(2);
  expect(heard.report.encoderPasses).toBeLessThanOrEqual(2);
});

test('speech at -60 dBFS is heard', async () => {
  const heard = await hear(harness(), media('17_quiet_60dB_24bit.wav'));
  expectWhole(heard);
  expect(score(J, heard.text, 'en').errors, heard.text).toBeLessThanOrEqual(2);
});

for (const [name, word, times] of [
  ['18_six_said_14_times.wav', /6|six/gi, 14],
  ['18_no_said_16_times.wav', /\bno\b/gi, 16],
] as const) {
  test(`a word said over and over is kept, marked, and no longer than it could be said: ${name}`, async () => {
    const heard = await hear(harness(), media(name));
    const said = heard.text.match(word)?.length ?? 0;
    expect(said, heard.text).toBeGreaterThanOrEqual(times / 2);
    expect(said, heard.text).toBeLessThanOrEqual(2 * times);
    expect(cuesOf(heard).map(({ doubt }) => doubt)).toEqual(cuesOf(heard).map(() => 'repetition'));
    expect(heard.report.cpuRetries).toBe(0);
  });
}

test('music has no words, whether silence is skipped or not', async () => {
  for (const skipSilence of [true, false]) {
    const heard = await hear(harness(), media('20_music_only.ogg'), { skipSilence });
    expect(heard.text, `skip silence ${skipSilence}`).toBe('');
  }
});

test('English that goes over into German is written as German from there on', async () => {
  const heard = await hear(harness(), needsShared(test, 'speech/multilingual/multilingual.mp3'));
  expectWhole(heard);
  expect(heard.windows.map(({ language }) => language)).toEqual(['en', 'de']);
  expect(heard.text).toMatch(/permission is hereby granted/i);
  expect(heard.text).toMatch(/die Genehmigung erteilt/i);
});
