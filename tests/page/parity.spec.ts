/**
 * What the engine hears on the CPU against an independent PyTorch decoding of the same windows: with the fp32 decoder
 * every token, with the q4 decoder and the 8-bit pair that ship the words.
 */
import type { DecoderForm } from '../../workers/store/model-files.ts';
import { expect, fixture, needsShared, test } from '../browser.ts';
import {
  hear,
  hearApart,
  hearComposed,
  humanDigits,
  load,
  references,
  syntheticDigits,
  wordErrorRate,
  wrongWith,
  type Reference,
} from '../engine.ts';
import type { Layout } from '../harness/sound.ts';

// One window each, decoded plainly: no speech detection, no second tries.
const PLAIN = { skipSilence: false, safetyNets: false } as const;

async function heardTokens(page: Parameters<typeof hear>[0], folder: string, windows: Reference[], form: DecoderForm) {
  const results = [];
  for (const model of new Set(windows.map((one) => one.model))) {
    await load(page, model, 'cpu', form);
    for (const reference of windows.filter((one) => one.model === model)) {
      const heard = await hear(page, `${folder}/${reference.file}`, { ...PLAIN, task: reference.task });
      expect(heard.windows, reference.file).toHaveLength(1);
      results.push({ reference, heard });
    }
  }
  return results;
}

test('fp32: every token of the synthetic windows, both window lengths, both tasks', async ({ harness }) => {
  const results = await heardTokens(harness, fixture('windows'), references(), 'fp32');
  for (const { reference, heard } of results) {
    const [window] = heard.windows;
    expect(window.tokens, `${reference.file} ${reference.task}`).toEqual(reference.tokens);
    expect(window.language).toBe(reference.language);
    expect(window.noSpeechProbability).toBeCloseTo(reference.noSpeechProbability, 2);
  }
  expect(results.length).toBeGreaterThanOrEqual(16);
});

test('fp32: every token of the windows people spoke', async ({ harness }) => {
  const path = needsShared(test, 'digits/windows/reference.json');
  const human = references(path).filter((one) => one.file.startsWith('human'));
  for (const { reference, heard } of await heardTokens(harness, path.replace('/reference.json', ''), human, 'fp32')) {
    expect(heard.windows[0].tokens, reference.file).toEqual(reference.tokens);
  }
});

for (const form of ['q4', 'q8'] as const) {
  test(`${form}: the words of every ten-second window, and the language`, async ({ harness }) => {
    const windows = references().filter((one) => one.model === 'whisper-digits-10s');
    for (const { reference, heard } of await heardTokens(harness, fixture('windows'), windows, form)) {
      expect(heard.text, `${reference.file} ${reference.task}`).toBe(reference.text);
      expect(heard.windows[0].language).toBe(reference.language);
      expect(wrongWith(heard.windows, heard.report.audioSeconds)).toBe('');
    }
  });
}

test('q8 is for the CPU: the GPU refuses it in words', async ({ harness }) => {
  await expect(load(harness, 'whisper-base-q8', 'gpu')).rejects.toThrow(
    'This form of Whisper base, 8-bit, from the hub runs on the CPU only.',
  );
});

test('q4: the words of the ten-second windows people spoke', async ({ harness }) => {
  const path = needsShared(test, 'digits/windows/reference.json');
  const human = references(path).filter((one) => one.file.startsWith('human') && one.model === 'whisper-digits-10s');
  for (const { reference, heard } of await heardTokens(harness, path.replace('/reference.json', ''), human, 'q4')) {
    expect(heard.text, reference.file).toBe(reference.text);
  }
});

test('a batch gives the tokens of its windows one by one', async ({ harness }) => {
  await load(harness, 'whisper-digits-10s', 'cpu');
  const layout = { seconds: 75, wordsPerPhrase: 3, pauses: [0.5, 0.9, 0.4], noise: 0.0005 };
  const alone = await hearComposed(harness, syntheticDigits(), layout, { batch: 1 });
  const together = await hearComposed(harness, syntheticDigits(), layout, { batch: 4 });
  expect(alone.windows.length).toBeGreaterThan(5);
  expect(together.windows.map((one) => one.tokens)).toEqual(alone.windows.map((one) => one.tokens));
  expect(together.report.decoderSteps).toBeLessThan(alone.report.decoderSteps);
});

test('words lie where they are spoken', async ({ harness }) => {
  await load(harness, 'whisper-digits-10s', 'cpu');
  const late: number[] = [];
  for (const reference of references().filter(
    (one) => one.model === 'whisper-digits-10s' && one.task === 'transcribe',
  )) {
    const heard = await hear(harness, fixture(`windows/${reference.file}`), { skipSilence: false, words: true });
    expect(wrongWith(heard.windows, heard.report.audioSeconds)).toBe('');
    const words = heard.windows.flatMap((one) => one.cues).flatMap((cue) => cue.words ?? []);
    expect(words.map((word) => word.text)).toEqual(reference.words.map(([text]) => text));
    words.forEach((word, i) => late.push(Math.abs(word.start - reference.words[i][1])));
  }
  late.sort((a, b) => a - b);
  expect(late[Math.floor(late.length / 2)], 'median, seconds').toBeLessThan(0.1);
  expect(late.at(-1)!, 'worst, seconds').toBeLessThan(0.5);
});

test('people, long silences: about as well as phrase by phrase', async ({ harness }) => {
  test.setTimeout(300_000);
  const path = needsShared(test, 'digits/windows/reference.json').replace('windows/reference.json', 'human');
  await load(harness, 'whisper-digits-10s', 'cpu');
  // One to four words at a time, a few phrases each, pauses of half a second to half a minute; a noise floor of 26
  // of 32768 (rms), as the reference windows have.
  const layout: Layout = {
    seconds: 600,
    wordsPerPhrase: [1, 4],
    turn: [2, 5],
    gap: [0.05, 0.2],
    pauses: [0.7, 1.1, 3.5, 0.5, 1.4, 14, 0.9, 5, 1.2, 0.6, 30, 0.8, 1.3, 8, 1],
    noise: 0.0014,
  };
  const clips = humanDigits(path);
  const packed = await hearComposed(harness, clips, layout, { language: 'en' });
  const truth = packed.phrases.flatMap((phrase) => phrase.words.map((word) => word.text)).join(' ');
  const single = await hearApart(harness, clips, layout, { language: 'en', skipSilence: false });
  const errors = { packed: wordErrorRate(truth, packed.text), single: wordErrorRate(truth, single) };
  console.log(`word error rate: packed ${errors.packed.toFixed(4)}, phrase by phrase ${errors.single.toFixed(4)}`);
  // With silences of up to four seconds left in its windows this small model mishears two words in a hundred more.
  expect(errors.packed).toBeLessThanOrEqual(errors.single + 0.03);
  expect(wrongWith(packed.windows, packed.report.audioSeconds)).toBe('');
});
