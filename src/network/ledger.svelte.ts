/** Every request since the page was opened, from each thread that can make one. */
import { requestEntries, type RequestEntry } from '../../workers/protocol.ts';
import { askServiceWorker } from '../ask-service-worker.ts';
import type { JobPeriod, Request, Thread } from './account.ts';

/** By the clock that requests are timed with. The one on the wall may be set while a job runs. */
const now = () => performance.timeOrigin + performance.now();

class Ledger {
  #requests = $state.raw<readonly Request[]>([]);
  #job = $state.raw<JobPeriod | null>(null);
  readonly #places = new Map<string, number>();

  /** In the order they were heard of. */
  get requests(): readonly Request[] {
    return this.#requests;
  }
  /** When the current or last job ran; null before the first. */
  get job(): JobPeriod | null {
    return this.#job;
  }

  start(): void {
    this.add('page', requestEntries(performance.getEntriesByType('navigation')));
    new PerformanceObserver((list) => this.add('page', requestEntries(list.getEntries()))).observe({
      type: 'resource',
      buffered: true,
    });
  }

  /** A request is reported again as its bytes grow: the newer report replaces the older one. */
  add(by: Thread, entries: readonly RequestEntry[]): void {
    if (entries.length === 0) return;
    const requests = [...this.#requests];
    for (const entry of entries) {
      const key = `${by} ${entry.atMs} ${entry.url}`;
      const at = this.#places.get(key) ?? requests.length;
      this.#places.set(key, at);
      requests[at] = { ...entry, by };
    }
    this.#requests = requests;
  }

  /** The service worker tells only when asked, and only of what it did since it last woke. */
  async askServiceWorker(): Promise<void> {
    const entries = await askServiceWorker<RequestEntry[]>({ type: 'REQUESTS' });
    this.add('service worker', entries?.filter(({ atMs }) => atMs >= performance.timeOrigin) ?? []);
  }

  beginJob(): void {
    this.#job = { startMs: now(), endMs: null };
  }

  endJob(): void {
    if (this.#job !== null) this.#job = { ...this.#job, endMs: now() };
    void this.askServiceWorker();
  }
}

export const ledger = new Ledger();
