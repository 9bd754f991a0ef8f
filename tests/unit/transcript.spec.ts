import { expect, test } from 'playwright/test';
import type { EditableCue, JobPhase } from '../../src/queue/job.ts';
import { cueAt, wordAt } from '../../src/transcript/cue-at.ts';
import { CueOrder } from '../../src/transcript/cue-order.ts';
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
  const at = (seconds: number) => cueAt(new CueOrder(cues(5)), seconds)?.text;
  expect([0, 2.9, 3.5, 16, 19].map(at)).toEqual(['cue 0', 'cue 0', undefined, 'cue 4', undefined]);
  expect(cueAt(new CueOrder([]), 1)).toBeNull();
});

test('finds a cue that was sought by its start, though the player rounds', () => {
  expect(cueAt(new CueOrder(cues(5)), 8 - 1e-6)?.text).toBe('cue 2');
  expect(cueAt(new CueOrder(cues(5)), 7.99)?.text).toBe('cue 2');
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
  const list = cues(300).map((cue) => {
    const start = at + random.between(0, 1);
    at = start + random.between(0.1, 3);
    return { ...cue, start, end: at };
  });
  const order = new CueOrder(list);
  const faults: string[] = [];
  for (let round = 0; round < 2000; round += 1) {
    const time = random.between(-1, at + 1);
    const last = list.findLastIndex(({ start }) => start <= time + 0.02);
    const slow = last >= 0 && time < list[last].end ? list[last] : null;
    if (cueAt(order, time) !== slow) faults.push(`${time}: ${cueAt(order, time)?.id}, not ${slow?.id}`);
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
