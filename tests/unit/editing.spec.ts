/** What surrounds the document of a transcript: keys, times as they are typed, doubtful words, find and replace. */
import { expect, test } from 'playwright/test';
import type { EditableCue } from '../../src/queue/job.ts';
import { CueOrder } from '../../src/transcript/cue-order.ts';
import { doubtsIn, nextDoubt } from '../../src/transcript/doubts.ts';
import { ACTIONS, actionOf, keysOf, shownKeys, validKeys } from '../../src/transcript/keys.ts';
import { readTime, writeTime } from '../../src/typed-time.ts';
import { expressionOf, find, MOST_PLACES } from '../../workers/find/find.ts';
import type { FindQuery } from '../../workers/protocol.ts';
import { randomFrom } from './random.ts';

/** A key press as a browser tells of it. */
function press(code: string, key: string, ...held: string[]): KeyboardEvent {
  const event = { code, key, isComposing: false, getModifierState: (modifier: string) => held.includes(modifier) };
  return event as unknown as KeyboardEvent;
}

test('keys: by place with Alt, by letter with Ctrl, never by AltGr or while a character is composed', () => {
  expect(actionOf(press('KeyK', 'k', 'Alt'), {})).toBe('play');
  // On a Mac the letter is another one while Alt is held.
  expect(actionOf(press('KeyK', '˚', 'Alt'), {})).toBe('play');
  expect(actionOf(press('KeyK', 'k'), {})).toBeNull();
  expect(actionOf(press('KeyK', 'K', 'Alt', 'Shift'), {})).toBeNull();
  expect(actionOf(press('KeyL', 'ł', 'AltGraph'), {})).toBeNull();
  expect(actionOf(press('KeyN', 'N', 'Alt', 'Shift'), {})).toBe('previous-doubt');
  // A German keyboard has its Z where the English one has its Y.
  expect(actionOf(press('KeyY', 'z', 'Control'), {})).toBe('undo');
  expect(actionOf(press('KeyY', 'Z', 'Control', 'Shift'), {})).toBe('redo');
  expect(actionOf({ ...press('KeyK', 'k', 'Alt'), isComposing: true }, {})).toBeNull();
});

test('keys: each action has its own, and another one where a person has chosen it', () => {
  expect(new Set(ACTIONS.map(({ keys }) => keys)).size).toBe(ACTIONS.length);
  const choices = { play: 'F9', back: 'Control+Alt+KeyB' };
  expect(actionOf(press('F9', 'F9'), choices)).toBe('play');
  expect(actionOf(press('KeyK', 'k', 'Alt'), choices)).toBeNull();
  expect(actionOf(press('KeyB', 'b', 'Alt', 'Control'), choices)).toBe('back');
  expect(keysOf(press('F9', 'F9'))).toBe('F9');
  expect(keysOf(press('KeyB', 'B', 'Shift', 'Control'))).toBe('Control+Shift+KeyB');
  // What would be typed is no key for anything, and a modifier alone is none yet.
  expect([press('KeyB', 'b'), press('KeyB', 'B', 'Shift'), press('AltLeft', 'Alt', 'Alt')].map(keysOf)).toEqual([
    null,
    null,
    null,
  ]);
  expect(['Alt+KeyK', '$mod+Shift+z', 'Alt+BracketLeft', 'F9'].map((keys) => shownKeys(keys, false))).toEqual([
    'Alt K',
    'Ctrl Shift Z',
    'Alt [',
    'F9',
  ]);
  expect(shownKeys('$mod+z', true)).toBe('⌘ Z');
});

test('keys: what was kept is read with care', () => {
  expect(validKeys({ play: 'F9', back: 7, forward: 'Alt+', nothing: 'F8', undo: 'a b', redo: '(.*)' })).toEqual({
    play: 'F9',
  });
  expect([validKeys(null), validKeys('x'), validKeys([])]).toEqual([{}, {}, {}]);
});

test('times as they are typed', () => {
  const typed = ['3.5', ' 3,25 ', '2:03', '0:59.9996', '1:02:03.004', '90', '1:60', '1:2:3', '', 'x', '-1', '1:', '::'];
  expect(typed.map(readTime)).toEqual([3.5, 3.25, 123, 60, 3723.004, 90, null, 3723, null, null, null, null, null]);
  expect([0, 3.5, 59.9996, 123, 3723.004].map(writeTime)).toEqual([
    '0:00.000',
    '0:03.500',
    '1:00.000',
    '2:03.000',
    '1:02:03.004',
  ]);
  const random = randomFrom(2);
  for (let round = 0; round < 500; round += 1) {
    const seconds = Math.round(random.between(0, 40_000) * 1000) / 1000;
    if (readTime(writeTime(seconds)) !== seconds) expect(writeTime(seconds)).toBe(String(seconds));
  }
});

function cue(id: string, start: number, text: string, sure: number[], more: Partial<EditableCue> = {}): EditableCue {
  const words = text.split(' ').map((word, index) => ({
    start: start + index,
    end: start + index + 1,
    text: word,
    probability: sure[index],
  }));
  return { id, start, end: start + words.length, text, words, edited: false, language: 'en', ...more };
}

test('doubtful words: by probability, or all of a cue that was doubted before anybody changed it', () => {
  expect(doubtsIn(cue('0', 0, 'one two three', [0.9, 0.4, 0.2]), 0.5)).toEqual([
    { from: 4, to: 7 },
    { from: 8, to: 13 },
  ]);
  const { words: _, ...wordless } = cue('0', 0, 'one', [1], { doubt: 'repetition' });
  expect(doubtsIn(wordless, 0.5)).toEqual([{ from: 0, to: 3 }]);
  expect(doubtsIn({ ...wordless, edited: true }, 0.5)).toEqual([]);
});

test('the next doubtful word goes round, in both directions', () => {
  const order = new CueOrder([
    cue('0', 0, 'one two', [0.9, 0.1]),
    cue('1', 5, 'three', [0.9]),
    cue('2', 9, 'four five', [0.1, 0.2]),
  ]);
  const walk = (by: 1 | -1) => {
    const found: string[] = [];
    for (let from = nextDoubt(order, null, 0.5, by); from !== null && found.length < 5;) {
      found.push(`${from.id}:${from.at}-${from.to}`);
      from = nextDoubt(order, from, 0.5, by);
    }
    return found;
  };
  expect(walk(1)).toEqual(['0:4-7', '2:0-4', '2:5-9', '0:4-7', '2:0-4']);
  expect(walk(-1)).toEqual(['2:5-9', '2:0-4', '0:4-7', '2:5-9', '2:0-4']);
  expect(nextDoubt(order, null, 0.05, 1)).toBeNull();
  expect(nextDoubt(new CueOrder([]), null, 0.5, 1)).toBeNull();
});

const QUERY: FindQuery = { pattern: '', matchCase: false, wholeWord: false, regex: false, replacement: '' };
const places = (text: string, query: Partial<FindQuery>) =>
  find([text], { ...QUERY, ...query }).flatMap(([, found]) => found.map(({ from, to }) => text.slice(from, to)));

test('finds text as it is written, in any case, in whole words of any script', () => {
  expect(places('a.b (a.b) axb', { pattern: 'a.b' })).toEqual(['a.b', 'a.b']);
  expect(places('Über über ÜBER', { pattern: 'über' })).toEqual(['Über', 'über', 'ÜBER']);
  expect(places('Über über ÜBER', { pattern: 'über', matchCase: true })).toEqual(['über']);
  expect(places('you, your yous (you) été', { pattern: 'you', wholeWord: true })).toEqual(['you', 'you']);
  expect(places('été étés', { pattern: 'été', wholeWord: true })).toEqual(['été']);
  expect(places('👍🏽 x 👍', { pattern: '👍' })).toEqual(['👍', '👍']);
  expect(places('a a', { pattern: 'x*', regex: true })).toEqual([]);
  expect(() => expressionOf({ ...QUERY, pattern: '(', regex: true })).toThrow(SyntaxError);
  expect(find(['a', 'b', 'ab'], { ...QUERY, pattern: 'b' }).map(([text]) => text)).toEqual([1, 2]);
});

test('any text is found as it is written, whatever signs are in it', () => {
  const random = randomFrom(8);
  const signs = [...'.*+?^${}()|[]\\/-&~ ab'];
  const some = () =>
    Array.from({ length: random.whole(1, 6) }, () => signs[random.whole(0, signs.length - 1)]).join('');
  for (let round = 0; round < 2000; round += 1) {
    const [before, pattern, behind] = [some(), some(), some()];
    const text = before + pattern + behind;
    const found = places(text, { pattern, matchCase: true });
    if (found.length !== text.split(pattern).length - 1) expect(found, `${pattern} in ${text}`).toEqual([]);
  }
});

test('a replacement is text, and in a regular expression what JavaScript makes of it', () => {
  const made = (text: string, query: Partial<FindQuery>) =>
    find([text], { ...QUERY, ...query }).flatMap(([, found]) => found.map((place) => place.with));
  expect(made('one', { pattern: 'one', replacement: '$& $1' })).toEqual(['$& $1']);
  for (const [pattern, replacement] of [
    ['(o)(n)e', '$2$1 $& $$ $3 $12 $0 $'],
    ['(?<first>o)(x)?', '$<first>$<none>[$2]'],
    ['n', '$<first> $1'],
  ]) {
    const expected = 'one'.match(new RegExp(pattern, 'u'))?.[0].replace(new RegExp(pattern, 'u'), replacement);
    expect(made('one', { pattern, replacement, regex: true }), pattern).toEqual([expected]);
  }
});

test('of more places than anybody can look at the first are found', () => {
  const found = find(['a'.repeat(MOST_PLACES), 'aa'], { ...QUERY, pattern: 'a' });
  expect(found.map(([, all]) => all.length)).toEqual([MOST_PLACES]);
});
