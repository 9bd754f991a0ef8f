/**
 * Compiles what the first window would otherwise wait for: one encoder pass over silence, the decoder's first run and
 * three steps, after which no new pipeline is met: of Whisper base these runs compile 16, 17, 6, 1 and 0 (2026-11).
 */
import { decodeBatch } from './decode';
import { melFrames } from '../mel/log-mel';
import type { WhisperModel } from './model';

/** Steps of the decoder behind its first run: the third compiles nothing any more (see above). */
const STEPS = 3;

export async function warmUp(model: WhisperModel): Promise<void> {
  const { bins } = model.mel;
  const frames = melFrames(model.mel);
  const silence = new model.ort.Tensor('float32', new Float32Array(bins * frames), [1, bins, frames]);
  const hidden = await model.encode({ input_features: silence });
  try {
    let steps = 0;
    await decodeBatch(model, hidden, {
      prompts: [[model.tokens.startOfTranscript]],
      temperature: 0,
      randoms: [() => 0],
      stopLoops: false,
      stopped: () => steps > STEPS,
      onStep: () => {
        steps += 1;
      },
    });
  } finally {
    hidden.dispose();
  }
}
