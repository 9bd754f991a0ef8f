/** How much each speaker talks, and where they are heard best. */
import { expect, test } from 'playwright/test';
import type { SpeakerTurn } from '../../workers/protocol.ts';
import { sharesOf } from '../../src/speakers/shares.ts';
import { randomFrom } from './random.ts';

const turn = (speaker: string, start: number, end: number): SpeakerTurn => ({ speaker, start, end });

test('shares of time and of words, in the order of first appearance', () => {
  const turns = [turn('b', 0, 6), turn('a', 6, 8), turn('b', 8, 9)];
  const cues = [
    { start: 0, end: 6, text: 'One, two; three…', speaker: 'b' },
    { start: 6, end: 8, text: '四月', speaker: 'a' },
    { start: 8, end: 9, text: 'nobody said it' },
  ];
  const shares = sharesOf(turns, cues);
  expect(shares.map(({ speaker }) => speaker)).toEqual(['b', 'a']);
  expect(shares[0]).toMatchObject({ seconds: 7, words: 3 });
  expect(shares[0].ofTime).toBeCloseTo(7 / 9);
  expect(shares[0].ofTime + shares[1].ofTime).toBeCloseTo(1);
  expect(shares[0].ofWords + shares[1].ofWords).toBeCloseTo(1);
  expect(shares[1].words).toBeGreaterThan(0);
});

test('the clearest seconds are the middle of the longest stretch, over a breath, without anybody else', () => {
  const turns = [turn('a', 0, 4), turn('a', 4.3, 10), turn('b', 9, 12), turn('a', 20, 23)];
  const [a, b] = sharesOf(turns, []);
  // Alone from 0 to 9: five seconds around 4.5.
  expect(a.clearest).toEqual({ start: 2, end: 7 });
  expect(b.clearest).toEqual({ start: 10, end: 12 });
});

test('who is never alone has no clear seconds', () => {
  const [, b] = sharesOf([turn('a', 0, 10), turn('b', 2, 4)], []);
  expect(b.clearest).toBeNull();
  expect(sharesOf([], [])).toEqual([]);
});

test('nobody else is ever heard in them', () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = randomFrom(seed);
    const turns: SpeakerTurn[] = [];
    for (let at = 0, i = random.whole(1, 20); i > 0; i--) {
      at += random.between(0, 2);
      turns.push(turn('abc'[random.whole(0, 2)], at, at + random.between(0.2, 8)));
    }
    for (const { speaker, clearest } of sharesOf(turns, [])) {
      if (clearest === null) continue;
      expect(clearest.end - clearest.start).toBeLessThanOrEqual(5 + 1e-9);
      expect(clearest.end).toBeGreaterThan(clearest.start);
      for (const other of turns)
        if (other.speaker !== speaker)
          expect(Math.min(other.end, clearest.end) - Math.max(other.start, clearest.start)).toBeLessThan(1e-9);
    }
  }
});
