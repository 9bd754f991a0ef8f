/** Asks again and again whether everything for a visit without network is here: nothing of it is remembered. */
import type { Kept } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { SPEAKERS_MODEL } from '../settings/model-choice.ts';
import { settings } from '../settings/settings.svelte.ts';
import { updates } from '../updates.svelte.ts';
import { askServiceWorker, tellServiceWorker } from '../ask-service-worker.ts';
import { readinessOf, type Readiness } from './readiness.ts';

/** While something is missing it is most likely on its way. */
const SOON_MS = 2000;
/** A browser throws things away when the disk gets full, without a word. */
const LATER_MS = 30_000;

class Offline {
  #kept = $state.raw<Kept | null>(null);
  /** The sizes of the last time somebody wanted to know them. */
  #measured = $state.raw<Kept | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #readiness = $derived.by<Readiness>(() => {
    const kept = this.#kept;
    return readinessOf({
      canKeep: updates.canKeep,
      kept: kept && {
        ...kept,
        shell: { ...kept.shell, bytes: this.#measured?.shell.bytes ?? null },
        runtime: { ...kept.runtime, bytes: this.#measured?.runtime.bytes ?? null },
      },
      // Looked up with every answer: a service worker may take charge later (workers/charge.ts).
      inCharge: kept === null || navigator.serviceWorker.controller !== null,
      model: engine.model(settings.current.model),
      speakers: settings.current.tellSpeakers ? engine.model(SPEAKERS_MODEL) : undefined,
    });
  });

  get readiness(): Readiness {
    return this.#readiness;
  }

  start(): void {
    void this.look();
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      // Another tab may have deleted the model meanwhile.
      engine.refreshModels().catch(() => {});
      void this.look();
    });
  }

  /** @param measure sizes too: everything kept is read once */
  async look(measure = false): Promise<void> {
    clearTimeout(this.#timer);
    const gpu = (engine.adapter ?? null) !== null;
    const kept = await askServiceWorker<Kept>({ type: 'WHAT_IS_KEPT', gpu, measure });
    this.#kept = kept;
    if (measure) this.#measured = kept;
    if (kept !== null && kept.shell.missing + kept.runtime.missing > 0 && !kept.fetching) {
      await tellServiceWorker({ type: 'KEEP_RUNTIME', gpu });
    }
    clearTimeout(this.#timer);
    const settled = kept === null ? !updates.canKeep : kept.shell.missing + kept.runtime.missing === 0;
    this.#timer = setTimeout(() => void this.look(), settled ? LATER_MS : SOON_MS);
  }
}

export const offline = new Offline();
