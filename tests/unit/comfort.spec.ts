/** What a person is told who looks elsewhere: each turn of the work once, and its end once for all files together. */
import { expect, test } from 'playwright/test';
import { FIRST_LOOK, look, type Looked, type Turn } from '../../src/comfort/batch.ts';
import { iconOf, overWords, signOf, titleOf, type Sign } from '../../src/comfort/sign.ts';
import { randomFrom } from './random.ts';

/** The turns of a list that looks like this, one look after another: "a waiting, b done". */
function turnsOf(...looks: string[]): Turn[] {
  let last = FIRST_LOOK;
  return looks.flatMap((text) => {
    const jobs = text.split(', ').map((job) => {
      const [name, phase] = job.split(' ');
      return { id: name, name, phase } as Looked;
    });
    const { now, turns } = look(last, jobs);
    last = now;
    return turns;
  });
}

test('one file: it starts once, whatever it goes through, and is done once', () => {
  expect(
    turnsOf('a waiting', 'a opening', 'a loading-model', 'a transcribing', 'a transcribing', 'a done', 'a done'),
  ).toEqual([
    { type: 'started', name: 'a' },
    { type: 'done', name: 'a' },
    { type: 'over', done: ['a'], failed: [] },
  ]);
});

test('several files end once, with what became of each', () => {
  const turns = turnsOf(
    'a transcribing, b waiting, c waiting',
    'a done, b transcribing, c waiting',
    'a done, b failed, c waiting',
    'a done, b failed, c opening',
    'a done, b failed, c done',
  );
  expect(turns.filter(({ type }) => type === 'over')).toEqual([{ type: 'over', done: ['a', 'c'], failed: ['b'] }]);
  expect(turns.filter(({ type }) => type === 'started').length).toBe(3);
});

test('what was kept from an earlier visit, what a person stopped and what waits for a model is no end', () => {
  expect(turnsOf('a done, b failed, c cancelled')).toEqual([]);
  expect(turnsOf('a waiting', 'a transcribing', 'a cancelled')).toEqual([{ type: 'started', name: 'a' }]);
  expect(turnsOf('a waiting', 'a needs-model')).toEqual([]);
  // The second batch counts anew.
  const again = turnsOf('a transcribing', 'a done', 'a done, b waiting', 'a done, b transcribing', 'a done, b done');
  expect(again.at(-1)).toEqual({ type: 'over', done: ['b'], failed: [] });
});

test('of any 200 files, each is told of once, and the end is told once', () => {
  const { next: random } = randomFrom(7);
  const names = Array.from({ length: 200 }, (_, index) => `f${index}`);
  const phases = new Map(names.map((name) => [name, 'waiting']));
  const all = () => [...phases].map(([name, phase]) => `${name} ${phase}`).join(', ');
  const looks = [all()];
  for (const name of names) {
    for (const phase of ['opening', 'transcribing', random() < 0.2 ? 'failed' : 'done']) {
      phases.set(name, phase);
      if (random() < 0.8) looks.push(all());
    }
  }
  const turns = turnsOf(...looks, all());
  for (const name of names) {
    const own = turns.filter((turn) => turn.type !== 'over' && turn.name === name);
    expect(own.filter(({ type }) => type === 'done' || type === 'failed').length).toBe(1);
    expect(own.filter(({ type }) => type === 'started').length).toBeLessThanOrEqual(1);
  }
  const ends = turns.filter((turn) => turn.type === 'over');
  expect(ends.map(({ done, failed }) => done.length + failed.length)).toEqual([200]);
});

test('the most urgent sign wins, and each has a title of its own', () => {
  const running = { name: 'talk.mp3', share: 0.534 };
  const over = { type: 'over', done: ['a.mp3'], failed: [] } as const;
  const signs: Sign[] = [
    signOf(true, running, over),
    signOf(false, running, over),
    signOf(false, null, over),
    signOf(false, null, null),
  ];
  expect(signs.map((sign) => titleOf(sign, 'Earshot'))).toEqual([
    '● Recording · Earshot',
    '53 % · talk.mp3 · Earshot',
    'a.mp3 is done · Earshot',
    'Earshot',
  ]);
});

test('the end in words', () => {
  expect(overWords({ done: ['a.mp3'], failed: [] })).toBe('a.mp3 is done');
  expect(overWords({ done: [], failed: ['a.mp3'] })).toBe('a.mp3 could not be transcribed');
  expect(overWords({ done: ['a', 'b'], failed: ['c'] })).toBe('2 files are done, 1 file could not be transcribed');
  expect(overWords({ done: ['a'], failed: ['c', 'd'] })).toBe('1 file is done, 2 files could not be transcribed');
});

test('the icon moves in few steps, and is an image that the policy lets in', () => {
  const running = Array.from({ length: 1001 }, (_, index) =>
    iconOf({ type: 'running', name: 'a', share: index / 1000 }),
  );
  expect(new Set(running).size).toBe(21);
  expect(running.every((icon) => icon?.startsWith('data:image/svg+xml,'))).toBe(true);
  const others: Sign[] = [
    { type: 'recording' },
    { type: 'over', done: ['a'], failed: [] },
    { type: 'over', done: ['a'], failed: ['b'] },
  ];
  expect(new Set([...running, ...others.map(iconOf)]).size).toBe(24);
  expect(iconOf({ type: 'idle' })).toBeNull();
});
