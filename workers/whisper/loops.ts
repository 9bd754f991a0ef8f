/**
 * Notices a decoder that repeats itself while it does so. Whisper's own net (compression over 2.4 : 1, openai
 * transcribe.py) only speaks after 224 tokens; a loop is plain long before.
 */

/** Longest phrase, in tokens, whose repetition is looked for: a sentence. */
const LONGEST_PERIOD = 24;
/** A phrase said this often in a row, and this many tokens long together, is a loop and not a refrain. */
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
