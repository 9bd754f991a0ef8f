/** Clustering on forged voices: what must hold whatever the networks say. */
import { expect, test } from 'playwright/test';
import type { SpeakerTurn, VoiceTable } from '../../workers/protocol.ts';
import { createCut } from '../../workers/speakers/assign.ts';
import { namedAs } from '../../workers/speakers/naming.ts';
import { VOICE_SIZE } from '../../workers/speakers/table.ts';
import { score } from '../speakers/score.mjs';
import { conversation, forgedTable } from './forged-voices.ts';
import { randomFrom } from './random.ts';

const found = (turns: readonly SpeakerTurn[]) => new Set(turns.map(({ speaker }) => speaker)).size;

/** The table with its pieces in another order. */
function shuffled(table: VoiceTable, seed: number): VoiceTable {
  const random = randomFrom(seed);
  const order = [...table.starts.keys()];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.whole(0, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return {
    ...table,
    starts: table.starts.map((_, at) => table.starts[order[at]]),
    ends: table.ends.map((_, at) => table.ends[order[at]]),
    kinds: table.kinds.map((_, at) => table.kinds[order[at]]),
    voices: table.voices.map(
      (_, at) => table.voices[order[Math.floor(at / VOICE_SIZE)] * VOICE_SIZE + (at % VOICE_SIZE)],
    ),
  };
}

for (const speakers of [1, 2, 3, 5, 8, 12])
  test(`${speakers} in a conversation are found without being told`, () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { table, truth } = forgedTable(conversation(speakers, 14 * speakers, seed), seed);
      const { confused, found } = score(truth, createCut(table)(null));
      expect(found, `seed ${seed}`).toBe(speakers);
      expect(confused, `seed ${seed}`).toBeLessThan(2);
    }
  });

test('two whose voices are alike, as on the telephone, are two when they have talked enough', () => {
  for (let seed = 1; seed <= 6; seed++) {
    const { table, truth } = forgedTable(conversation(2, 60, seed), seed, 1.2, 0.47);
    const { confused, found } = score(truth, createCut(table)(null));
    expect(found, `seed ${seed}`).toBe(2);
    expect(confused, `seed ${seed}`).toBeLessThan(5);
  }
});

test('a sentence that is played again and again is no second speaker', () => {
  for (let seed = 1; seed <= 6; seed++) {
    const { table } = forgedTable(Array<number>(40).fill(0), seed);
    // Eight pieces five times each, the way the same sound is heard from another sample on.
    const random = randomFrom(seed);
    const voices = table.voices.map((_, at) => {
      const [piece, place] = [Math.floor(at / VOICE_SIZE) % 8, at % VOICE_SIZE];
      return Math.max(-127, Math.min(127, table.voices[piece * VOICE_SIZE + place] + 6 * random.normal()));
    });
    expect(found(createCut({ ...table, voices })(null)), `seed ${seed}`).toBe(1);
  }
});

test('of thirty speakers at most two are taken for others', () => {
  for (let seed = 1; seed <= 4; seed++) {
    const { table, truth } = forgedTable(conversation(30, 600, seed), seed);
    const { confused, found } = score(truth, createCut(table)(null));
    expect(Math.abs(found - 30), `seed ${seed}`).toBeLessThanOrEqual(2);
    expect(confused, `seed ${seed}`).toBeLessThan(8);
  }
});

test('the order of the pieces does not matter', () => {
  const { table } = forgedTable(conversation(4, 60, 7), 7);
  const turns = createCut(table)(null);
  for (let seed = 0; seed < 5; seed++) expect(createCut(shuffled(table, seed))(null)).toEqual(turns);
});

test('speakers are named in the order of first appearance', () => {
  const { table } = forgedTable([2, 2, 2, 0, 0, 0, 1, 1, 1, 2, 0, 1], 3);
  expect(createCut(table)(null).map(({ speaker }) => speaker)).toEqual([
    '1',
    '1',
    '1',
    '2',
    '2',
    '2',
    '3',
    '3',
    '3',
    '1',
    '2',
    '3',
  ]);
});

test('a stated number is kept, and found again when it is not stated any more', () => {
  const { table } = forgedTable(conversation(3, 45, 5), 5);
  const cut = createCut(table);
  const alone = cut(null);
  for (let count = 1; count <= 6; count++) expect(found(cut({ least: count, most: count }))).toBe(count);
  expect(found(cut({ least: 4, most: 6 }))).toBe(4);
  expect(found(cut({ least: 1, most: 2 }))).toBe(2);
  expect(cut({ least: 2, most: 5 })).toEqual(alone);
  expect(cut(null)).toEqual(alone);
});

test('cuts for more speakers are cuts within those for fewer: nobody swaps hands', () => {
  const { table } = forgedTable(conversation(6, 90, 8), 8);
  const cut = createCut(table);
  for (let count = 2; count <= 6; count++) {
    const fewer = cut({ least: count - 1, most: count - 1 });
    const more = cut({ least: count, most: count });
    // Pieces of one speaker of the finer cut lie nearly all with one of the coarser.
    expect(score(more, fewer).confused).toBeLessThan(50);
    expect(score(fewer, more).found).toBe(count);
  }
});

test('a voice of a second or two is no speaker, unless somebody says so', () => {
  const order = [...conversation(2, 30, 2), 2, ...conversation(2, 10, 3)];
  const { table } = forgedTable(order, 9);
  expect(found(createCut(table)(null))).toBe(2);
  expect(found(createCut(table)({ least: 3, most: 3 }))).toBe(3);
});

test('more sound renames nobody, and a later speaker gets a number of their own', () => {
  const order = conversation(3, 60, 4);
  const whole = forgedTable([...order, ...Array<number>(12).fill(3), ...order], 11);
  const prefix = (count: number): VoiceTable => ({
    ...whole.table,
    starts: whole.table.starts.slice(0, count),
    ends: whole.table.ends.slice(0, count),
    kinds: whole.table.kinds.slice(0, count),
    voices: whole.table.voices.slice(0, count * VOICE_SIZE),
  });
  let before = createCut(prefix(20))(null);
  for (let count = 22; count <= order.length; count += 2) {
    const turns = namedAs(before, createCut(prefix(count))(null));
    const end = before.at(-1)!.end;
    expect(turns.filter((turn) => turn.end <= end)).toEqual(before.filter((turn) => turn.end <= end));
    before = turns;
  }
  const renamed = before.map((turn) => (turn.speaker === '2' ? { ...turn, speaker: 'Ada' } : turn));
  const after = namedAs(renamed, createCut(whole.table)(null));
  expect(after.slice(0, renamed.length)).toEqual(renamed);
  expect(new Set(after.map(({ speaker }) => speaker))).toEqual(new Set(['1', 'Ada', '3', '2']));
});

test('who speaks at the same time is told as both', () => {
  const { table } = forgedTable([0, 0, 0, -1, 1, 1, 1, 0, 0, 1, 1], 6);
  const turns = createCut(table)(null);
  const at = (table.starts[3] * 270 + 16000) / 16000;
  expect(turns.filter(({ start, end }) => start < at && at < end).map(({ speaker }) => speaker)).toEqual(['1', '2']);
});

test('no pieces, a single one and pieces without a voice are no trouble', () => {
  expect(createCut(forgedTable([]).table)(null)).toEqual([]);
  expect(createCut(forgedTable([0]).table)({ least: 3, most: 5 })).toHaveLength(1);
  expect(createCut(forgedTable([-1, -1]).table)(null)).toEqual([]);
});

test('two hours are cut anew in under a second, and memory is linear in the pieces', () => {
  const { table } = forgedTable(conversation(5, 4800, 12), 12);
  const bytes = table.starts.byteLength + table.ends.byteLength + table.kinds.byteLength + table.voices.byteLength;
  expect(bytes).toBeLessThan(4800 * 210);
  const cut = createCut(table);
  expect(found(cut(null))).toBe(5);
  const began = performance.now();
  expect(found(cut({ least: 4, most: 4 }))).toBe(4);
  expect(performance.now() - began).toBeLessThan(1000);
});
