/** The keys that a person has chosen, and how far the sound goes back when it goes on: kept in this browser. */
import { validKeys, type KeyAction, type KeyChoices } from './keys.ts';

const KEY = 'earshot-keys';
/** One finds one's way back into a sentence by hearing the end of what was heard before. */
const REWIND_SECONDS = 1;

type Kept = { keys: KeyChoices; rewindSeconds: number };

class Keys {
  #kept = $state.raw<Kept>({ keys: {}, rewindSeconds: REWIND_SECONDS });

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as { keys?: unknown; rewindSeconds?: unknown };
      const rewind = Number(kept.rewindSeconds ?? REWIND_SECONDS);
      this.#kept = { keys: validKeys(kept.keys), rewindSeconds: rewind >= 0 && rewind <= 10 ? rewind : REWIND_SECONDS };
    } catch {
      // Site data is blocked or damaged: the first keys serve.
    }
  }

  get choices(): KeyChoices {
    return this.#kept.keys;
  }
  /** Seconds that the sound goes back when it is played again after a pause. */
  get rewindSeconds(): number {
    return this.#kept.rewindSeconds;
  }

  choose(action: KeyAction, keys: string): void {
    this.#keep({ ...this.#kept, keys: { ...this.#kept.keys, [action]: keys } });
  }

  setRewind(seconds: number): void {
    this.#keep({ ...this.#kept, rewindSeconds: seconds });
  }

  /** All keys as they were to begin with. */
  reset(): void {
    this.#keep({ ...this.#kept, keys: {} });
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // They hold for this visit.
    }
  }
}

export const keys = new Keys();
