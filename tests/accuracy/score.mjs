/** Word and character errors of what was heard, the longest stretch that was lost, and how well cues begin. */
import { align, editDistance } from './align.mjs';
import { isUnspaced, normalize, normalizeBasic, wordsOf } from './normalize.mjs';

/**
 * `words` and `characters` are those of the truth; `longestLostRun` is the most words in a row that nothing was heard
 * for; `wer` and `cer` are errors over words and characters (0 where nothing was said and nothing heard, infinite where
 * something was).
 * @typedef {{ words: number, errors: number, substitutions: number, deletions: number, insertions: number,
 *   longestLostRun: number, characters: number, characterErrors: number, wer: number, cer: number }} Score
 */

/**
 * The words that are counted. Without `letters` a sentence of Chinese, Japanese, Thai, Lao or Burmese is as many words as
 * it has parts between spaces and punctuation: figures of peers are often counted so (their CER is the one to look at);
 * with it each character is a word, as in the paper of Whisper.
 * @param {string} text
 * @param {string} language ISO 639-1 code
 * @param {{ letters?: boolean }} [options]
 */
export const spokenWords = (text, language, { letters = false } = {}) =>
  wordsOf(isUnspaced(language) && !letters ? normalizeBasic(text) : normalize(text, language));

const rate = (/** @type {number} */ errors, /** @type {number} */ of) => (errors === 0 ? 0 : errors / of);

/**
 * @param {string} truth
 * @param {string} heard
 * @param {string} language ISO 639-1 code; of "en+de" the first part counts
 * @param {{ letters?: boolean }} [options] as in `spokenWords`
 * @returns {Score}
 */
export function score(truth, heard, language, options) {
  const said = spokenWords(truth, language, options);
  const found = spokenWords(heard, language, options);
  let [deletions, substitutions, run, longestLostRun] = [0, 0, 0, 0];
  align(said, found).forEach((place, i) => {
    run = place === -1 ? run + 1 : 0;
    longestLostRun = Math.max(longestLostRun, run);
    if (place === -1) deletions++;
    else if (found[place] !== said[i]) substitutions++;
  });
  const insertions = found.length - (said.length - deletions);
  const errors = substitutions + deletions + insertions;
  const characters = [...said.join(' ')];
  const characterErrors = editDistance(characters, [...found.join(' ')]);
  return {
    ...{ words: said.length, errors, substitutions, deletions, insertions, longestLostRun },
    ...{ characters: characters.length, characterErrors },
    ...{ wer: rate(errors, said.length), cer: rate(characterErrors, characters.length) },
  };
}

/**
 * Scores of several files as one: each word counts the same; the longest lost run is that of the worst file.
 * @param {Score[]} scores
 * @returns {Score}
 */
export function sum(scores) {
  const total = (/** @type {keyof Score} */ name) => scores.reduce((all, one) => all + one[name], 0);
  const [words, errors] = [total('words'), total('errors')];
  const [characters, characterErrors] = [total('characters'), total('characterErrors')];
  return {
    ...{ words, errors, substitutions: total('substitutions'), deletions: total('deletions') },
    insertions: total('insertions'),
    longestLostRun: scores.reduce((most, one) => Math.max(most, one.longestLostRun), 0),
    ...{ characters, characterErrors, wer: rate(errors, words), cer: rate(characterErrors, characters) },
  };
}

/**
 * How far from the truth cues begin: for each true segment, the begin of the cue (of the word, where the cue has words)
 * that holds the first of its words that was heard. A segment of which nothing was heard has no error here.
 * @param {{ start: number, text: string, words?: { start: number, text: string }[] }[]} cues seconds, in order
 * @param {{ start: number, text: string }[]} segments seconds, in order
 * @param {string} [language] ISO 639-1 code
 * @returns {number[]} seconds, smallest first
 */
export function cueStartErrors(cues, segments, language = 'en') {
  const heard = cues.flatMap((cue) => startsOf(cue, language));
  const said = segments.flatMap((segment, index) =>
    spokenWords(segment.text, language).map((word) => ({ word, index })),
  );
  /** @type {Map<number, number>} */
  const errors = new Map();
  const heardWords = heard.map(({ word }) => word);
  align(
    said.map(({ word }) => word),
    heardWords,
  ).forEach((place, i) => {
    const { word, index } = said[i];
    if (heardWords[place] !== word || errors.has(index)) return;
    errors.set(index, Math.abs(heard[place].start - segments[index].start));
  });
  return [...errors.values()].sort((a, b) => a - b);
}

/**
 * The counted words of a cue with their begins. Words are normalized together, because "twenty", "one" are one word, and
 * each alone, to know where it lies; a word that comes out only of the whole begins where the last known one is over.
 * @param {{ start: number, text: string, words?: { start: number, text: string }[] }} cue
 * @param {string} language
 * @returns {{ word: string, start: number }[]}
 */
function startsOf(cue, language) {
  const counted = spokenWords(cue.text, language);
  const timed = (cue.words ?? []).flatMap(({ text, start }) =>
    spokenWords(text, language).map((word) => ({ word, start })),
  );
  if (timed.length === 0) return counted.map((word) => ({ word, start: cue.start }));
  const places = align(
    counted,
    timed.map(({ word }) => word),
  );
  let next = 0;
  return counted.map((word, i) => {
    const place = places[i];
    if (timed[place]?.word !== word) return { word, start: timed[next].start };
    next = Math.min(place + 1, timed.length - 1);
    return { word, start: timed[place].start };
  });
}

/**
 * @param {number[]} sorted smallest first
 * @param {number} p in [0, 100]
 * @returns {number} the percentile, between two values in proportion (50 is the median); NaN of nothing
 */
export function percentile(sorted, p) {
  if (sorted.length === 0) return NaN;
  const at = (p / 100) * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.ceil(at);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
