/**
 * The two networks that tell speakers apart, on the CPU of this worker: segmentation-3.0 (MIT, CNRS) says who of up to
 * three local speakers is active when in ten seconds of sound, CAM++ (Apache-2.0, 3D-Speaker) turns the sound of one
 * voice into 192 numbers that are compared by cosine.
 */
import type { InferenceSession } from 'onnxruntime-common';
import type { Mutex } from '../onnx/mutex';
import { QUIET, type OrtModule } from '../onnx/ort';
import { FBANK_BINS } from './fbank';
import { WINDOW_SAMPLES } from './powerset';

export type SpeakerNetworks = {
  /**
   * @param pcm a window of ten seconds at 16 kHz in [-1, 1], padded with zeros
   * @returns logits [589, 7]
   */
  segment(pcm: Float32Array): Promise<Float32Array>;
  /**
   * @param fbank [frames, 80] with its mean taken away; 200 frames at most (tests/models/speakers.py says why)
   * @returns the voice, of length 1
   */
  embed(fbank: Float32Array): Promise<Float32Array>;
  /** Milliseconds of work since they were loaded, waiting for other sessions' runs left out. */
  readonly spentMs: number;
  dispose(): Promise<void>;
};

/** The two ONNX files. */
type NetworkFiles = { segmentation: Uint8Array; embedding: Uint8Array };

/** @throws Error when ONNX Runtime does not take the files */
export async function loadNetworks(ort: OrtModule, mutex: Mutex, files: NetworkFiles): Promise<SpeakerNetworks> {
  const make = (model: Uint8Array): Promise<InferenceSession> =>
    mutex(() => ort.InferenceSession.create(model, { executionProviders: ['wasm'], ...QUIET }));
  const segmentation = await make(files.segmentation);
  const embedding = await make(files.embedding);
  let spentMs = 0;

  async function run(session: InferenceSession, input: string, values: Float32Array, dims: number[], output: string) {
    return mutex(async () => {
      const began = performance.now();
      const results = await session.run({ [input]: new ort.Tensor('float32', values, dims) }, QUIET);
      spentMs += performance.now() - began;
      return results[output].data as Float32Array;
    });
  }

  return {
    segment: (pcm) => run(segmentation, 'samples', pcm, [1, 1, WINDOW_SAMPLES], 'logits'),
    async embed(fbank) {
      const frames = fbank.length / FBANK_BINS;
      return ofLengthOne(await run(embedding, 'fbank', fbank, [1, frames, FBANK_BINS], 'embedding'));
    },
    get spentMs() {
      return spentMs;
    },
    async dispose() {
      await mutex(() => segmentation.release());
      await mutex(() => embedding.release());
    },
  };
}

function ofLengthOne(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value * value;
  const length = Math.sqrt(sum) || 1;
  return values.map((value) => value / length);
}
