/** Long work in short slices, between which the page draws and listens. */

/** Half a frame at 60 a second: what is pressed meanwhile still answers at once. */
export const SLICE_MS = 8;

/** What follows is a task of its own: what is long on either side does not hold the page up together. */
export const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
/** What was changed is drawn before that. */
export const nextFrame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));

/**
 * Runs `work` to its end.
 * @param signal ends it between two slices, with the signal's own reason
 */
export async function inSlices<T>(work: Generator<void, T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    await nextTask();
    signal?.throwIfAborted();
  }
}

/** Runs `work` to its end at once, for callers that nothing waits for. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
