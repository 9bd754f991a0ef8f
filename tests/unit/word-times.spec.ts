/** Word times through edits: what was not changed keeps its times, what was lies between. */
import { expect, test } from 'playwright/test';
import { clamped, endOfChange, retimed, spansOf, tokensOf, wordsAround } from '../../src/words/word-times.ts';
import type { Word } from '../../workers/protocol.ts';
import { randomFrom } from './random.ts';

/** Words of a second each, with a tenth of silence before the next; unsure, as a model is. */
function timed(text: string) {
  const words = tokensOf(text).map((word, index) => ({
    start: index,
    end: index + 0.9,
    text: word,
    probability: 0.5,
  }));
  return { start: 0, end: words.length, text, words };
}

const short = (words: readonly Word[] | undefined) =>
  words?.map(({ text, start, end, probability }) => `${text} ${start}-${end}${probability === 1 ? '!' : ''}`);

const cases: [old: string, text: string, words: string[]][] = [
  // One word for one.
  ['the old numbrs here', 'the old numbers here', ['the 0-0.9', 'old 1-1.9', 'numbers 2-2.9!', 'here 3-3.9']],
  ['the old numbers', 'The old numbers.', ['The 0-0.9!', 'old 1-1.9', 'numbers. 2-2.9!']],
  // Put in: between its neighbours, as long as there is room.
  ['one three', 'one two three', ['one 0-0.9', 'two 0.9-1!', 'three 1-1.9']],
  ['one', 'one two', ['one 0-0.9', 'two 0.9-1!']],
  ['two', 'one two', ['one 0-0!', 'two 0-0.9']],
  // Taken out.
  ['one two three', 'one three', ['one 0-0.9', 'three 2-2.9']],
  ['one two three', 'three', ['three 2-2.9']],
  ['one two', '', []],
  // One for several, several for one: together as long as what they stand for.
  ['I can not go', 'I cannot go', ['I 0-0.9', 'cannot 1-2.9!', 'go 3-3.9']],
  ['I cannot go', 'I can not go', ['I 0-0.9', 'can 1-1.45!', 'not 1.45-1.9!', 'go 2-2.9']],
  // Two changes at once: what is between them stays.
  ['aa bb cc dd ee', 'a bb cc d ee', ['a 0-0.9!', 'bb 1-1.9', 'cc 2-2.9', 'd 3-3.9!', 'ee 4-4.9']],
  // The same word again and again: only the change is looked at.
  ['no no no no', 'no no no', ['no 0-0.9', 'no 1-1.9', 'no 2-2.9']],
  // A letter typed at a word's end is that word's.
  ['so it is', 'so its is', ['so 0-0.9', 'its 1-1.9!', 'is 2-2.9']],
  // Without spaces each character is a word.
  ['你好世界', '你好新世界', ['你 0-0.9', '好 1-1.9', '新 1.9-2!', '世 2-2.9', '界 3-3.9']],
  ['你好世界', '你世界', ['你 0-0.9', '世 2-2.9', '界 3-3.9']],
];

for (const [old, text, words] of cases) {
  test(`"${old}" becomes "${text}"`, () => {
    expect(short(retimed(timed(old), text))).toEqual(words);
  });
}

test('a cue without word times gets none, an empty one with a list gets all of its time', () => {
  const { words: _, ...wordless } = timed('one two');
  expect(retimed(wordless, 'one')).toBeUndefined();
  expect(retimed({ ...wordless, words: [] }, 'one')).toEqual([]);
  expect(short(retimed({ start: 2, end: 4, text: '', words: [] }, 'ab cd'))).toEqual(['ab 2-3!', 'cd 3-4!']);
});

test('at random: words are the text’s, in order, inside; those before and behind a change are the same', () => {
  let tried = 0;
  const lexicon = 'a an the them then there 你 好 好， one one, two ’s -'.split(' ');
  for (let seed = 1; seed <= 3000; seed += 1) {
    const random = randomFrom(seed);
    const some = (most: number) =>
      Array.from({ length: random.whole(0, most) }, () => lexicon[random.whole(0, lexicon.length - 1)]);
    // Each once: where a word is said twice, no one knows which of them was taken out.
    const once = (sign: string) => Array.from({ length: random.whole(0, 5) }, (_, index) => `${sign}${index}`);
    const [before, behind] = [once('p'), once('q')];
    const cue = timed([...before, ...some(4), ...behind].join(' '));
    const text = [...before, ...some(4), ...behind].join(' ');
    const words = retimed(cue, text) ?? [];
    const [kept, tail] = [before.length, behind.length];
    const same = (a: readonly Word[], b: readonly Word[]) =>
      a.length === b.length && a.every((word, index) => word === b[index]);
    const faults = [
      words.map((word) => word.text).join(' ') !== tokensOf(text).join(' ') && 'other words',
      words.some(({ start, end }) => start > end || end > cue.end) && 'outside',
      words.some(({ start }, index) => start < (words[index - 1]?.end ?? cue.start)) && 'out of order',
      !same(words.slice(0, kept), cue.words.slice(0, kept)) && 'others before the change',
      tail > 0 && !same(words.slice(-tail), cue.words.slice(-tail)) && 'others behind the change',
    ].filter((fault) => fault !== false);
    // An expectation for each word would take a minute.
    if (faults.length > 0) expect(faults, `seed ${seed}: ${cue.text} → ${text}`).toEqual([]);
    tried += 1;
  }
  expect(tried).toBe(3000);
});

test('a text pasted over ten thousand words is timed at once', () => {
  const old = timed(Array.from({ length: 10_000 }, (_, index) => `w${index}`).join(' '));
  const text = Array.from({ length: 10_000 }, (_, index) => `v${index * 7}`).join(' ');
  const begun = performance.now();
  expect(retimed(old, text)).toHaveLength(10_000);
  expect(performance.now() - begun).toBeLessThan(500);
});

test('where words stand, what is around a place, what is outside goes to the edge', () => {
  expect(spansOf('one two one', [{ text: ' one' }, { text: 'none' }, { text: 'one' }])).toEqual([
    { from: 0, to: 3 },
    { from: 3, to: 3 },
    { from: 8, to: 11 },
  ]);
  const { words } = timed('one twoo');
  expect(wordsAround('one twoo', words, 6).map(short)).toEqual([['one 0-0.9', 'tw 1-1.45'], ['oo 1.45-1.9']]);
  expect(short(clamped(words, 0.5, 1.2))).toEqual(['one 0.5-0.9', 'twoo 1-1.2']);
  expect(short(clamped(words, 3, 4))).toEqual(['one 3-3', 'twoo 3-3']);
  expect([endOfChange('one two', 'one too'), endOfChange('ab', 'ab'), endOfChange('aa', 'aaa')]).toEqual([6, 2, 3]);
});
