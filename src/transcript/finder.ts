/** Asks the find worker, and ends it where a pattern takes too long: a regular expression may run for years. */
import type { FindAnswer, FindQuery, FindRequest, FoundText } from '../../workers/protocol.ts';
import { oneLine } from './plain-text-box.ts';

/** From when the worker begins. Twelve thousand cues take about a tenth of it on a slow machine. */
const PATIENCE_MS = 2000;

type FindOutcome =
  Pick<FindAnswer & { type: 'found' }, 'type' | 'found'> | { type: 'bad'; message: string } | { type: 'slow' };

export class Finder {
  #worker: Worker | null = null;
  #asked = 0;
  #giveUp: ((outcome: FindOutcome | null) => void) | null = null;

  /** @returns null where another search was begun meanwhile */
  find(texts: readonly string[], query: FindQuery): Promise<FindOutcome | null> {
    // The one before is not worth waiting for, and its worker may be in it for long.
    if (this.#giveUp !== null) this.#end(null);
    const worker = (this.#worker ??= new Worker(new URL('../../workers/find.worker.ts', import.meta.url), {
      type: 'module',
    }));
    const id = (this.#asked += 1);
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      this.#giveUp = (outcome) => {
        clearTimeout(timer);
        this.#giveUp = null;
        resolve(outcome);
      };
      worker.onmessage = ({ data }: MessageEvent<FindAnswer>) => {
        if (data.id !== id) return;
        // A busy machine may take seconds to start a worker, which says nothing of the pattern.
        if (data.type === 'begun') timer = setTimeout(() => this.#end({ type: 'slow' }), PATIENCE_MS);
        else this.#giveUp?.(data);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        this.#end({ type: 'bad', message: event.message });
      };
      worker.postMessage({ id, query, texts } satisfies FindRequest);
    });
  }

  /** Nothing is looked for any more. */
  stop(): void {
    this.#end(null);
  }

  #end(outcome: FindOutcome | null): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#giveUp?.(outcome);
  }
}

/** A place in a text, and the cue that had it. */
export type Found = FoundText & { id: string; of: string };

/** A text with what stands in these places replaced; places in their order. */
export function replaced(text: string, places: readonly FoundText[]): string {
  let made = '';
  let from = 0;
  for (const place of places) {
    made += text.slice(from, place.from) + place.with;
    from = place.to;
  }
  return oneLine(made + text.slice(from));
}

/** What cues say with every place in them replaced. @param found those of one cue beside each other */
export function* textsAfter(found: readonly Found[]): Generator<{ id: string; of: string; text: string }> {
  for (let from = 0; from < found.length;) {
    const { id, of } = found[from];
    let to = from + 1;
    while (to < found.length && found[to].id === id) to += 1;
    yield { id, of, text: replaced(of, found.slice(from, to)) };
    from = to;
  }
}
