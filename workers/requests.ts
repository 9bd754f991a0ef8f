/**
 * What a worker has asked the network for: the browser's own resource timing, and for downloads a count of the bytes
 * as they are read, because of another origin the browser tells no sizes.
 */
import { requestEntries, type RequestEntry } from './protocol';

/** A download is told of this often while it grows. */
const TELL_MS = 250;
/** The browser's entry and the count of the same request begin within this. */
const SAME_MS = 1000;

export class RequestLog {
  readonly #entries: RequestEntry[] = [];
  /** Counted, and still without the browser's own entry. */
  readonly #counted = new Set<RequestEntry>();
  #tell: ((entries: RequestEntry[]) => void) | null = null;
  #toldMs = 0;

  constructor() {
    new PerformanceObserver((list) => this.#observed(requestEntries(list.getEntries()))).observe({
      type: 'resource',
      buffered: true,
    });
  }

  watch(tell: (entries: RequestEntry[]) => void): void {
    this.#tell = tell;
    tell(this.#entries);
  }

  /**
   * A `fetch` that counts what is read of each body.
   * @param modelId the model whose files it asks for
   */
  counting(modelId: string): typeof fetch {
    return async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      const atMs = performance.timeOrigin + performance.now();
      const entry: RequestEntry = {
        ...{ url, atMs, transferBytes: 0, bodyBytes: 0, viaServiceWorker: false },
        countedBytes: 0,
        modelId,
      };
      this.#entries.push(entry);
      this.#counted.add(entry);
      this.#say([entry]);
      const response = await fetch(input, init);
      if (response.body === null) return response;
      const counted = this.#count(response.body, entry);
      return new Response(counted, response);
    };
  }

  /** Passes chunks on as they are asked for; the end, cut or not, comes after all that was read. */
  #count(body: ReadableStream<Uint8Array<ArrayBuffer>>, entry: RequestEntry): ReadableStream<Uint8Array<ArrayBuffer>> {
    const reader = body.getReader();
    return new ReadableStream(
      {
        pull: async (passed) => {
          const { done, value } = await reader.read();
          if (done) {
            this.#say([entry]);
            return passed.close();
          }
          entry.countedBytes = (entry.countedBytes ?? 0) + value.byteLength;
          if (performance.now() - this.#toldMs > TELL_MS) this.#say([entry]);
          passed.enqueue(value);
        },
        cancel: (reason) => {
          this.#say([entry]);
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  #observed(seen: RequestEntry[]): void {
    const fresh = seen.map((entry) => {
      const same = [...this.#counted].find(
        ({ url, atMs }) => url === entry.url && Math.abs(atMs - entry.atMs) < SAME_MS,
      );
      if (same === undefined) {
        this.#entries.push(entry);
        return entry;
      }
      this.#counted.delete(same);
      const { transferBytes, bodyBytes, viaServiceWorker } = entry;
      return Object.assign(same, { transferBytes, bodyBytes, viaServiceWorker });
    });
    if (fresh.length > 0) this.#say(fresh);
  }

  #say(entries: RequestEntry[]): void {
    this.#toldMs = performance.now();
    this.#tell?.(entries.map((entry) => ({ ...entry })));
  }
}
