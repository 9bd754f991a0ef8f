/** A person's own spellings, and the languages whose filler words are hidden: kept in this browser. */
import { FILLER_LANGUAGES } from './fillers.ts';
import { validRules, type Rule } from './rules.ts';

const KEY = 'earshot-words';

type Kept = { rules: readonly Rule[]; hidden: readonly string[] };

class OwnWords {
  #rules = $state.raw<readonly Rule[]>([]);
  #hidden = $state.raw<ReadonlySet<string>>(new Set());

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Record<keyof Kept, unknown>>;
      this.#rules = validRules(kept.rules);
      const hidden = Array.isArray(kept.hidden) ? (kept.hidden as unknown[]) : [];
      this.#hidden = new Set(FILLER_LANGUAGES.filter((language) => hidden.includes(language)));
    } catch {
      // Site data is blocked or damaged: nobody's words are replaced.
    }
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }
  /** Languages, ISO codes, whose fillers are neither shown nor exported. */
  get hidden(): ReadonlySet<string> {
    return this.#hidden;
  }

  setRules(rules: readonly Rule[]): void {
    this.#rules = rules;
    this.#keep();
  }

  hide(languages: readonly string[], hide: boolean): void {
    const rest = [...this.#hidden].filter((language) => !languages.includes(language));
    this.#hidden = new Set(hide ? [...rest, ...languages] : rest);
    this.#keep();
  }

  #keep(): void {
    try {
      const kept: Kept = { rules: this.#rules, hidden: [...this.#hidden] };
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // It holds for this visit.
    }
  }
}

export const ownWords = new OwnWords();
