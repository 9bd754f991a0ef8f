/** Now and then, while nobody hears anything, the model in memory is checked on the disk that it came from. */
import { engine } from '../engine.svelte.ts';

/** Without a job for so long, the person is doing something else. */
const IDLE_MS = 30_000;

/** From now on, as long as the page lives. */
export function startRecheck(): void {
  $effect.root(() => {
    $effect(() => {
      const { status } = engine;
      if (status.phase !== 'ready' || engine.inUse) return;
      const { modelId } = status.load;
      const timer = setTimeout(() => void recheck(modelId), IDLE_MS);
      return () => clearTimeout(timer);
    });
  });
}

async function recheck(modelId: string): Promise<void> {
  const wasDamaged = await engine.recheckModel(modelId).catch(() => false);
  // What is in memory came from the same bytes. A fault of the engine ends its worker, and the memory is free as well.
  if (wasDamaged && engine.load?.modelId === modelId) await engine.unload().catch(() => {});
}
