/** Tabs share one disk: one writer a model at a time, the others watch it. */
import { ABORTED, fault, type DownloadProgress } from '../protocol';
import { shelfOf, type CatalogueModel } from './model-files';

const CHANNEL = 'earshot-models';

type Tell = (progress: DownloadProgress) => void;

/**
 * Runs `task` when no other tab or worker writes this model; until then `onOther` gets the other's progress.
 * The lock falls by itself when its tab dies. Rejects with AbortError when stopped while waiting.
 * @param task gets a function that tells the waiting tabs how far it is
 */
export async function alone<T>(
  model: Pick<CatalogueModel, 'id' | 'shelf'>,
  task: (tell: Tell) => Promise<T>,
  { signal, onOther }: { signal?: AbortSignal; onOther?: Tell } = {},
): Promise<T> {
  // Told by the name on the disk: a tab with an earlier version of the page may know the model by another id.
  const shelf = shelfOf(model);
  const channel = new BroadcastChannel(CHANNEL);
  let waiting = true;
  channel.onmessage = ({ data }: MessageEvent<DownloadProgress>) => {
    if (waiting && data.modelId === shelf) onOther?.({ ...data, modelId: model.id });
  };
  const run = () => {
    waiting = false;
    return task((progress) => channel.postMessage({ ...progress, modelId: shelf }));
  };
  try {
    // Only a page without TLS has no locks; it has no second tab worth guarding either.
    if (!('locks' in navigator)) return await run();
    return await navigator.locks.request(`earshot-model:${shelf}`, signal ? { signal } : {}, run);
  } catch (error) {
    throw waiting && signal?.aborted ? fault(ABORTED) : error;
  } finally {
    channel.close();
  }
}
