/** Asks for a model, and says in words why it did not come. */
import { ABORTED } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { asFault, faultWords } from '../faults.ts';

export type FetchProblem = { modelId: string; sentence: string; next: string; detail: string };

class ModelFetch {
  #problem = $state.raw<FetchProblem | null>(null);
  #freeBytes = $state.raw<number | null>(null);

  /** Why the last attempt failed; null when none did. */
  get problem(): FetchProblem | null {
    return this.#problem;
  }
  /** What the browser would still let this page keep; null where it does not say. */
  get freeBytes(): number | null {
    return this.#freeBytes;
  }

  async begin(modelId: string): Promise<void> {
    this.#problem = null;
    // So that the browser does not throw the model away when the disk gets full. A no is no obstacle.
    void navigator.storage?.persist?.().catch(() => false);
    try {
      await engine.fetchModel(modelId);
    } catch (error) {
      const { name, detail } = asFault(error);
      await this.lookForRoom();
      if (name === ABORTED) return;
      const model = engine.model(modelId);
      const room =
        model === undefined || this.#freeBytes === null
          ? {}
          : { needBytes: model.totalBytes - model.storedBytes, freeBytes: this.#freeBytes };
      this.#problem = { modelId, ...faultWords(name, room), detail };
    }
  }

  async cancel(): Promise<void> {
    await engine.cancelDownload().catch(() => {});
  }

  async lookForRoom(): Promise<void> {
    try {
      const { quota, usage } = await navigator.storage.estimate();
      this.#freeBytes = quota === undefined || usage === undefined ? null : quota - usage;
    } catch {
      this.#freeBytes = null;
    }
  }
}

export const modelFetch = new ModelFetch();
