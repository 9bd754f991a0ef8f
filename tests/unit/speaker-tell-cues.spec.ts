/** Told turns laid on a transcript: what becomes of its cues, and of what a person has said of them. */
import { expect, test } from 'playwright/test';
import type { SpeakerTurn } from '../../workers/protocol.ts';
import { labelledCues } from './label-as-told.ts';
import { asManyAs, joinedTurns, joinsIn } from '../../src/speakers/joins.ts';
import { withPartIds, type Speaker } from '../../src/speakers/labels.ts';
import { overlapsOf } from '../../src/speakers/overlaps.ts';
import { spokenIn } from '../../src/speakers/spoken.ts';
import { stillMeant, toldCues, type Label, type TalkCue } from '../../src/speakers/tell-cues.ts';
import { statedIn, statedWords, tellingFaultWords } from '../../src/speakers/telling-words.ts';
import { compareCues } from '../../src/queue/job.ts';
import { randomFrom, type Random } from './random.ts';

const label: Label = (cues, turns) => Promise.resolve(withPartIds(labelledCues(cues, turns)));

/** A word a second. */
function cueOf(index: number, start: number, count: number, more: Partial<TalkCue> = {}): TalkCue {
  const words = Array.from({ length: count }, (_, i) => ({
    ...{ start: start + i, end: start + i + 0.9, text: `w${start + i}`, probability: 1 },
  }));
  const text = words.map((word) => word.text).join(' ');
  return {
    ...{ id: `${index}-0`, start, end: start + count - 0.1, text, words, edited: false, language: 'en' },
    ...more,
  };
}
const turn = (speaker: string, start: number, end: number): SpeakerTurn => ({ speaker, start, end });

async function laid(
  cues: readonly TalkCue[],
  known: readonly Speaker[],
  told: readonly SpeakerTurn[] | null,
  turns: readonly SpeakerTurn[],
  before: readonly SpeakerTurn[][] = [],
) {
  const { changes, speakers } = await toldCues(cues, known, told ? [told, ...before] : [], turns, label);
  const put = [...changes.values()].filter((cue) => cue !== null);
  return { cues: [...cues.filter(({ id }) => !changes.has(id)), ...put].sort(compareCues), speakers, changes };
}
const shown = (cues: readonly TalkCue[]) => cues.map(({ speaker, text }) => `${speaker ?? '?'}: ${text}`);

function conversation(random: Random): { cues: TalkCue[]; turns: SpeakerTurn[]; seconds: number } {
  const cues: TalkCue[] = [];
  let at = 0;
  for (let index = 0, count = random.whole(1, 12); index < count; index += 1) {
    const words = random.whole(1, 8);
    cues.push(cueOf(index, at, words));
    at += words;
  }
  return { cues, turns: turnsOf(random, at), seconds: at };
}
function turnsOf(random: Random, seconds: number): SpeakerTurn[] {
  const turns: SpeakerTurn[] = [];
  for (let from = 0; from < seconds;) {
    const to = Math.min(seconds, from + random.whole(1, 6));
    turns.push(turn(String(random.whole(1, 3)), from, to));
    from = to;
  }
  return turns;
}

test('a cue is cut where the speaker changes, and whole again where there is only one', async () => {
  const cues = [cueOf(0, 0, 4), cueOf(1, 4, 2)];
  const two = [turn('1', 0, 2), turn('2', 2, 6)];
  const cut = await laid(cues, [], null, two);
  expect(shown(cut.cues)).toEqual(['1: w0 w1', '2: w2 w3', '2: w4 w5']);
  expect(cut.speakers).toEqual([
    { id: '1', name: 'Speaker 1' },
    { id: '2', name: 'Speaker 2' },
  ]);
  const one = await laid(cut.cues, cut.speakers, two, [turn('1', 0, 6)]);
  expect(one.cues).toEqual(cues.map((cue) => ({ ...cue, speaker: '1' })));
  expect(one.speakers).toEqual([{ id: '1', name: 'Speaker 1' }]);
});

test('however often it is counted anew, the words are the same, and the same count gives the same cues', async () => {
  for (let seed = 0; seed < 60; seed += 1) {
    const random = randomFrom(seed);
    const { cues, turns, seconds } = conversation(random);
    const words = (list: readonly TalkCue[]) => list.map(({ text }) => text).join(' ');
    const first = await laid(cues, [], null, turns);
    const other = turnsOf(random, seconds);
    const second = await laid(first.cues, first.speakers, turns, other);
    const third = await laid(second.cues, second.speakers, other, turns);
    expect([words(first.cues), words(second.cues)]).toEqual([words(cues), words(cues)]);
    expect(third.cues).toEqual(first.cues);
    // Laid once more it changes nothing.
    expect((await laid(first.cues, first.speakers, turns, turns)).changes.size).toBe(0);
  }
});

test('what a person has said of a cue stays, and what they have named keeps its name', async () => {
  const cues = [cueOf(0, 0, 4), cueOf(1, 4, 2), cueOf(2, 6, 2)];
  const two = [turn('1', 0, 2), turn('2', 2, 8)];
  const cut = await laid(cues, [], null, two);
  const corrected = cut.cues.map((cue) => (cue.id === '1-0' ? { ...cue, speaker: '1' } : cue));
  const named = [{ id: '2', name: 'Ada' }, ...cut.speakers.filter(({ id }) => id !== '2')];
  const anew = await laid(corrected, named, two, [turn('1', 0, 2), turn('2', 2, 6), turn('3', 6, 8)]);
  expect(shown(anew.cues)).toEqual(['1: w0 w1', '2: w2 w3', '1: w4 w5', '3: w6 w7']);
  expect(anew.speakers.map(({ name }) => name)).toEqual(['Speaker 1', 'Ada', 'Speaker 3']);
  // Named before anything was told: that stays as well, and no part of the cue goes to anybody else.
  const byHand = [{ ...cues[0], speaker: 'Grace' }, cues[1]];
  const told = await laid(byHand, [{ id: 'Grace', name: 'Grace' }], null, two);
  expect(shown(told.cues)).toEqual(['Grace: w0 w1 w2 w3', '2: w4 w5']);
  // A count that was undone left labels of the one before, which no person has given.
  const three = [turn('1', 0, 2), turn('2', 2, 6), turn('3', 6, 8)];
  expect(shown((await laid(cut.cues, cut.speakers, three, three, [two])).cues)).toEqual([
    ...['1: w0 w1', '2: w2 w3', '2: w4 w5', '3: w6 w7'],
  ]);
  // Nobody named, after undo: told again it has speakers again.
  expect(shown((await laid(cues, cut.speakers, two, two)).cues)).toEqual(shown(cut.cues));
});

test('who was made one with another by a person is that one, whatever is told later; undone, they are two again', async () => {
  const cues = [cueOf(0, 0, 4), cueOf(1, 4, 2), cueOf(2, 6, 2)];
  const three = [turn('1', 0, 2), turn('2', 2, 4), turn('3', 4, 6)];
  const cut = await laid(cues.slice(0, 2), [], null, three);
  const joined = [{ id: '1', name: 'Ada', joined: ['2'] }, cut.speakers[2]];
  const byHand = cut.cues.map((cue) => (cue.speaker === '2' ? { ...cue, speaker: '1' } : cue));
  // More of it is heard: what the other says there is theirs, and what was cut between the two is whole.
  const more = [...three, turn('2', 6, 8)];
  const heard = await laid([...byHand, cues[2]], joined, three, more);
  expect(shown(heard.cues)).toEqual(['1: w0 w1 w2 w3', '3: w4 w5', '1: w6 w7']);
  expect(heard.speakers).toEqual(joined);
  // Laid once more it changes nothing.
  expect((await laid(heard.cues, heard.speakers, more, more)).changes.size).toBe(0);
  // Another number that has nobody of them: they are remembered.
  const other = await laid(heard.cues, [{ id: '1', name: 'Speaker 1', joined: ['2'] }], more, [turn('3', 0, 8)]);
  expect(other.speakers[0]).toEqual({ id: '1', name: 'Speaker 1', joined: ['2'] });
  // Undone: no label of theirs is taken for a person's.
  const apart = cut.speakers.map((speaker) => (speaker.id === '1' ? { id: '1', name: 'Ada' } : speaker));
  const undone = await laid(heard.cues, apart, more, more, [[...joinedTurns(more, joinsIn(joined))]]);
  expect(shown(undone.cues)).toEqual(['1: w0 w1', '2: w2 w3', '3: w4 w5', '2: w6 w7']);
  expect(undone.speakers[0]).toEqual({ id: '1', name: 'Ada' });
});

test('turns of two who are one are one turn where they touch; who is in the list is nobody else', async () => {
  const speakers = [{ id: '1', name: 'Ada', joined: ['2', '3'] }, ...['3', '4'].map((id) => ({ id, name: id }))];
  const joins = joinsIn(speakers);
  expect([...joins]).toEqual([['2', '1']]);
  const turns = [turn('1', 0, 3), turn('2', 1, 4), turn('4', 2, 5), turn('2', 6, 7), turn('3', 7, 8)];
  expect(joinedTurns(turns, joins)).toEqual([turn('1', 0, 4), turn('4', 2, 5), turn('1', 6, 7), turn('3', 7, 8)]);
  expect(turns[0].end).toBe(3);
  expect(overlapsOf(joinedTurns(turns, joins))).toEqual([{ start: 2, end: 4 }]);
  // A number that a person states is of people: so many more voices are told apart.
  const asked: (number | null)[] = [];
  const tell = (stated: { least: number; most: number } | null) => {
    asked.push(stated?.least ?? null);
    return Promise.resolve(Array.from({ length: stated?.least ?? 4 }, (_, at) => turn(`${at + 1}`, at, at + 1)));
  };
  expect(await asManyAs({ least: 2, most: 2 }, joins, tell)).toHaveLength(3);
  expect(await asManyAs({ least: 2, most: 2 }, new Map(), tell)).toHaveLength(2);
  expect(await asManyAs(null, joins, tell)).toHaveLength(4);
  expect(asked).toEqual([2, 3, 2, null]);
});

test('what was changed in the meantime is left alone, with its parts', async () => {
  const cues = [cueOf(0, 0, 4), cueOf(1, 4, 4)];
  const { changes } = await toldCues(cues, [], [], [turn('1', 0, 2), turn('2', 2, 6), turn('1', 6, 8)], label);
  expect([...changes.keys()]).toEqual(['0-0', '0-0.1', '1-0', '1-0.1']);
  const now = [{ ...cues[0], text: 'typed' }, cues[1], cueOf(2, 8, 1)];
  expect([...stillMeant(changes, cues, now).keys()]).toEqual(['1-0', '1-0.1']);
  expect([...stillMeant(changes, cues, [cues[0]]).keys()]).toEqual(['0-0', '0-0.1']);
  expect(stillMeant(changes, cues, cues)).toBe(changes);
});

test('who speaks when, read from the cues: pauses are nobody’s, and who speaks behind another is told apart', () => {
  const gap = cueOf(0, 0, 2, { speaker: '1' });
  const late = { ...gap.words![1], start: 5, end: 6 };
  const { turns, others } = spokenIn([
    { ...gap, end: 6, words: [gap.words![0], late], alsoSpeaking: ['2'] },
    { start: 7, end: 8, text: 'no words', speaker: '2' },
    { start: 8, end: 9, text: 'nobody' },
  ]);
  expect(turns).toEqual([turn('1', 0, 0.9), turn('1', 5, 6), turn('2', 7, 8)]);
  expect(others).toEqual([turn('2', 0, 6)]);
});

test('how many there are, as it is typed', () => {
  const read = ['2', ' 3 to 5 ', '5-3', '6–8', '0', '61', 'two', '', '2 to'].map(statedIn);
  expect(read.map((stated) => stated && statedWords(stated))).toEqual([
    '2 speakers',
    '3 to 5 speakers',
    '3 to 5 speakers',
    '6 to 8 speakers',
    ...[null, null, null, null, null],
  ]);
  expect(statedWords({ least: 1, most: 1 })).toBe('1 speaker');
  expect(tellingFaultWords('ModelMissing').sentence).toContain('stands without labels');
});
