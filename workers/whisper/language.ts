/**
 * Which language a file is in: the detection of single windows (one decoder step each) pooled over the first ones,
 * each weighted by how surely it is speech.
 */
import type { LanguageGuess } from './decode';

/** Windows that vote. More would not change a clear case, and a mixed file has a mode of its own. */
const VOTES = 5;
/** Pooled this sure, no further window is asked: openai/whisper trusts a single window. */
const SURE = 0.9;

export class LanguagePool {
  readonly #sums = new Map<string, number>();
  #weight = 0;
  /** Windows that were rather speech than not: however sure of a language, silence settles nothing. */
  #votes = 0;
  readonly #known: { language: string; probability: number } | null;

  /** @param known what the file was heard to be before; it is not asked again */
  constructor(known: { language: string; probability: number } | null = null) {
    this.#known = known;
  }

  /** No further window needs to vote. */
  get settled(): boolean {
    return this.#known !== null || this.#votes >= VOTES || (this.#votes > 0 && this.best.probability >= SURE);
  }

  add(guess: LanguageGuess): void {
    // What a broken GPU gives would spoil the sums for good, also for the CPU that takes over.
    if (![guess.noSpeechProbability, ...guess.languages.values()].every(Number.isFinite)) return;
    // A window of silence knows nothing, yet the first window must give some answer.
    const weight = Math.max(1e-3, 1 - guess.noSpeechProbability);
    for (const [code, probability] of guess.languages) {
      this.#sums.set(code, (this.#sums.get(code) ?? 0) + weight * probability);
    }
    this.#weight += weight;
    if (guess.noSpeechProbability < 0.5) this.#votes += 1;
  }

  /** The likeliest language so far and its pooled probability. */
  get best(): { language: string; probability: number } {
    return this.#known ?? top(this.#sums, this.#weight);
  }
}

/** The likeliest language of one window. */
export function likeliest(guess: LanguageGuess): { language: string; probability: number } {
  return top(guess.languages, 1);
}

function top(sums: Map<string, number>, weight: number): { language: string; probability: number } {
  let language = '';
  let most = -1;
  for (const [code, sum] of sums) if (sum > most) [language, most] = [code, sum];
  return { language, probability: weight > 0 ? Math.max(0, most) / weight : 0 };
}
