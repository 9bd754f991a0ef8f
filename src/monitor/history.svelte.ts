/** What the gauge said, for the charts: lately, and in the whole visit. Nothing between two readings is made up. */
import { untrack } from 'svelte';
import type { Gauge } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { after, intoVisit, NEW_VISIT, readingOf, type Reading } from './readings.ts';

class History {
  #readings = $state.raw<readonly Reading[]>([]);
  #visit = $state.raw(NEW_VISIT);

  /** The last minutes, each reading. */
  get readings(): readonly Reading[] {
    return this.#readings;
  }
  /** The whole visit, in less detail the longer it is. */
  get visit(): readonly Reading[] {
    return this.#visit.readings;
  }

  add(gauge: Gauge | null): void {
    // Not by the clock on the wall, which somebody may set.
    const reading = readingOf(gauge, this.#readings.at(-1), performance.timeOrigin + performance.now());
    if (reading === null) return;
    this.#readings = after(this.#readings, reading);
    this.#visit = intoVisit(this.#visit, reading);
  }
}

export const history = new History();

// As long as the page lives, whichever view is open.
$effect.root(() => {
  $effect(() => {
    const { gauge } = engine;
    untrack(() => history.add(gauge));
  });
});
