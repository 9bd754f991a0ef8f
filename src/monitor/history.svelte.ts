/** What the gauge said lately, for the charts. Real readings only: nothing between two of them is made up. */
import { untrack } from 'svelte';
import type { Gauge } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { after, type Reading } from './readings.ts';

class History {
  #readings = $state.raw<readonly Reading[]>([]);

  get readings(): readonly Reading[] {
    return this.#readings;
  }

  add(gauge: Gauge | null): void {
    this.#readings = after(this.#readings, gauge, Date.now());
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
