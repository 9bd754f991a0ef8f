/**
 * Notices a decoder that repeats itself while it does so. Whisper's own net (compression over 2.4 : 1, openai
 * transcribe.py) only speaks after 224 tokens; a loop is plain long before.
 */

/** Longest phrase, in tokens, whose repetition is looked for: a sentence of some fifteen words. */
const LONGEST_PERIOD = 24;
/**
 * A phrase that stands so often in a row, and is so many tokens long together, is a loop. A refrain is sung three or four
 * times, and a word alone may be said more often than six times, so of one token it takes eighteen. Choices: an attempt
 * that is stopped wrongly is made again at a higher temperature, and none is thrown away for it.
 */
const REPEATS = 6;
const REPEATED_TOKENS = 18;

export class LoopWatch {
  readonly #words: number[] = [];

  /** @param id a word token (times differ in each round and are left out). @returns true when it is a loop */
  push(id: number): boolean {
    const words = this.#words;
    words.push(id);
    const n = words.length;
    for (let period = 1; period <= LONGEST_PERIOD; period++) {
      const needed = Math.max(period * REPEATS, REPEATED_TOKENS);
      if (needed > n) {
        if (period * REPEATS > n) return false;
        continue;
      }
      let same = 0;
      while (same < needed - period && words[n - 1 - same] === words[n - 1 - same - period]) same++;
      if (same === needed - period) return true;
    }
    return false;
  }
}
