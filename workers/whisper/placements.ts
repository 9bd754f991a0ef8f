/** Where the graphs of a Whisper model run, node by node. */
import type { Mutex } from '../onnx/mutex';
import { loadOrt, runtimeFor } from '../onnx/ort';
import { linesOf, placementsIn } from '../onnx/placement';
import { sessionMaker } from '../onnx/sessions';
import type { LoadRequest, NodePlacement } from '../protocol';
import { sessionFiles } from '../store/model-files';
import type { StoredModels } from '../store/stored-models';
import { BUFFER_CACHE } from './load-model';

/**
 * Makes the sessions of a stored model, one after the other, and keeps none.
 * @param device null: the CPU
 * @throws as `loadModel`
 */
export async function placementsOf(
  stored: StoredModels,
  request: LoadRequest,
  device: GPUDevice | null,
  mutex: Mutex,
): Promise<NodePlacement[]> {
  const entry = await stored.model(request.modelId);
  const files = sessionFiles(entry);
  const { ort } = await loadOrt(runtimeFor(request.backend));
  const sessions = sessionMaker({ ort, device, mutex, bufferCache: BUFFER_CACHE, talkative: true });
  const placements: NodePlacement[] = [];
  for (const session of ['encoder', 'decoder'] as const) {
    const blob = await stored.blob(request.modelId, files[session]);
    const lines = await linesOf(async () => {
      const made = await sessions.create(blob, []);
      await mutex(() => made.release());
    });
    placements.push(...placementsIn(lines, session));
  }
  return placements;
}
