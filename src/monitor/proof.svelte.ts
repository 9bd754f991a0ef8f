/** Where the nodes of the model's graphs run, asked by a person; and memory given back whole. */
import { t } from '../locale/text.ts';
import { ABORTED } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { faultWords } from '../fault-words.ts';
import { asFault } from '../faults.ts';
import { settings } from '../settings/settings.svelte.ts';
import type { Placed } from './proof-words.ts';

class Proof {
  #placed = $state.raw<Placed | null>(null);
  #running = $state.raw(false);
  #problem = $state.raw('');

  get placed(): Placed | null {
    return this.#placed;
  }
  get running(): boolean {
    return this.#running;
  }
  /** Why it could not be told, in a sentence; empty: nothing went wrong. */
  get problem(): string {
    return this.#problem;
  }

  /** Asks about the model in memory, or else the one that is chosen. It leaves memory for that. Never rejects. */
  async ask(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.#problem = '';
    const loaded = engine.gauge?.modelId ?? null;
    const ran = engine.gauge?.backend ?? null;
    const modelId = loaded ?? settings.current.model;
    try {
      const { signal } = new AbortController();
      const { backend } =
        ran === null
          ? await engine.inTurn(() => engine.backendFor(settings.current.backend, modelId, signal))
          : { backend: ran };
      await clearMemory();
      const placements = await engine.inTurn(() => engine.placements({ modelId, backend }));
      this.#placed = { modelId, backend, placements };
    } catch (error) {
      const { name } = asFault(error);
      this.#problem = name === ABORTED ? t('Stopped.') : faultWords(name).sentence;
    } finally {
      this.#running = false;
    }
  }
}

export const proof = new Proof();

/**
 * Frees the sessions, and then everything else by ending the worker: the device and the WebAssembly memory. The next load
 * starts a fresh one. Does nothing while the engine is in use. Rejects as `engine.unload`.
 */
export async function clearMemory(): Promise<void> {
  await engine.unload();
  engine.end();
}
