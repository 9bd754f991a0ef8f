/**
 * Silero VAD v6 (MIT, snakers4/silero-vad; the ONNX file as @ricky0123/vad-web ships it) on the CPU of this worker.
 * A frame is 512 samples at 16 kHz with 64 samples of context before it; the model keeps an LSTM state from frame to
 * frame (silero-vad utils_vad.py, OnnxWrapper).
 *
 * One frame is so little work that calling the session costs more than the model. So a stretch is split into lanes
 * that run as one batch, each warmed up on the half second before it.
 */
import modelUrl from '@ricky0123/vad-web/dist/silero_vad_v6.onnx?url';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { fault } from '../protocol';
import type { Mutex } from '../whisper/mutex';
import { QUIET, type OrtModule } from '../whisper/ort';
import { VAD_FRAME, WARM_UP_FRAMES } from './frames';

export const VAD_RATE = 16000;
const CONTEXT = 64;
const STATE = 128;

export type Silero = {
  /**
   * Speech probability per frame.
   * @param pcm mono 16 kHz: `before` frames of warm-up, then the frames asked for, a multiple of 512 in all
   * @param lanes how many to run as one batch
   */
  probabilities(pcm: Float32Array, before: number, lanes: number): Promise<Float32Array>;
  /** Milliseconds of work since it was loaded, waiting for other sessions' runs left out. */
  readonly spentMs: number;
  dispose(): Promise<void>;
};

/** @throws EngineFailed when the model cannot be fetched from the page's own origin */
export async function loadSilero(ort: OrtModule, mutex: Mutex): Promise<Silero> {
  const response = await fetch(new URL(modelUrl, import.meta.url));
  if (!response.ok) throw fault('EngineFailed', `voice activity model: HTTP ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const session: InferenceSession = await mutex(() =>
    ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], ...QUIET }),
  );
  const rate = new ort.Tensor('int64', BigInt64Array.of(BigInt(VAD_RATE)), []);
  const width = CONTEXT + VAD_FRAME;

  let spentMs = 0;
  const run = async (feeds: Record<string, Tensor>): ReturnType<InferenceSession['run']> => {
    const began = performance.now();
    const outputs = await session.run(feeds, QUIET);
    spentMs += performance.now() - began;
    return outputs;
  };

  return {
    get spentMs() {
      return spentMs;
    },
    async probabilities(pcm, before, lanes) {
      const frames = pcm.length / VAD_FRAME - before;
      const perLane = Math.ceil(frames / lanes);
      const used = Math.ceil(frames / perLane);
      const out = new Float32Array(frames);
      let state: Tensor = new ort.Tensor('float32', new Float32Array(2 * used * STATE), [2, used, STATE]);
      const input = new Float32Array(used * width);
      for (let step = -WARM_UP_FRAMES; step < perLane; step++) {
        for (let lane = 0; lane < used; lane++) {
          // Before the sound, and after it, a lane hears silence.
          const from = (before + lane * perLane + step) * VAD_FRAME - CONTEXT;
          const target = input.subarray(lane * width, (lane + 1) * width);
          target.fill(0);
          const start = Math.max(0, from);
          const end = Math.min(pcm.length, from + width);
          if (start < end) target.set(pcm.subarray(start, end), start - from);
        }
        const feeds = { input: new ort.Tensor('float32', input, [used, width]), state, sr: rate };
        const result = await mutex(() => run(feeds));
        state = result['stateN'];
        if (step < 0) continue;
        const probability = result['output'].data as Float32Array;
        for (let lane = 0; lane < used; lane++) {
          const frame = lane * perLane + step;
          if (frame < frames) out[frame] = probability[lane]!;
        }
      }
      return out;
    },
    dispose: () => mutex(() => session.release()),
  };
}
