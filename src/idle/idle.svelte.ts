/**
 * Gives memory back while nothing is heard: first the model, later the whole engine worker. A job that comes loads
 * again by itself. Deadlines are points in time, not counted ticks, because a browser delays the timers of a hidden tab.
 */
import { untrack } from 'svelte';
import { engine } from '../engine.svelte.ts';
import { settings } from '../settings/settings.svelte.ts';
import { deadlines, due, nextAt, type Deadlines, type Released, type Rest, type Rules, type Tier } from './idle.ts';

const MINUTE_MS = 60_000;
/** The longest delay that `setTimeout` takes: it is kept in 32 bits with a sign, and a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

class Idle {
  #sinceMs = $state.raw<number | null>(performance.now());
  #released = $state.raw<Released>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Derived, so that its effect runs only when the answer changes and not with every change of the engine. */
  readonly #inUse = $derived(engine.inUse);
  readonly #rules = $derived.by((): Rules => {
    const { modelIdleMinutes, engineIdleMinutes } = settings.current;
    const ms = (minutes: number) => (minutes === 0 ? null : minutes * MINUTE_MS);
    return { model: ms(modelIdleMinutes), engine: ms(engineIdleMinutes) };
  });
  readonly #rest = $derived<Rest>({
    sinceMs: this.#sinceMs,
    holds: { model: engine.status.phase === 'ready', engine: engine.awake },
  });
  readonly #deadlines = $derived(deadlines(this.#rest, this.#rules));

  get rest(): Rest {
    return this.#rest;
  }
  get deadlines(): Deadlines {
    return this.#deadlines;
  }
  get released(): Released {
    return this.#released;
  }

  /** From now on, as long as the page lives. */
  start(): void {
    $effect.root(() => {
      $effect(() => this.#note(this.#inUse));
      $effect(() => {
        void this.#deadlines;
        untrack(() => this.#check());
      });
    });
    // The timer of a hidden tab is late: what is due is looked at as soon as the tab is shown.
    document.addEventListener('visibilitychange', () => this.#check());
  }

  /** Work begins, or has ended. */
  #note(inUse: boolean): void {
    this.#sinceMs = inUse ? null : performance.now();
    if (inUse) this.#released = null;
  }

  /** Gives back what is due, and waits for what comes next. */
  #check(): void {
    clearTimeout(this.#timer);
    const tier = due(this.#deadlines, performance.now());
    if (tier !== null) {
      // Giving memory back changes the deadlines, and the effect on them checks again.
      if (!engine.inUse) this.#release(tier);
      return;
    }
    const at = nextAt(this.#deadlines);
    if (at === null) return;
    this.#timer = setTimeout(() => this.#check(), Math.min(LONGEST_TIMER_MS, Math.max(1, at - performance.now())));
  }

  #release(tier: Tier): void {
    this.#released = { tier, afterMs: this.#rules[tier] ?? 0 };
    if (tier === 'engine') engine.end();
    // A fault ends the worker: that frees the memory as well, and the next job starts a fresh one.
    else engine.unload().catch(() => {});
  }
}

export const idle = new Idle();
