/** Silero as the engine runs it beside the published file run frame by frame (silero-vad utils_vad.py, OnnxWrapper). */
import modelUrl from '@ricky0123/vad-web/dist/silero_vad_v6.onnx?url';
import { loadSilero } from '../../workers/speech/silero.ts';
import { createMutex } from '../../workers/onnx/mutex.ts';
import { loadOrt, QUIET, type Runtime } from '../../workers/onnx/ort.ts';

export type SileroRequest = { pcm: Float32Array; runtime: Runtime; slab: number };
export type SileroResult = { published: Float32Array; ours: Float32Array; publishedMs: number; oursMs: number };

const FRAME = 512;
const CONTEXT = 64;

self.onmessage = ({ data }: MessageEvent<SileroRequest>) => {
  void compare(data).then((result) => self.postMessage(result));
};

async function compare({ pcm, runtime, slab }: SileroRequest): Promise<SileroResult> {
  const { ort } = await loadOrt(runtime);
  const frames = Math.floor(pcm.length / FRAME);

  const published = new Float32Array(frames);
  const session = await ort.InferenceSession.create(new URL(modelUrl, import.meta.url).href, QUIET);
  const sr = new ort.Tensor('int64', BigInt64Array.of(16000n), []);
  let state = new ort.Tensor('float32', new Float32Array(2 * 128), [2, 1, 128]);
  let began = performance.now();
  for (let frame = 0; frame < frames; frame++) {
    const input = new Float32Array(CONTEXT + FRAME);
    const start = frame * FRAME;
    input.set(pcm.subarray(Math.max(0, start - CONTEXT), start + FRAME), frame === 0 ? CONTEXT : 0);
    const feeds = { input: new ort.Tensor('float32', input, [1, CONTEXT + FRAME]), state, sr };
    const outputs = await session.run(feeds);
    published[frame] = (outputs['output'].data as Float32Array)[0];
    state = outputs['stateN'] as typeof state;
  }
  const publishedMs = performance.now() - began;

  const ours = new Float32Array(frames);
  const silero = await loadSilero(ort, createMutex());
  const listen = silero.listen();
  began = performance.now();
  for (let frame = 0; frame < frames; frame += slab) {
    ours.set(await listen(pcm.subarray(frame * FRAME, Math.min(frames, frame + slab) * FRAME)), frame);
  }
  const oursMs = performance.now() - began;
  await silero.dispose();
  return { published, ours, publishedMs, oursMs };
}
