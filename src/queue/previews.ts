/** Previews come faster than anyone reads: the newest of each kind is drawn, at most once per `ms`. */
import type { JobEvent } from '../../workers/protocol.ts';

export type Preview = Extract<JobEvent, { type: 'partial' | 'progress' }>;

export class Previews {
  readonly #ms: number;
  readonly #draw: (events: readonly Preview[]) => void;
  readonly #pending = new Map<Preview['type'], Preview>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(ms: number, draw: (events: readonly Preview[]) => void) {
    this.#ms = ms;
    this.#draw = draw;
  }

  push(event: Preview): void {
    if (this.#ended) return;
    this.#pending.set(event.type, event);
    this.#timer ??= setTimeout(() => this.#flush(), this.#ms);
  }

  /** Nothing is drawn from now on, neither what waits nor what comes later. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    const events = [...this.#pending.values()];
    this.#pending.clear();
    this.#draw(events);
  }
}
