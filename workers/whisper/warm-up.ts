/**
 * Compiles what the first window would otherwise wait for: one encoder pass over silence, the decoder's first run and
 * three steps, after which no new pipeline is met (ENGINE.md 3: 16 + 17 + 6 + 1 + 0).
 */
import { decodeBatch } from './decode';
import { melFrames } from './mel';
import type { WhisperModel } from './model';

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
