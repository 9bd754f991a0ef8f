/** Which language a window is written in, told by the windows of a file one after the other. */
import { expect, test } from 'playwright/test';
import type { LanguageGuess } from '../../workers/whisper/decode.ts';
import { LanguageTrack, likeliest } from '../../workers/whisper/language.ts';
import { randomFrom } from './random.ts';

const guess = (shares: Record<string, number>, noSpeechProbability = 0): LanguageGuess => ({
  languages: new Map(Object.entries(shares)),
  noSpeechProbability,
});
/** The language of each window of a file. */
const languagesOf = (track: LanguageTrack, windows: readonly [LanguageGuess, number | null][]): string[] =>
  windows.map(([one, speech]) => track.next(one, speech).language);

const english = guess({ en: 0.95, de: 0.03, fr: 0.02 });
const german = guess({ en: 0.01, de: 0.98, fr: 0.01 });

test('the likeliest language', () => {
  expect(likeliest(guess({ en: 0.2, fr: 0.5, de: 0.3 }).languages)).toEqual({ language: 'fr', probability: 0.5 });
});

test('one unsure first window does not fix the language, a sure one does', () => {
  const unsure = new LanguageTrack();
  expect(unsure.assumed).toBeNull();
  expect(unsure.next(guess({ fr: 0.4, en: 0.35, de: 0.25 }), 10).language).toBe('fr');
  // English is not sure enough to change what is settled, but nothing is.
  const half = guess({ en: 0.6, fr: 0.2, de: 0.2 });
  expect(unsure.next(half, 10).language).toBe('en');
  expect(unsure.assumed?.language).toBe('en');
  const sure = new LanguageTrack();
  expect(sure.next(guess({ fr: 0.8, en: 0.1, de: 0.1 }), 10).language).toBe('fr');
  expect(sure.next(half, 10).language).toBe('fr');
});

test('windows of silence vote a little, and settle nothing', () => {
  const track = new LanguageTrack();
  for (let i = 0; i < 9; i++) expect(track.next(guess({ nn: 0.97, en: 0.03 }, 0.99), 0).language).toBe('nn');
  expect(track.next(guess({ en: 0.9, nn: 0.1 }, 0.02), 10).language).toBe('en');
});

test('a sure window of another language switches, and the next may switch back', () => {
  const track = new LanguageTrack();
  expect(
    languagesOf(track, [
      [english, 20],
      [german, 20],
      [german, 20],
      [english, null],
      [english, 20],
    ]),
  ).toEqual(['en', 'de', 'de', 'en', 'en']);
});

test('a short window, an unsure one and one of no speech switch nothing, and tell how likely what they keep is', () => {
  const track = new LanguageTrack();
  track.next(english, 20);
  expect(track.next(german, 2.9)).toEqual({ language: 'en', probability: 0.01 });
  expect(track.next(guess({ en: 0.16, de: 0.84, fr: 0 }), 20)).toEqual({ language: 'en', probability: 0.16 });
  expect(track.next(guess({ en: 0, de: 1, fr: 0 }, 0.5), 20)).toEqual({ language: 'en', probability: 0 });
  expect(track.assumed?.language).toBe('en');
  expect(track.next(guess({ en: 0.15, de: 0.85, fr: 0 }), 3).language).toBe('de');
});

test('what is known of the file is kept until a window is sure of another', () => {
  const track = new LanguageTrack({ language: 'fr', probability: 0.7 });
  expect(track.assumed).toEqual({ language: 'fr', probability: 0.7 });
  expect(track.next(guess({ en: 0.8, de: 0.1, fr: 0.1 }), 20).language).toBe('fr');
  expect(track.next(german, 1).language).toBe('fr');
  expect(track.next(german, 10).language).toBe('de');
});

test('a guess that is no number changes nothing', () => {
  const broken = [guess({ en: NaN, de: NaN, fr: NaN }, NaN), guess({ en: 0.9, de: NaN, fr: 0 }), guess({ en: 1 }, NaN)];
  const first = new LanguageTrack();
  for (const one of broken) expect(first.next(one, 20)).toEqual({ language: 'en', probability: 0 });
  expect(first.assumed).toBeNull();
  expect(first.next(german, 20)).toEqual({ language: 'de', probability: 0.98 });
  for (const one of broken) expect(first.next(one, 20)).toEqual({ language: 'de', probability: 0.98 });
  expect(first.assumed).toEqual({ language: 'de', probability: 0.98 });
});

test('a track that is cut behind any window goes on as it would have', () => {
  const random = randomFrom(3);
  const codes = ['en', 'de', 'fr'];
  for (let round = 0; round < 300; round++) {
    const guesses = Array.from({ length: random.whole(2, 12) }, (): [LanguageGuess, number | null] => {
      const sure = random.next();
      const shares = codes.map(() => random.next());
      shares[random.whole(0, 2)] += 9 * sure;
      const sum = shares.reduce((a, b) => a + b);
      const languages = new Map(codes.map((code, i) => [code, shares[i] / sum]));
      return [{ languages, noSpeechProbability: random.next() }, random.next() < 0.5 ? 10 : 1];
    });
    const inOneGo = new LanguageTrack();
    const settled = guesses.map((guess) => inOneGo.next(...guess));
    const states = inOneGo.takeStates();
    expect(states).toHaveLength(guesses.length);
    const cut = random.whole(0, guesses.length - 2);
    const after = new LanguageTrack({ language: 'xx', probability: 1 }, structuredClone(states[cut]));
    expect(guesses.slice(cut + 1).map((guess) => after.next(...guess))).toEqual(settled.slice(cut + 1));
  }
});
