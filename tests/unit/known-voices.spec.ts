/** Voices of one recording known again in another, on forged voices. */
import { expect, test } from 'playwright/test';
import { meanVoices } from '../../workers/speakers/mean-voices.ts';
import { ALIKE, likeness, suggestionsOf, type KnownVoice } from '../../src/known-voices/alike.ts';
import { conversation, forgedTable } from './forged-voices.ts';

/** Two recordings of the same people: the directions of speakers come from the seed, the pieces are others. */
const first = forgedTable(conversation(3, 120, 7), 5);
const voices = meanVoices(first.table, first.truth);

test('each speaker has a voice; too little sound makes none, and two at once are nobody', () => {
  expect(voices.map(({ speaker }) => speaker).sort()).toEqual(['0', '1', '2']);
  for (const { voice, seconds } of voices) {
    expect(voice).toHaveLength(192);
    expect(seconds).toBeGreaterThan(4);
  }
  const short = forgedTable([0, 0, 0, 1, 0]);
  expect(meanVoices(short.table, short.truth).map(({ speaker }) => speaker)).toEqual(['0']);
  const both = first.truth.flatMap((turn) => [turn, { ...turn, speaker: 'other' }]);
  expect(meanVoices(first.table, both)).toEqual([]);
});

test('half a recording knows the speakers of the other half, and nobody else', () => {
  const middle = first.truth[first.truth.length >> 1].start;
  const known = meanVoices(
    first.table,
    first.truth.filter(({ start }) => start < middle),
  ).map(({ speaker, voice }): KnownVoice => ({ id: speaker, name: `name ${speaker}`, voice, keptAtMs: 0 }));
  const later = meanVoices(
    first.table,
    first.truth.filter(({ start }) => start >= middle),
  );
  const found = suggestionsOf(later, known);
  expect(found.map(({ speaker, known: { id } }) => speaker === id)).toEqual([true, true, true]);
  const strangers = forgedTable(conversation(3, 120, 9), 6);
  expect(suggestionsOf(meanVoices(strangers.table, strangers.truth), known)).toEqual([]);
  // Nobody is suggested twice, and no voice for two people.
  const twins = later.map((voice) => ({ ...voice, voice: later[0].voice }));
  expect(suggestionsOf(twins, known)).toHaveLength(1);
});

test('asked about is who is alike enough, and of two the more alike one; a recording is never of two names', () => {
  /** A voice whose cosine with that of one direction is so much. */
  const voice = (cosine: number) =>
    Int8Array.from({ length: 192 }, (_, i) =>
      i === 0 ? Math.round(127 * cosine) : i === 1 ? Math.round(127 * Math.sqrt(1 - cosine ** 2)) : 0,
    );
  const known = (id: string, cosine: number): KnownVoice => ({ id, name: id, voice: voice(cosine), keptAtMs: 0 });
  const asked = (cosines: number[]) =>
    suggestionsOf(
      [{ speaker: '1', voice: voice(1), seconds: 9 }],
      cosines.map((cosine) => known(`${cosine}`, cosine)),
    ).map(({ known: { id } }) => id);
  expect(asked([ALIKE - 0.02])).toEqual([]);
  expect(asked([ALIKE + 0.02])).toHaveLength(1);
  expect(asked([0.85, 0.95, 0.8])).toEqual(['0.95']);
  // The largest of what two people were measured at, and nearly the least of one: src/known-voices/alike.ts.
  expect(asked([0.774])).toEqual([]);
  expect(asked([0.785])).toHaveLength(1);
});

test('likeness: the direction counts, not how loud; nothing is like nothing', () => {
  const voice = Int8Array.from({ length: 192 }, (_, i) => (i % 11) - 5);
  expect(
    likeness(
      voice,
      voice.map((value) => value * 2),
    ),
  ).toBeCloseTo(1);
  expect(likeness(voice, new Int8Array(192))).toBe(0);
});
