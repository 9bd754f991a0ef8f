/**
 * Silero VAD v6 (MIT, snakers4/silero-vad; the ONNX file as @ricky0123/vad-web ships it) on the CPU of this worker.
 * A frame is 512 samples at 16 kHz with 64 samples of context before it; the model keeps an LSTM state from frame to
 * frame (silero-vad utils_vad.py, OnnxWrapper). Its numbers are the reference's, its work a fraction
 * (silero-graph.ts).
 */
import modelUrl from '@ricky0123/vad-web/dist/silero_vad_v6.onnx?url';
import type { InferenceSession } from 'onnxruntime-common';
import { fault } from '../protocol';
import type { Mutex } from '../onnx/mutex';
import { QUIET, type OrtModule } from '../onnx/ort';
import { SLAB_FRAMES, VAD_FRAME } from './frames';
import { HOP_LENGTH, HOPS, sequenceGraph, STATE } from './silero-graph';

export const VAD_RATE = 16000;
const CONTEXT = 64;
const STRIDE = 128;

/** What a listener knows of the sound that it has heard. Plain data, never written to. */
export type ListenerState = { h: Float32Array; c: Float32Array; context: Float32Array };

/** Hears a sound from its start on, in order. */
type Listener = {
  /**
   * @param pcm mono 16 kHz, whole frames of 512 samples
   * @returns speech probability per frame
   */
  (pcm: Float32Array): Promise<Float32Array>;
  readonly state: () => ListenerState;
};

export type Silero = {
  /** @param earlier what another listener knew; without it this one has heard nothing yet */
  listen(earlier?: ListenerState | null): Listener;
  /** Milliseconds of work since it was loaded, waiting for other sessions' runs left out. */
  readonly spentMs: number;
  dispose(): Promise<void>;
};

/** @throws EngineFailed when the model cannot be fetched from the page's own origin */
export async function loadSilero(ort: OrtModule, mutex: Mutex): Promise<Silero> {
  const response = await fetch(new URL(modelUrl, import.meta.url));
  if (!response.ok) throw fault('EngineFailed', `voice activity model: HTTP ${response.status}`);
  const graph = sequenceGraph(new Uint8Array(await response.arrayBuffer()));
  const session: InferenceSession = await mutex(() =>
    ort.InferenceSession.create(graph, { executionProviders: ['wasm'], ...QUIET }),
  );

  let spentMs = 0;
  const state = (): Float32Array => new Float32Array(STATE);

  const silero: Silero = {
    listen(earlier) {
      let { h, c, context } = earlier ?? { h: state(), c: state(), context: new Float32Array(CONTEXT) };
      const hear = async (pcm: Float32Array): Promise<Float32Array> => {
        const { Tensor } = ort;
        const frames = pcm.length / VAD_FRAME;
        const outputs = await mutex(async () => {
          const began = performance.now();
          const feeds = {
            hops: new Tensor('float32', hopsOf(pcm, context), [frames * HOPS, HOP_LENGTH]),
            h: new Tensor('float32', h, [1, 1, STATE]),
            c: new Tensor('float32', c, [1, 1, STATE]),
          };
          const result = await session.run(feeds, QUIET);
          spentMs += performance.now() - began;
          return result;
        });
        [h, c] = [outputs['hn'].data as Float32Array, outputs['cn'].data as Float32Array];
        context = pcm.slice(-CONTEXT);
        return outputs['speech'].data as Float32Array;
      };
      return Object.assign(hear, { state: () => ({ h, c, context }) });
    },
    get spentMs() {
      return spentMs;
    },
    dispose: () => mutex(() => session.release()),
  };
  // The first run takes ten times as long as the next.
  await silero.listen()(new Float32Array(SLAB_FRAMES * VAD_FRAME));
  spentMs = 0;
  return silero;
}

/**
 * The hops of every frame: its context and its samples, mirrored at the end (ReflectionPad1d((0, 64))).
 * @returns [4 frames, 256]
 */
function hopsOf(pcm: Float32Array, context: Float32Array): Float32Array {
  const frames = pcm.length / VAD_FRAME;
  const out = new Float32Array(frames * HOPS * HOP_LENGTH);
  const padded = new Float32Array(CONTEXT + VAD_FRAME + CONTEXT);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * VAD_FRAME;
    padded.set(frame === 0 ? context : pcm.subarray(start - CONTEXT, start));
    padded.set(pcm.subarray(start, start + VAD_FRAME), CONTEXT);
    const end = CONTEXT + VAD_FRAME;
    for (let i = 0; i < CONTEXT; i++) padded[end + i] = padded[end - 2 - i]!;
    for (let hop = 0; hop < HOPS; hop++) {
      out.set(padded.subarray(hop * STRIDE, hop * STRIDE + HOP_LENGTH), (frame * HOPS + hop) * HOP_LENGTH);
    }
  }
  return out;
}
