/** Tabs share one disk: one writer a model at a time, the others watch it. */
import { ABORTED, fault, type DownloadProgress } from '../protocol';

const CHANNEL = 'earshot-models';

type Tell = (progress: DownloadProgress) => void;

/**
 * Runs `task` when no other tab or worker writes this model; until then `onOther` gets the other's progress.
 * The lock falls by itself when its tab dies. Rejects with AbortError when stopped while waiting.
 * @param task gets a function that tells the waiting tabs how far it is
 */
export async function alone<T>(
  modelId: string,
  task: (tell: Tell) => Promise<T>,
  { signal, onOther }: { signal?: AbortSignal; onOther?: Tell } = {},
): Promise<T> {
  const channel = new BroadcastChannel(CHANNEL);
  let waiting = true;
  channel.onmessage = ({ data }: MessageEvent<DownloadProgress>) => {
    if (waiting && data.modelId === modelId) onOther?.(data);
  };
  const run = () => {
    waiting = false;
    return task((progress) => channel.postMessage(progress));
  };
  try {
    // Only a page without TLS has no locks; it has no second tab worth guarding either.
    if (!('locks' in navigator)) return await run();
    return await navigator.locks.request(`earshot-model:${modelId}`, signal ? { signal } : {}, run);
  } catch (error) {
    throw waiting && signal?.aborted ? fault(ABORTED) : error;
  } finally {
    channel.close();
  }
}
