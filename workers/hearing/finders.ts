/** Who finds speech for a job: what is heard, and beside it where somebody speaks. */
import type { JobRequest, MelShape } from '../protocol';
import { VAD_RATE, type Silero } from '../speech/silero';
import { everything, type ReadSound, type SpeechFinder } from '../speech/speech';
import { silenceOut } from '../speech/vad';
import type { Kept } from './bookmark';

/**
 * @param silero gives the detection of speech where it is needed
 * @param place to go on from; null: the job begins by itself
 */
export async function findersOf(
  request: JobRequest,
  { sampleRate, windowSamples }: MelShape,
  silero: () => Promise<Silero>,
  read: ReadSound,
  place: Kept | null,
): Promise<{ finder: SpeechFinder; detector: SpeechFinder | null }> {
  const { fromSample, skipSilence } = request;
  const detector =
    sampleRate === VAD_RATE
      ? silenceOut(await silero(), windowSamples, sampleRate, fromSample, read, place?.detector)
      : null;
  if (detector && skipSilence) return { finder: detector, detector };
  return { finder: everything(windowSamples, sampleRate, fromSample, read, place?.finder), detector };
}
