/** A load that the store helps: what is missing is brought, what is damaged is healed. Pure but for what it is given. */
import type { Brought, DownloadProgress, LoadProgress, LoadReport, LoadRequest } from '../../workers/protocol.ts';
import { asFault } from '../faults.ts';

/** What loads. */
type Loader = {
  load(request: LoadRequest): Promise<LoadReport>;
  /** False: its worker has ended, so nothing can be loaded there any more. */
  readonly alive: boolean;
};

/** What a load asks of the store; as the verbs of `StoreApi`. */
export type Helper = {
  bring(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<Brought | null>;
  heal(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<string[]>;
  /** Stops both: nobody waits for them any more. */
  abandon(): void;
};

/** A part that is gone from the disk shows in reading, and a byte that is wrong only in ONNX Runtime: one after the other. */
const MOST_HEALINGS = 2;

/**
 * Loads a model. One that comes with the page and is not on this device is brought first, and one that is damaged there
 * is healed, whichever way the damage shows.
 * Rejects with what `load` rejects with, and with the faults of a download where one was needed and failed.
 * @param onProgress hears of the helper's work as of reading
 */
export async function loadFromStore(
  loader: Loader,
  helper: Pick<Helper, 'bring' | 'heal'>,
  request: LoadRequest,
  onProgress: (progress: LoadProgress) => void,
): Promise<LoadReport> {
  const { modelId } = request;
  const reading = ({ loadedBytes, totalBytes }: DownloadProgress) =>
    onProgress({ phase: 'reading', loadedBytes, totalBytes });
  let brought: Pick<LoadRequest, 'broughtMs' | 'lent'> | undefined;
  let healings = 0;
  for (;;) {
    try {
      return await loader.load({ ...request, ...brought });
    } catch (error) {
      if (!loader.alive) throw error;
      const { name } = asFault(error);
      if (name === 'ModelMissing' && brought === undefined) {
        const beganMs = performance.now();
        const came = await helper.bring(modelId, reading);
        if (came === null) throw error;
        brought = { broughtMs: performance.now() - beganMs, ...(came.lent && { lent: came.lent }) };
      } else if ((name === 'ModelDamaged' || name === 'EngineFailed') && healings < MOST_HEALINGS) {
        healings += 1;
        if ((await helper.heal(modelId, reading)).length === 0) throw error;
      } else {
        throw error;
      }
    }
  }
}
