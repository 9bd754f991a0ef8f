/** Words to speakers: cues are split between words only, and never for a "mhm". */
import { expect, test } from 'playwright/test';
import type { Cue, SpeakerTurn, Word } from '../../workers/protocol.ts';
import { labelledCues } from './label-as-told.ts';
import { randomFrom } from './random.ts';

const turn = (speaker: string, start: number, end: number): SpeakerTurn => ({ speaker, start, end });
const word = (text: string, start: number, end: number): Word => ({ text, start, end, probability: 0.9 });

/** Words of equal length one after the other. */
function cue(text: string, start: number, seconds = 0.5): Cue {
  const words = text.split(' ').map((one, i) => word(one, start + i * seconds, start + (i + 1) * seconds));
  return { start, end: words.at(-1)!.end, text, words };
}
const told = (cues: readonly Cue[]) => cues.map(({ speaker, text }) => `${speaker ?? '-'}: ${text}`);

test('a cue is split where the speaker changes', () => {
  const labelled = labelledCues([cue('How are you? Fine, thank you.', 0)], [turn('a', 0, 1.55), turn('b', 1.6, 3)]);
  expect(told(labelled)).toEqual(['a: How are you?', 'b: Fine, thank you.']);
  expect(labelled.map(({ start, end }) => [start, end])).toEqual([
    [0, 1.5],
    [1.5, 3],
  ]);
});

test('a change within a word leaves the word to who says most of it', () => {
  const labelled = labelledCues([cue('one two', 0, 1)], [turn('a', 0, 1.4), turn('b', 1.4, 2)]);
  expect(told(labelled)).toEqual(['a: one', 'b: two']);
  expect(labelled[0].end).toBe(1);
});

test('a "mhm" of under half a second splits nothing, unless it stands alone', () => {
  const during = cue('I think mhm we should', 0, 0.4);
  const others = [turn('a', 0, 0.8), turn('b', 0.82, 1.2), turn('a', 1.2, 2)];
  expect(told(labelledCues([during], others))).toEqual(['a: I think mhm we should']);

  const alone: Cue = {
    start: 0,
    end: 4,
    text: 'I think mhm so',
    words: [word('I', 0, 0.5), word('think', 0.5, 1), word('mhm', 1.6, 1.95), word('so', 2.6, 3.2)],
  };
  const turns = [turn('a', 0, 1), turn('b', 1.6, 2), turn('a', 2.6, 3.2)];
  expect(told(labelledCues([alone], turns))).toEqual(['a: I think', 'b: mhm', 'a: so']);
});

test('half a second is enough for a cue of its own', () => {
  const labelled = labelledCues(
    [cue('one two three', 9.8)],
    [turn('a', 9.8, 10.3), turn('b', 10.3, 10.8), turn('a', 10.8, 11.3)],
  );
  expect(told(labelled)).toEqual(['a: one', 'b: two', 'a: three']);
});

test('a cue that is a short answer keeps its own speaker', () => {
  const cues = [cue('Are you there?', 0), cue('Yes.', 1.5, 0.3), cue('Good, then.', 1.8)];
  const turns = [turn('a', 0, 1.5), turn('b', 1.5, 1.8), turn('a', 1.8, 2.8)];
  expect(told(labelledCues(cues, turns))).toEqual(['a: Are you there?', 'b: Yes.', 'a: Good, then.']);
});

test('who speaks at the same time is marked', () => {
  const [labelled] = labelledCues([cue('both of us at once', 0)], [turn('a', 0, 2.5), turn('b', 1, 1.9)]);
  expect(labelled).toMatchObject({ speaker: 'a', alsoSpeaking: ['b'] });
  const [short] = labelledCues([cue('hardly any', 0)], [turn('a', 0, 1), turn('b', 0.9, 2)]);
  expect(short.alsoSpeaking).toBeUndefined();
});

test('in an overlap the one who spoke before goes on', () => {
  const labelled = labelledCues([cue('one two three', 0)], [turn('b', 0.45, 1.1), turn('a', 0, 1.5)]);
  expect(told(labelled)).toEqual(['a: one two three']);
});

test('words in a short silence go to the nearest turn, words far from any to nobody', () => {
  expect(told(labelledCues([cue('just after', 2.2)], [turn('a', 0, 2)]))).toEqual(['a: just after']);
  expect(told(labelledCues([cue('far away', 20)], [turn('a', 0, 2)]))).toEqual(['-: far away']);
});

test('a cue without words gets the speaker of most of it and stays whole', () => {
  const labelled = labelledCues([{ start: 0, end: 4, text: 'no times' }], [turn('a', 0, 1), turn('b', 1, 4)]);
  expect(told(labelled)).toEqual(['b: no times']);
});

test('a text that a person changed is put together from the words', () => {
  const changed: Cue = { ...cue('one two', 0, 1), text: 'eins zwei' };
  expect(told(labelledCues([changed], [turn('a', 0, 1), turn('b', 1, 2)]))).toEqual(['a: one', 'b: two']);
});

test('no word is lost, doubled or cut, and labels are no part of what is labelled', () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = randomFrom(seed);
    const cues: Cue[] = [];
    let at = 0;
    for (let i = random.whole(1, 6); i > 0; i--) {
      at += random.between(0, 1.2);
      const words = Array.from({ length: random.whole(1, 9) }, (_, n) => {
        const start = at + random.between(0, 0.3);
        at = start + random.between(0.05, 0.6);
        return word(`w${n}`, start, at);
      });
      cues.push({ start: words[0].start, end: at, text: words.map(({ text }) => text).join(' '), words });
    }
    const turns: SpeakerTurn[] = [];
    for (let time = 0; time < at; time += random.between(0.1, 2))
      turns.push(turn('abc'[random.whole(0, 2)], time, time + random.between(0.1, 2)));
    const labelled = labelledCues(cues, turns);
    expect(labelled.flatMap(({ words }) => words)).toEqual(cues.flatMap(({ words }) => words));
    expect(labelled.map(({ text }) => text).join(' ')).toBe(cues.map(({ text }) => text).join(' '));
    for (const [i, one] of labelled.entries()) {
      expect(one.start).toBeLessThanOrEqual(one.end);
      if (i > 0) expect(one.start).toBeGreaterThanOrEqual(labelled[i - 1].start);
    }
    expect(labelledCues(labelled, turns).flatMap(({ words }) => words)).toEqual(cues.flatMap(({ words }) => words));
  }
});
