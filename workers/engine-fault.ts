/** What an error inside the engine amounts to. */
import { ABORTED, fault } from './protocol';

/**
 * What the store, the media worker and the job named stays; what the browser and ONNX Runtime throw gets a name.
 * @param gpuLost why the device is gone; null: it is here, or was never opened
 * @param shortage what the GPU had no memory for; null: it has complained of nothing. Memory that is missing elsewhere (a
 *   large array, the wasm heap) is none of the GPU's, whatever the message says.
 */
export function engineFault(error: unknown, gpuLost: string | null, shortage: string | null): Error {
  const known = error instanceof Error ? error : new Error(String(error));
  // No fault has a name that ends so.
  if (!known.name.endsWith('Error') || known.name === ABORTED) return known;
  if (gpuLost !== null) return fault('GpuLost', `${gpuLost} (${known.message})`);
  if (shortage !== null) return fault('GpuOutOfMemory', shortage);
  return fault('EngineFailed', known.message);
}
