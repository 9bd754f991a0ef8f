/** The person's choices: kept in this browser; those in the page's address win, and are not kept. */
import { choicesOfQuery, DEFAULT_CHOICES, validChoices, type Choices } from './choices.ts';

const KEY = 'earshot-settings';

class Settings {
  #kept = $state.raw<Partial<Choices>>({});
  #preset = $state.raw<Partial<Choices>>({});
  /** The model that the page's address named when it was opened. */
  readonly namedModel = choicesOfQuery(location.search).model ?? null;
  readonly #current = $derived<Choices>({ ...DEFAULT_CHOICES, ...this.#kept, ...this.#preset });

  constructor() {
    this.#preset = choicesOfQuery(location.search);
    try {
      this.#kept = validChoices(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
    } catch {
      // Site data is blocked or damaged: the defaults serve.
    }
  }

  get current(): Choices {
    return this.#current;
  }

  /** What earlier visits have chosen by hand; null: nothing, so it is the default. */
  get keptModel(): string | null {
    return this.#kept.model ?? null;
  }

  /** Changes what is kept for later visits; what the page's address says of this one stays. */
  keep<K extends keyof Choices>(name: K, value: Choices[K]): void {
    this.#kept = { ...this.#kept, [name]: value };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#kept));
    } catch {
      // The choice holds for this visit.
    }
  }

  change<K extends keyof Choices>(name: K, value: Choices[K]): void {
    const { [name]: _, ...preset } = this.#preset;
    this.#preset = preset;
    this.keep(name, value);
  }
}

export const settings = new Settings();
