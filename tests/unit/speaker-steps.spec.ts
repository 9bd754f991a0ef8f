/** What a person does with speakers: each step is undone whole, merging and splitting are inverse, names stay. */
import { expect, test } from 'playwright/test';
import type { EditableCue } from '../../src/queue/job.ts';
import { TranscriptDocument } from '../../src/transcript/document.ts';
import {
  everyone,
  mergeSpeakers,
  renameSpeaker,
  setSpeakerNamed,
  splitSpeaker,
} from '../../src/transcript/speaker-steps.ts';
import { tonesOf } from '../../src/transcript/speaker-tones.ts';
import { randomFrom, type Random } from './random.ts';

const cueOf = (index: number, speaker?: string, alsoSpeaking?: string[]): EditableCue => ({
  id: `${index}-0`,
  start: index,
  end: index + 1,
  text: `words ${index}`,
  edited: false,
  language: 'en',
  ...(speaker !== undefined && { speaker }),
  ...(alsoSpeaking !== undefined && { alsoSpeaking }),
});
const talk = (random: Random) =>
  Array.from({ length: random.whole(2, 25) }, (_, index) => {
    const [speaker, other] = [String(random.whole(1, 4)), String(random.whole(1, 4))];
    return cueOf(index, speaker, random.next() < 0.2 && other !== speaker ? [other] : undefined);
  });
const names = [1, 2, 3, 4].map((id) => ({ id: String(id), name: `Speaker ${id}` }));
const stateOf = (document: TranscriptDocument) => ({ cues: document.cues.toArray(), speakers: document.speakers });

test('merging is undone by undo, and by a split where all of one was behind all of the other', () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const document = new TranscriptDocument(talk(randomFrom(seed)), names);
    const before = stateOf(document);
    mergeSpeakers(document, '1', '2');
    const { cues, speakers } = stateOf(document);
    expect(cues.some(({ speaker, alsoSpeaking = [] }) => speaker === '1' || alsoSpeaking.includes('1'))).toBe(false);
    expect(cues.every(({ speaker, alsoSpeaking = [] }) => !alsoSpeaking.includes(speaker ?? ''))).toBe(true);
    expect(speakers.map(({ id }) => id)).toEqual(['2', '3', '4']);
    document.undo();
    expect(stateOf(document)).toEqual(before);
  }
  const cues = ['2', '2', '3', '1', '1'].map((speaker, index) => cueOf(index, speaker));
  const document = new TranscriptDocument(cues, names);
  mergeSpeakers(document, '1', '2');
  expect(splitSpeaker(document, '3-0')).toBe('1');
  expect(document.cues.toArray()).toEqual(cues);
  expect(new Set(document.speakers)).toEqual(new Set(names));
});

test('who was made one with another is kept with the name, and undone with the step', () => {
  const document = new TranscriptDocument(
    ['1', '2', '3'].map((speaker, index) => cueOf(index, speaker)),
    names,
  );
  mergeSpeakers(document, '3', '2');
  renameSpeaker(document, '2', 'Ada');
  mergeSpeakers(document, '2', '1');
  renameSpeaker(document, '1', 'Grace');
  expect(document.speakers[0]).toEqual({ id: '1', name: 'Grace', joined: ['2', '3'] });
  // Somebody else does not get the number of one whose voice is told as another's.
  document.setSpeaker(['0-0', '1-0'], '4');
  expect(splitSpeaker(document, '1-0')).toBe('5');
  while (document.canUndo) document.undo();
  expect(document.speakers).toEqual(names);
});

test('a split takes what the speaker says from a cue on, and nothing of anybody else', () => {
  const document = new TranscriptDocument(
    ['1', '2', '1', '2', '1'].map((speaker, index) => cueOf(index, speaker)),
    names.slice(0, 2),
  );
  expect(splitSpeaker(document, '0-0')).toBeNull();
  expect(splitSpeaker(document, 'nowhere')).toBeNull();
  expect(splitSpeaker(document, '2-0')).toBe('3');
  expect(document.cues.toArray().map(({ speaker }) => speaker)).toEqual(['1', '2', '3', '2', '3']);
  expect(everyone(document).at(-1)).toEqual({ id: '3', name: 'Speaker 3' });
});

test('a cue that is given to who speaks in the meantime has them in it once', () => {
  const document = new TranscriptDocument([cueOf(0, '1', ['2', '3'])], names);
  document.setSpeaker(['0-0'], '2');
  expect(document.cues.get('0-0')).toEqual(cueOf(0, '2', ['3']));
});

test('a new name survives what is heard later, and the colour survives the name', () => {
  const first = [cueOf(0, '1'), cueOf(1, '2')];
  const document = new TranscriptDocument(first, names.slice(0, 2));
  renameSpeaker(document, '2', 'Ada');
  const tone = tonesOf(document.speakers)('2');
  document.absorb(first, [...first, cueOf(2, '2')]);
  expect(everyone(document)).toEqual([names[0], { id: '2', name: 'Ada' }]);
  expect(tonesOf(everyone(document))('2')).toBe(tone);
  // As long as there are enough colours, no two have the same.
  const many = [...names, ...['Left', 'Right', 'Ada', 'Grace'].map((id) => ({ id, name: id }))];
  expect(new Set(many.map(({ id }) => tonesOf(many)(id))).size).toBe(8);
});

test('whatever is done with speakers, undoing all of it gives what there was', () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const random = randomFrom(seed);
    const document = new TranscriptDocument(talk(random), names);
    const before = stateOf(document);
    const anyCue = () => `${random.whole(0, 24)}-0`;
    const anyone = () => String(random.whole(1, 5));
    for (let i = 0; i < 20; i += 1) {
      const step = [
        () => mergeSpeakers(document, anyone(), anyone()),
        () => splitSpeaker(document, anyCue()),
        () => renameSpeaker(document, anyone(), ['Ada', 'Grace', 'Speaker 2'][random.whole(0, 2)]),
        () => setSpeakerNamed(document, [anyCue()], ['Ada', 'Hedy'][random.whole(0, 1)]),
        () => document.setSpeaker([anyCue()], random.next() < 0.3 ? undefined : anyone()),
      ][random.whole(0, 4)];
      step();
    }
    const after = stateOf(document);
    while (document.canUndo) document.undo();
    expect(stateOf(document)).toEqual(before);
    while (document.canRedo) document.redo();
    expect(stateOf(document)).toEqual(after);
  }
});
