/** Runs one task at a time, in order; a task that fails does not stop the next. */
export type Mutex = <T>(task: () => Promise<T>) => Promise<T>;

/**
 * Two overlapping session runs freeze the worker for ever (ENGINE.md, finding 2), so every run, create and release
 * of a session goes through the worker's one mutex.
 */
export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
