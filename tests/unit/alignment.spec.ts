/** Known text laid on the sound: words find their times, and what was not heard lies between its neighbours. */
import { expect, test } from 'playwright/test';
import { keyOf, match } from '../../src/alignment/match.ts';
import { alignTimes } from '../../src/alignment/times.ts';
import { alignText } from '../../src/import/align-text.ts';
import { randomFrom } from './random.ts';

const heardEvenly = (text: string, seconds = 1) =>
  text.split(' ').map((word, index) => ({ text: word, start: index * seconds, end: (index + 1) * seconds }));

test('words are matched whatever their case, accents and punctuation', () => {
  expect(['Größe,', 'grosse', '“L’Été”', 'ﬁ', '...'].map(keyOf)).toEqual(['große', 'grosse', 'lete', 'fi', '...']);
  const said = ['The', 'lamp', 'was', 'out!'].map(keyOf);
  const heard = ['the', 'big', 'lamps', 'out'].map(keyOf);
  expect([...match(said, heard)]).toEqual([0, 2, -1, 3]);
});

test('a script takes the times of the words that were heard', () => {
  const script = 'We took the lens out\nin eleven crates.\n\nNobody read those numbers.';
  const heard = heardEvenly('we took a lens out in 11 crates nobody had read those numbers');
  const { cues, heard: share } = alignText(script, heard, 'en', 13);
  expect(cues.map(({ text, start, end }) => [text, start, end])).toEqual([
    ['We took the lens out', 0, 5],
    ['in eleven crates.', 5, 8],
    ['Nobody read those numbers.', 8, 13],
  ]);
  expect(share).toBeCloseTo(10 / 12, 5);
  expect(cues[2].words.map(({ text, start, end }) => [text, start, end])).toEqual([
    ['Nobody', 8, 9],
    ['read', 10, 11],
    ['those', 11, 12],
    ['numbers.', 12, 13],
  ]);
});

test('a passage that was not heard lies between its neighbours, a heard one that is not in the script is passed over', () => {
  const heardOutside = [...heardEvenly('one two'), ...heardEvenly('x x x x x x three four').slice(6)];
  const { cues } = alignText('one two\nthis was cut\nthree four', heardOutside, 'en', 8);
  expect(cues.map(({ start, end }) => [start, end])).toEqual([
    [0, 2],
    [2, 6],
    [6, 8],
  ]);
  const { cues: between } = alignText('one two\nthree four', heardEvenly('one two uh uh three four'), 'en', 6);
  expect(between.map(({ start, end }) => [start, end])).toEqual([
    [0, 2],
    [4, 6],
  ]);
  expect(alignText('', [], 'en', 10)).toEqual({ cues: [], heard: 0 });
  const { cues: unheard, heard } = alignText('nobody said this', [], 'en', 9);
  expect([unheard[0].start, unheard[0].end, heard]).toEqual([0, 9, 0]);
});

test('scripts without spaces are matched by character, however their words are cut', () => {
  const heard = ['我们', '把', '透', '镜取', '出来'].map((text, index) => ({ text, start: index, end: index + 1 }));
  const { cues } = alignText('我们把透镜\n取出来。', heard, 'zh', 5);
  expect(cues.map(({ start, end }) => [start, end])).toEqual([
    [0, 3.5],
    [3.5, 5],
  ]);
});

test('the same characters in other words keep their times to the character', () => {
  const heard = [
    { text: 'can', start: 0, end: 1 },
    { text: 'not', start: 1, end: 2 },
  ];
  expect(alignTimes(['cannot'], heard, 0, 9)).toEqual([{ start: 0, end: 2 }]);
  expect(alignTimes(['can', 'not'], [{ text: 'cannot', start: 0, end: 6 }], 0, 9)).toEqual([
    { start: 0, end: 3 },
    { start: 3, end: 6 },
  ]);
});

test('random edits: times rise, matched words are the same words, and most are found', () => {
  const random = randomFrom(17);
  const lexicon = Array.from({ length: 60 }, (_, index) => `word${index}`);
  const faults: string[] = [];
  for (let round = 0; round < 150; round += 1) {
    const truth = Array.from({ length: random.whole(1, 120) }, () => lexicon[random.whole(0, lexicon.length - 1)]);
    const heard: { text: string; start: number; end: number }[] = [];
    let kept = 0;
    truth.forEach((word, index) => {
      const dice = random.next();
      if (dice < 0.05) return;
      if (dice > 0.95) heard.push({ text: 'uh', start: index, end: index + 0.2 });
      const isSame = dice < 0.9;
      if (isSame) kept += 1;
      heard.push({ text: isSame ? word : `other${index}`, start: index + 0.2, end: index + 1 });
    });
    const { cues, heard: share } = alignText(truth.join(' '), heard, 'en', truth.length);
    const words = cues.flatMap((cue) => cue.words);
    if (words.map(({ text }) => text).join(' ') !== truth.join(' ')) faults.push(`${round}: words changed`);
    let last = 0;
    for (const { start, end } of words) {
      if (start < last - 1e-9 || end < start) faults.push(`${round}: ${start} to ${end} after ${last}`);
      last = end;
    }
    if (share < (kept / truth.length) * 0.9) faults.push(`${round}: ${share} of ${kept / truth.length}`);
  }
  expect(faults.slice(0, 5)).toEqual([]);
});

test('ten hours of speech are aligned in seconds', () => {
  const random = randomFrom(3);
  const lexicon = Array.from({ length: 8000 }, (_, index) => `w${index.toString(36)}`);
  // Few words make most of speech (Zipf).
  const word = () =>
    lexicon[Math.min(lexicon.length - 1, Math.floor(Math.exp(random.next() * Math.log(lexicon.length))))];
  const truth = Array.from({ length: 90_000 }, word);
  const heard = truth.flatMap((text, index) =>
    random.next() < 0.05
      ? []
      : [{ text: random.next() < 0.1 ? word() : text, start: index * 0.4, end: index * 0.4 + 0.4 }],
  );
  const begun = performance.now();
  const { cues, heard: share } = alignText(truth.join(' '), heard, 'en', 36_000);
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(share).toBeGreaterThan(0.83);
  const words = cues.flatMap((cue) => cue.words);
  const right = words.filter(({ start }, index) => Math.abs(start - index * 0.4) < 1).length;
  expect(right / words.length).toBeGreaterThan(0.98);
});
