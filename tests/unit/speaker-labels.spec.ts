/** Labelled cues into a transcript. */
import { expect, test } from 'playwright/test';
import type { Cue } from '../../workers/protocol.ts';
import { speakersWithNames, withPartIds } from '../../src/speakers/labels.ts';
import { labelledCues } from './label-as-told.ts';

type Own = Cue & { id: string; edited: boolean };

const word = (text: string, start: number) => ({ text, start, end: start + 1, probability: 1 });
const cue = (id: string, start: number, text: string): Own => ({
  id,
  edited: false,
  start,
  end: start + text.split(' ').length,
  text,
  words: text.split(' ').map((one, i) => word(one, start + i)),
});

test('parts of a split cue get ids that are the same each time, and keep what else is in a cue', () => {
  const cues = [cue('0-0', 0, 'one two'), cue('0-1', 2, 'three four five')];
  const turns = [
    { speaker: '1', start: 0, end: 3 },
    { speaker: '2', start: 3, end: 4 },
    { speaker: '1', start: 4, end: 5 },
  ];
  const labelled = withPartIds(labelledCues(cues, turns));
  expect(labelled.map(({ id, speaker, text, edited }) => [id, speaker, text, edited])).toEqual([
    ['0-0', '1', 'one two', false],
    ['0-1', '1', 'three', false],
    ['0-1.1', '2', 'four', false],
    ['0-1.2', '1', 'five', false],
  ]);
  expect(withPartIds(labelledCues(cues, turns))).toEqual(labelled);
  // Labelled again, parts are cues like others.
  expect(withPartIds(labelledCues(labelled, turns))).toEqual(labelled);
});

test('names stay with who has them, and with who may come back', () => {
  const cues = [
    { start: 0, end: 1, text: 'a', speaker: '2', alsoSpeaking: ['3'] },
    { start: 1, end: 2, text: 'b', speaker: '1' },
    { start: 2, end: 3, text: 'c' },
  ];
  const known = [
    { id: '1', name: 'Ada' },
    { id: '4', name: 'Grace' },
    { id: '5', name: 'Speaker 5' },
  ];
  expect(speakersWithNames(cues, known)).toEqual([
    { id: '2', name: 'Speaker 2' },
    { id: '3', name: 'Speaker 3' },
    { id: '1', name: 'Ada' },
    { id: '4', name: 'Grace' },
  ]);
});
