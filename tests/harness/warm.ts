/** The page's side of the warm-start bench: the worker is there before anything is measured. */
import type { WarmRequest, WarmResult } from './warm.worker.ts';

let worker: Worker | null = null;

export function step(request: WarmRequest): Promise<WarmResult> {
  worker ??= new Worker(new URL('./warm.worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker!.onmessage = (event: MessageEvent<{ result?: WarmResult; error?: string }>) => {
      if (event.data.result) resolve(event.data.result);
      else reject(new Error(event.data.error));
    };
    worker!.onerror = (event) => reject(new Error(event.message));
    worker!.postMessage(request);
  });
}
