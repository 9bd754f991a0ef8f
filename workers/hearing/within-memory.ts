/** Hears a group of windows, and in halves where there is no memory for all of them at once. */
import { fault } from '../protocol';
import { isOutOfMemory } from '../onnx/out-of-memory';
import type { LanguageTrack } from '../whisper/language';
import type { OnPartial } from './attempts';
import type { JobContext, Prepared } from './context';
import { hear, type Heard } from './hear';

/**
 * As `hear`. The text does not depend on how many windows are heard at once, so a smaller batch costs time and nothing
 * else; the sizes of the job never exceed it again.
 * @param languages what the file is heard to be in; as it was where the job was stopped
 * @returns null when the job was stopped before the group was finished
 * @throws GpuOutOfMemory when the GPU has no room for a single window, EngineFailed when its device is broken, and what
 *   `hear` throws otherwise
 */
export async function hearWithinMemory(
  context: JobContext,
  languages: { track: LanguageTrack },
  group: readonly Prepared[],
  onPartial: OnPartial,
): Promise<Heard | null> {
  const { gpu, batch, stopped } = context;
  const track = languages.track.copy();
  let lacking: unknown;
  try {
    // With a buffer missing the rest of the run is wasted.
    const trying = { ...context, stopped: () => stopped() || gpu?.isShort === true };
    const heard = await hear(trying, { track }, group, onPartial);
    const shortage = (await gpu?.takeShortage()) ?? null;
    if (gpu?.broken) throw fault('EngineFailed', `GPU: ${gpu.broken}`);
    if (shortage === null) {
      if (heard) languages.track = track;
      return heard;
    }
    lacking = fault('GpuOutOfMemory', shortage);
  } catch (error) {
    const shortage = (await gpu?.takeShortage()) ?? null;
    if (shortage === null && !isOutOfMemory(error)) throw error;
    lacking = shortage === null ? error : fault('GpuOutOfMemory', shortage);
  }
  if (stopped()) return null;
  if (group.length === 1) throw lacking;
  const half = Math.ceil(group.length / 2);
  batch.fit(half);
  const first = await hearWithinMemory(context, languages, group.slice(0, half), onPartial);
  const second = first && (await hearWithinMemory(context, languages, group.slice(half), onPartial));
  return (
    second && {
      results: [...first.results, ...second.results],
      cpuRetries: first.cpuRetries + second.cpuRetries,
    }
  );
}
