/** A value that a part of the page may show a moment later than the rest. */
import { untrack } from 'svelte';

/**
 * Follows the value in a task of its own: what is counted and drawn from thousands of cues does not stand in one task with
 * the rows, which hold the page up together. Call while a component starts.
 */
export function taskLater<T>(value: () => T): { readonly now: T } {
  let now = $state.raw(untrack(value));
  $effect(() => {
    const next = value();
    if (next === untrack(() => now)) return;
    const timer = setTimeout(() => (now = next));
    return () => clearTimeout(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}
