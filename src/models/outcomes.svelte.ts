/** How the last thing that a person asked of the model store ended, said beside what it was about. */

import type { Outcome, OutcomeTelling } from './outcome.ts';

class Outcomes {
  #outcomes = $state.raw<Readonly<Partial<Record<string, OutcomeTelling>>>>({});

  /** @param about a model's id, `import` or `room` */
  of(about: string): Outcome | undefined {
    return this.#outcomes[about]?.();
  }

  /** @param tell null: there is nothing to say of it any more */
  set(about: string, tell: OutcomeTelling | null): void {
    const { [about]: _, ...others } = this.#outcomes;
    this.#outcomes = tell === null ? others : { ...others, [about]: tell };
  }

  /** Withdraws all of them, because something new was asked for. */
  clear(): void {
    this.#outcomes = {};
  }
}

export const outcomes = new Outcomes();
