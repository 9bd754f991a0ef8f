/**
 * Which language each window of a file is in. Every window tells its own by the way (decode.ts); most files have one
 * language, and a short or unclear window guesses wrongly, so the language only changes when a window is sure of another.
 */
import type { LanguageGuess } from './decode';

export type Language = { language: string; probability: number };

/**
 * The probability from which a language counts as settled: it is then likelier than all others together. openai/whisper
 * takes the likeliest one of the first window, however unsure (transcribe.py, detect_language).
 */
const SETTLED = 0.5;
/**
 * So sure a window must be of another language than the one before. The first German window behind English speech is
 * told as German with 0.99, single clear English windows as another language with up to 0.6 (2026-11).
 */
const CHANGED = 0.85;
/**
 * Seconds of speech under which a window changes nothing: a name or an exclamation is of any language. A choice: about one
 * sentence.
 */
const ENOUGH_SPEECH = 3;

/** What the next window depends on. Plain data. `sums`: until a window settles the language. */
export type LanguageState = {
  current: Language | null;
  sums: readonly (readonly [code: string, sum: number])[];
  weight: number;
};

export class LanguageTrack {
  /** Sums of the probabilities of the windows so far, until one of them settles it. */
  readonly #sums: Map<string, number>;
  #weight: number;
  #current: Language | null;
  /** The state behind each window that was not asked for yet. */
  #states: LanguageState[] = [];

  /**
   * @param known what the file was heard to be before this job
   * @param earlier another track's state to go on from; then `known` counts for nothing
   */
  constructor(known: Language | null = null, earlier: LanguageState | null = null) {
    this.#sums = new Map(earlier?.sums);
    this.#weight = earlier?.weight ?? 0;
    this.#current = earlier === null ? known : earlier.current;
  }

  /** Goes on from here on its own. */
  copy(): LanguageTrack {
    const other = new LanguageTrack(null, this.#state);
    other.#states = [...this.#states];
    return other;
  }

  /** The state behind each window since the last call, in their order. */
  takeStates(): LanguageState[] {
    return this.#states.splice(0);
  }

  get #state(): LanguageState {
    return { current: this.#current, sums: [...this.#sums], weight: this.#weight };
  }

  /** What the next window is likely to be in; null before the first. */
  get assumed(): Language | null {
    return this.#current ?? (this.#weight > 0 ? likeliest(this.#sums, this.#weight) : null);
  }

  /**
   * Takes the windows of a file in their order.
   * @param speechSeconds speech found in the window; null: not known
   * @returns the language to write the window in, with its probability there
   */
  next(guess: LanguageGuess, speechSeconds: number | null): Language {
    const language = this.#next(guess, speechSeconds);
    this.#states.push(this.#state);
    return language;
  }

  #next(guess: LanguageGuess, speechSeconds: number | null): Language {
    // What a broken GPU gives would spoil the sums for good, also for the CPU that takes over.
    if (!isNumbers(guess)) return this.assumed ?? { language: 'en', probability: 0 };
    const heard = likeliest(guess.languages, 1);
    const current = this.#current;
    if (current === null) {
      // A window of silence knows nothing, yet the first window must give some answer.
      const weight = Math.max(1e-3, 1 - guess.noSpeechProbability);
      for (const [code, probability] of guess.languages)
        this.#sums.set(code, (this.#sums.get(code) ?? 0) + weight * probability);
      this.#weight += weight;
      const pooled = likeliest(this.#sums, this.#weight);
      if (pooled.probability >= SETTLED && guess.noSpeechProbability < 0.5) this.#current = pooled;
      return pooled;
    }
    const sure = heard.probability >= CHANGED && guess.noSpeechProbability < 0.5;
    const enough = speechSeconds === null || speechSeconds >= ENOUGH_SPEECH;
    if (heard.language === current.language || (sure && enough)) return (this.#current = heard);
    return { language: current.language, probability: guess.languages.get(current.language) ?? 0 };
  }
}

/** Whether a guess says anything: what a broken GPU gives are no numbers. */
export function isNumbers({ noSpeechProbability, languages }: LanguageGuess): boolean {
  return [noSpeechProbability, ...languages.values()].every(Number.isFinite);
}

/** The likeliest of summed probabilities. */
export function likeliest(sums: ReadonlyMap<string, number>, weight = 1): Language {
  let language = '';
  let most = -1;
  for (const [code, sum] of sums) if (sum > most) [language, most] = [code, sum];
  return { language, probability: weight > 0 ? Math.max(0, most) / weight : 0 };
}
