/**
 * Runs a generator ahead of its reader.
 * @param limit how many items may lie ready before the next is made; `wake` when it has changed
 */
export function ahead<T>(
  items: AsyncGenerator<T>,
  limit: () => number,
  stopped: () => boolean,
): { next(): Promise<T | null>; wake(): void; close(): void } {
  const queue: T[] = [];
  let ended = false;
  let failure: { error: unknown } | null = null;
  let closed = false;
  let wakeReader = (): void => undefined;
  let wakeWriter = (): void => undefined;
  const pump = async (): Promise<void> => {
    try {
      for await (const item of items) {
        queue.push(item);
        wakeReader();
        while (queue.length >= limit() && !closed) {
          await new Promise<void>((resolve) => {
            wakeWriter = resolve;
          });
        }
        if (closed) break;
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    wakeReader();
  };
  void pump();
  return {
    async next() {
      for (;;) {
        const item = queue.shift();
        if (item !== undefined) {
          wakeWriter();
          return item;
        }
        if (stopped()) return null; // what breaks on a stop is no fault: the sessions may be gone
        if (failure) throw failure.error;
        if (ended) return null;
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
    },
    wake() {
      wakeWriter();
    },
    close() {
      closed = true;
      wakeWriter();
      wakeReader();
    },
  };
}
