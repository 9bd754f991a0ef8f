/** Reads the headers of files before their turn: how long they are, and which can't be opened at all, is known early. */
import { ABORTED, type FaultName, type MediaFacts } from '../../workers/protocol.ts';
import { asFault } from '../faults.ts';

/** Faults that only this file can have caused. With any other the file still gets its turn. */
const CERTAIN: readonly (FaultName | typeof ABORTED)[] = ['EmptyFile', 'UnsupportedFormat', 'NoAudioTrack'];

/** What looking ahead needs of the queue. */
type Waiting = {
  /** The files that wait and of which nothing is known, by the ids of their jobs. */
  unknown(): readonly { id: string; file: File }[];
  open(file: File): Promise<MediaFacts>;
  onFacts(id: string, facts: MediaFacts): void;
  onFault(id: string, name: FaultName, detail: string): void;
};

export class LookAhead {
  readonly #waiting: Waiting;
  /** Files that were looked at, whether or not they could be read. */
  readonly #seen = new Set<string>();
  #running = false;

  constructor(waiting: Waiting) {
    this.#waiting = waiting;
  }

  /** The job has got another file, which is to be looked at as well. */
  forget(id: string): void {
    this.#seen.delete(id);
  }

  /** Looks at one file after another until all were looked at. Never rejects. */
  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (;;) {
      const next = this.#waiting.unknown().find(({ id }) => !this.#seen.has(id));
      if (next === undefined) break;
      this.#seen.add(next.id);
      try {
        this.#waiting.onFacts(next.id, await this.#waiting.open(next.file));
      } catch (error) {
        const { name, detail } = asFault(error);
        if (name !== ABORTED && CERTAIN.includes(name)) this.#waiting.onFault(next.id, name, detail);
      }
    }
    this.#running = false;
  }
}
