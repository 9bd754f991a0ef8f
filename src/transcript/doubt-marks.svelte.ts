/** Which words count as doubtful, and whether they are marked: kept in this browser. */
import { FIRST_THRESHOLD } from './doubts.ts';

const KEY = 'earshot-doubts';

class DoubtMarks {
  #threshold = $state.raw(FIRST_THRESHOLD);
  #shown = $state.raw(false);

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as { threshold?: unknown; shown?: unknown };
      if (typeof kept.threshold === 'number' && kept.threshold > 0 && kept.threshold < 1)
        this.#threshold = kept.threshold;
      this.#shown = kept.shown === true;
    } catch {
      // Site data is blocked or damaged: nothing is marked.
    }
  }

  /** A word with a lower probability is doubtful. */
  get threshold(): number {
    return this.#threshold;
  }
  get shown(): boolean {
    return this.#shown;
  }

  /** [0, 1]; what is no number or outside changes nothing. */
  setThreshold(threshold: number): void {
    if (!(threshold > 0 && threshold < 1)) return;
    this.#threshold = threshold;
    this.#keep();
  }

  show(shown: boolean): void {
    this.#shown = shown;
    this.#keep();
  }

  #keep(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify({ threshold: this.#threshold, shown: this.#shown }));
    } catch {
      // It holds for this visit.
    }
  }
}

export const doubtMarks = new DoubtMarks();
