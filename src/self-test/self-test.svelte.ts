/** The self-test as the person runs it from the engine panel: on the GPU where there is one, then on the CPU. */
import { engine } from '../engine.svelte.ts';
import { asFault, faultWords } from '../faults.ts';
import { ABORTED, type Backend } from '../../workers/protocol.ts';
import type { Verdict } from './verdict.ts';

export type Line = { backend: Backend; verdict: Verdict | null; problem: string | null };

class SelfTest {
  #running = $state.raw<Backend | null>(null);
  #lines = $state.raw<readonly Line[]>([]);

  /** The backend that is being tested, or null. */
  get running(): Backend | null {
    return this.#running;
  }
  get lines(): readonly Line[] {
    return this.#lines;
  }

  async run(): Promise<void> {
    if (this.#running !== null) return;
    this.#lines = [];
    const backends: Backend[] = engine.adapter ? ['gpu', 'cpu'] : ['cpu'];
    for (const backend of backends) {
      this.#running = backend;
      let line: Line;
      try {
        line = { backend, verdict: await engine.inTurn(() => engine.selfTest(backend)), problem: null };
      } catch (error) {
        const { name } = asFault(error);
        line = { backend, verdict: null, problem: name === ABORTED ? 'Stopped.' : faultWords(name).sentence };
      }
      this.#lines = [...this.#lines, line];
    }
    this.#running = null;
  }
}

export const selfTest = new SelfTest();
