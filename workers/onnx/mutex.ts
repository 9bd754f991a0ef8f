/** Runs one task at a time, in order; a task that fails does not stop the next. */
export type Mutex = <T>(task: () => Promise<T>) => Promise<T>;

/**
 * Two runs of ONNX Runtime's WebGPU builds that overlap freeze the worker for ever (1.31-dev, Asyncify and JSPI, 2026-11), so
 * every run, create and release of a session goes through the worker's one mutex.
 */
export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

/** The mutex, and a clock of how long its tasks take. */
export function timed(mutex: Mutex, clock: { begin(): void; end(): void }): Mutex {
  return (task) =>
    mutex(async () => {
      clock.begin();
      try {
        return await task();
      } finally {
        clock.end();
      }
    });
}
