/** How well was it heard: Whisper's text normalization, the errors counted with it, and the report. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { align, editDistance } from '../accuracy/align.mjs';
import { normalize, normalizeBasic, normalizeEnglish } from '../accuracy/normalize.mjs';
import { evaluate, markdownOf, reportOf } from '../accuracy/report.mjs';
import { cueStartErrors, percentile, score, sum } from '../accuracy/score.mjs';
import { shared } from '../browser.ts';
import { randomFrom, type Random } from './random.ts';

/** Texts and what openai/whisper's EnglishTextNormalizer makes of them (whisper-normalizer 0.1.15). */
const ENGLISH = `
And so, my fellow Americans, ask not — [applause] what (noise) uh, your country can do.|and so my fellow americans ask not what your country can do
Mr. O'Brien won't've gone; she'd been gonna say y'all can't.|mister 0 brien will not have gone she had been going to say you all can not
The colour of St. John's naïve café, Łódź and Æsop|the color of saint john is naive cafe lodz and aesop
twenty twenty-one and one hundred and five, one oh one|2021 and 105101
two and a half million dollars, $3,000.50 and five percent|$2500000 $3000.50 and 5%
seventy second street, the thirties, ninth and twentieth of the 1960s|72nd street the 30s ninth and 20th of the 1960s
three dollars and seven cents, minus forty point two five|$3.07 -40.25
double five triple zero, one and ones|550001 and ones
nineteen forty five thousand three hundred twelve|1945312
per cent of fifty per cent, 100 % $ and the end.|per cent of 50% 100 and the end
`;

test('English is normalized as the published word error rates were', () => {
  for (const line of ENGLISH.trim().split('\n')) {
    const [text, normal] = line.split('|');
    expect(normalizeEnglish(text).trim(), text).toBe(normal);
  }
});

test('other languages keep their words; where there are no spaces, characters are words', () => {
  expect(normalizeBasic('Ça [rires] va, l’été ?')).toBe('ça va l été ');
  expect(normalize('Zwei Äpfel (leise), 3 %.', 'de').trim()).toBe('zwei äpfel 3');
  expect(normalize('砸自己的脚。', 'zh').trim()).toBe('砸 自 己 的 脚');
  expect(normalize('twenty one', 'en-US')).toBe('21');
  expect(normalize('twenty one', 'de')).toBe('twenty one');
});

test('normal text stays as it is', () => {
  for (const line of ENGLISH.trim().split('\n').slice(0, 3)) {
    const normal = normalizeEnglish(line).trim();
    expect(normalizeEnglish(normal).trim()).toBe(normal);
  }
});

/** The plain table, cell by cell. */
function plainDistance(a: string[], b: string[]): number {
  let row = b.map((_, j) => j + 1);
  row.unshift(0);
  a.forEach((word, i) => {
    const above = row;
    row = [i + 1];
    b.forEach((other, j) => row.push(Math.min(above[j] + (word === other ? 0 : 1), above[j + 1] + 1, row[j] + 1)));
  });
  return row[b.length];
}
const randomWords = (random: Random, most: number, vocabulary: number): string[] =>
  Array.from({ length: random.whole(0, most) }, () => `w${random.whole(1, vocabulary)}`);

test('the distance is that of the plain table, and the alignment reaches it', () => {
  const random = randomFrom(1);
  for (let round = 0; round < 400; round++) {
    const vocabulary = random.whole(1, 12);
    const [truth, heard] = [randomWords(random, 80, vocabulary), randomWords(random, 80, vocabulary)];
    const distance = plainDistance(truth, heard);
    expect(editDistance(truth, heard)).toBe(distance);
    const places = align(truth, heard);
    const matched = places.filter((place) => place !== -1);
    // Each word heard stands for one word said at most, and in order.
    expect([...matched]).toEqual([...new Set(matched)].sort((a, b) => a - b));
    const wrong = places.filter((place, i) => place !== -1 && heard[place] !== truth[i]).length;
    expect(wrong + (truth.length - matched.length) + (heard.length - matched.length)).toBe(distance);
    expect(align(truth, heard)).toEqual(places);
  }
});

test('words cut out in one piece are found missing in one piece', () => {
  const random = randomFrom(2);
  for (let round = 0; round < 200; round++) {
    const truth = Array.from({ length: 60 }, () => `w${random.whole(1, 5)}`);
    const [from, length] = [random.whole(0, 40), random.whole(1, 15)];
    const heard = truth.filter((_, i) => i < from || i >= from + length);
    const found = score(truth.join(' '), heard.join(' '), 'de');
    expect(found).toMatchObject({ deletions: length, longestLostRun: length, errors: length, insertions: 0 });
  }
});

test('errors of known cases', () => {
  expect(score('a b c d e f', 'a x d e f g', 'de')).toMatchObject({
    ...{ words: 6, errors: 3, substitutions: 1, deletions: 1, insertions: 1, longestLostRun: 1, wer: 0.5 },
  });
  expect(score('one hundred and five dogs', '105 dogs [inaudible]', 'en').errors).toBe(0);
  expect(score('', '', 'en')).toMatchObject({ words: 0, wer: 0, cer: 0 });
  expect(score('', 'you', 'en').wer).toBe(Infinity);
  expect(score('abcd', 'abxd', 'de').cer).toBe(0.25);
  expect(score('砸自己的脚', '扎自己的脚', 'zh')).toMatchObject({ words: 1, wer: 1, cer: 0.2 });
  expect(score('砸自己的脚', '扎自己的脚', 'zh', { letters: true })).toMatchObject({ words: 5, wer: 0.2 });
  const parts = [score('a b c', 'a', 'de'), score('a b c d', 'a b x d', 'de')];
  expect(sum(parts)).toMatchObject({ words: 7, errors: 3, deletions: 2, longestLostRun: 2, wer: 3 / 7 });
});

test('twenty thousand words are scored in little memory', () => {
  const random = randomFrom(3);
  const truth = Array.from({ length: 20_000 }, () => `w${random.whole(1, 3000)}`);
  const heard = truth.filter((_, i) => i % 100 !== 50 && (i < 9000 || i >= 9200));
  const before = process.memoryUsage().arrayBuffers;
  const places = align(truth, heard);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100e6);
  expect(places.filter((place) => place === -1)).toHaveLength(truth.length - heard.length);
  expect([...places.subarray(9000, 9200)].every((place) => place === -1)).toBe(true);
});

test('the errors of cue starts: of the cue, or of the word, that holds the first word heard', () => {
  const segments = [
    { start: 1, text: 'Never seen words' },
    { start: 5, text: 'Ever tried. Ever failed.' },
    { start: 9, text: 'Twenty one apples' },
  ];
  const cues = [
    { start: 5.5, text: 'ever tried,' },
    { start: 7, text: 'ever failed. 21 apples.' },
  ];
  expect(cueStartErrors(cues, segments)).toEqual([0.5, 2]);
  const words = (text: string, start: number) =>
    text.split(' ').map((word, i) => ({ text: ` ${word}`, start: start + i }));
  expect(
    cueStartErrors(
      [
        { start: 5, text: 'ever tried', words: words('Ever tried', 5.25) },
        { start: 7, text: 'ever failed twenty one apples', words: words('ever failed twenty one apples.', 7) },
      ],
      segments,
    ),
  ).toEqual([0, 0.25]);
});

test('percentiles', () => {
  expect(percentile([1, 2, 3, 4], 50)).toBe(2.5);
  expect(percentile([1, 2, 3], 100)).toBe(3);
  expect(percentile([7], 90)).toBe(7);
  expect(percentile([], 50)).toBeNaN();
});

const results = [
  {
    ...{ file: 'jfk/jfk.wav', language: 'en', seconds: 10, wallMs: 2000, encoderPasses: 1, kind: 'speech' as const },
    cues: [{ start: 0.5, end: 9, text: 'Ask not what your country', doubt: 'repetition' }],
    truth: 'ask not what your country can do',
    segments: [{ start: 0.25, end: 9, text: 'ask not what your country can do' }],
  },
  {
    ...{ file: 'derived/zh.wav', language: 'zh', seconds: 20, wallMs: 1000, encoderPasses: 1, kind: 'speech' as const },
    cues: [{ start: 0, end: 9, text: '扎自己的脚' }],
    truth: '砸自己的脚',
  },
  ...['[inaudible]', 'Thank you.'].map((text, i) => ({
    ...{ file: `noise${i}.wav`, language: 'en', seconds: 5, wallMs: 100, encoderPasses: 0, kind: 'nonspeech' as const },
    cues: [{ start: 0, end: 5, text }],
    truth: null,
  })),
];

test('the report counts what it says', () => {
  const found = evaluate(results, { 'jfk/jfk.wav': { text: 'Ask what your country can', wer: 2 / 7 } });
  expect(found).toMatchObject({ invented: ['noise1.wav'], nonspeech: 2, passesPerMinute: 4 });
  expect(found.cueStarts).toEqual({ segments: 1, heard: 1, median: 0.25, ninetieth: 0.25 });
  const [recordings, derived, all, letters] = found.totals;
  expect(recordings).toMatchObject({ files: 1, doubts: 1, score: { words: 7, errors: 2 }, peer: { errors: 2 } });
  expect(derived).toMatchObject({ files: 1, score: { words: 1, errors: 1 }, peer: null });
  expect(all).toMatchObject({ files: 2, score: { words: 8, errors: 3 }, shared: { words: 7 } });
  expect(letters).toMatchObject({ score: { words: 12, errors: 3 } });
  const lines = reportOf(found).split('\n');
  const jfk = lines.find((line) => line.startsWith('jfk/jfk.wav')) ?? '';
  expect(jfk.split(/\s{2,}/)).toEqual([
    'jfk/jfk.wav',
    '10.0',
    '7',
    '28.6 %',
    '2',
    '2',
    '21.9 %',
    '0.200',
    '1',
    '28.6 %',
    '0',
  ]);
  expect(lines[0].length).toBe(jfk.length);
  expect(reportOf(found)).toContain('1 of 2 (noise1.wav)');
  const table = markdownOf(found)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect(table).toHaveLength(2 + found.totals.length);
  expect(new Set(table.map((line) => line.split('|').length)).size).toBe(1);
});

test('the score of what a peer heard is the one that was written down', () => {
  const paths = ['speech/manifest.json', 'speech/derived/manifest.json', 'speech/reference-base.json'].map(shared);
  test.skip(paths.includes(null), '../shared/speech is not on this machine');
  type Recording = { file: string; transcript?: string | null; segments?: { text: string }[] };
  const [short, long, reference] = paths.map((path) => JSON.parse(readFileSync(path ?? '', 'utf8')) as unknown) as [
    Recording[],
    Recording[],
    { files: Record<string, { text: string; language: string; wer: number; words: number; cer?: number }> },
  ];
  const recordings = new Map([...short, ...long].map((one) => [one.file, one]));
  for (const [file, peer] of Object.entries(reference.files)) {
    const one = recordings.get(file);
    const truth = one?.transcript ?? one?.segments?.map(({ text }) => text).join(' ') ?? '';
    const found = score(truth, peer.text, peer.language);
    expect(found.words, file).toBe(peer.words);
    expect(Math.abs(found.wer - peer.wer), file).toBeLessThan(6e-5);
    if (peer.cer !== undefined) expect(Math.abs(found.cer - peer.cer), file).toBeLessThan(6e-5);
  }
});
