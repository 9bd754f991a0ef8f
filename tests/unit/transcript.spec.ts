import { expect, test } from 'playwright/test';
import type { EditableCue, JobPhase } from '../../src/queue/job.ts';
import { blocks, CUES_PER_BLOCK } from '../../src/transcript/blocks.ts';
import { cueAt, wordAt } from '../../src/transcript/cue-at.ts';
import { doubtWords } from '../../src/transcript/doubt-words.ts';
import { seamsOf } from '../../src/transcript/seams.ts';
import { waitingWords } from '../../src/transcript/waiting-words.ts';
import type { Doubt } from '../../workers/protocol.ts';
import { randomFrom } from './random.ts';

const cues = (count: number): EditableCue[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `0-${index}`,
    start: index * 4,
    end: index * 4 + 3,
    text: `cue ${index}`,
    edited: false,
    language: 'en',
  }));

test('finds the cue that sounds, and none in a pause', () => {
  const list = cues(5);
  expect(cueAt(list, 0)).toBe(0);
  expect(cueAt(list, 2.9)).toBe(0);
  expect(cueAt(list, 3.5)).toBe(-1);
  expect(cueAt(list, 16)).toBe(4);
  expect(cueAt(list, 19)).toBe(-1);
  expect(cueAt([], 1)).toBe(-1);
});

test('finds a cue that was sought by its start, though the player rounds', () => {
  expect(cueAt(cues(5), 8 - 1e-6)).toBe(2);
  expect(cueAt(cues(5), 7.99)).toBe(2);
});

test('a seam stands where another backend or another language begins', () => {
  const [first, second, third] = cues(3);
  const german = { ...second, language: 'de' };
  expect(seamsOf([first, second, third], [])).toEqual({});
  expect(seamsOf([first, german, third], [])).toEqual({
    [second.id]: [{ of: 'language', to: 'German' }],
    [third.id]: [{ of: 'language', to: 'English' }],
  });
  expect(
    seamsOf(
      [first, german],
      [
        { atSeconds: 3, backend: 'cpu' },
        { atSeconds: 9, backend: 'gpu' },
      ],
    ),
  ).toEqual({
    [second.id]: [
      { of: 'backend', to: 'CPU' },
      { of: 'language', to: 'German' },
    ],
    end: [{ of: 'backend', to: 'GPU' }],
  });
});

test('agrees with looking at every cue', () => {
  const random = randomFrom(3);
  let at = 0;
  const list = Array.from({ length: 300 }, () => {
    const start = at + random.between(0, 1);
    at = start + random.between(0.1, 3);
    return { start, end: at };
  });
  const faults: string[] = [];
  for (let round = 0; round < 2000; round += 1) {
    const time = random.between(-1, at + 1);
    const last = list.findLastIndex(({ start }) => start <= time + 0.02);
    const slow = last >= 0 && time < list[last].end ? last : -1;
    if (cueAt(list, time) !== slow) faults.push(`${time}: ${cueAt(list, time)}, not ${slow}`);
  }
  expect(faults).toEqual([]);
});

test('finds the word that sounds inside the text', () => {
  const words = [
    { start: 1, end: 1.3, text: ' two', probability: 1 },
    { start: 1.3, end: 1.8, text: ' two', probability: 1 },
    { start: 2, end: 2.5, text: ' three.', probability: 1 },
  ];
  const at = (seconds: number) => {
    const place = wordAt('two two three.', words, seconds);
    return place && [place.from, place.to];
  };
  expect(at(1.1)).toEqual([0, 3]);
  expect(at(1.5)).toEqual([4, 7]);
  expect(at(1.9)).toBeNull();
  expect(at(2.2)).toEqual([8, 14]);
  expect(wordAt('two two three.', undefined, 1.1)).toBeNull();
  expect(wordAt('something else', words, 1.1)).toBeNull();
});

test('a block that did not change is the very same array', () => {
  const list = cues(CUES_PER_BLOCK * 3 + 10);
  const first = blocks(list, []);
  expect(first.map((block) => block.length)).toEqual([CUES_PER_BLOCK, CUES_PER_BLOCK, CUES_PER_BLOCK, 10]);
  expect(first.flat()).toEqual(list);

  const grown = blocks([...list, ...cues(5)], first);
  expect(grown.map((block, index) => block === first[index])).toEqual([true, true, true, false]);
  expect(grown.flat()).toHaveLength(list.length + 5);

  const edited = blocks(
    list.map((cue, index) => (index === CUES_PER_BLOCK ? { ...cue, text: 'other', edited: true } : cue)),
    first,
  );
  expect(edited.map((block, index) => block === first[index])).toEqual([true, false, true, true]);

  expect(blocks(list.slice(0, 3), first)).toEqual([list.slice(0, 3)]);
  expect(blocks([], first)).toEqual([]);
});

test('every doubt and every empty sheet has its words', () => {
  const doubts: Doubt[] = ['low-probability', 'repetition', 'maybe-no-speech', 'retried-on-cpu', 'wrong-output'];
  expect(new Set(doubts.map(doubtWords)).size).toBe(doubts.length);
  const phases: JobPhase[] = [
    ...(['waiting', 'needs-model', 'opening', 'loading-model', 'transcribing'] as const),
    ...(['done', 'cancelled', 'failed'] as const),
  ];
  const words = phases.map((phase) => waitingWords({ phase, notice: null }));
  expect(new Set([...words, waitingWords(null)]).size).toBe(phases.length + 1);
  expect(waitingWords({ phase: 'done', notice: 'No speech was found. So.' })).toBe('No speech was found. So.');
});
