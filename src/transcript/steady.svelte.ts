/** A value for thousands of rows to look at. */
import { untrack } from 'svelte';

/**
 * Is written only when the value is another. A derived value has everything that looks at it marked and asked whenever
 * something under it may be other: of 12,000 rows that took 40 ms (26 November 2026), ten times a second while a job runs.
 * Call while a component starts, before its rows are drawn.
 */
export function steady<T>(value: () => T): { readonly now: T } {
  let now = $state.raw(untrack(value));
  $effect.pre(() => {
    now = value();
  });
  return {
    get now() {
      return now;
    },
  };
}
