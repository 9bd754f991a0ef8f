/** Runs the speech detection on a sound, and the published net on the same (silero.worker.ts). */
import type { Runtime } from '../../workers/onnx/ort.ts';
import type { SileroRequest, SileroResult } from './silero.worker.ts';

export type Comparison = {
  frames: number;
  /** Largest difference of two probabilities. */
  worst: number;
  /** Frames with a probability over one half. */
  speech: number;
  /** Milliseconds of work for a second of sound. */
  publishedMs: number;
  oursMs: number;
};

/**
 * @param wav 16 bit, mono, 16 kHz
 * @param slab frames a call
 */
export async function compare(wav: File, runtime: Runtime, slab: number): Promise<Comparison> {
  const pcm = Float32Array.from(new Int16Array(await wav.slice(44).arrayBuffer()), (value) => value / 32768);
  const worker = new Worker(new URL('./silero.worker.ts', import.meta.url), { type: 'module' });
  const request: SileroRequest = { pcm, runtime, slab };
  const { published, ours, publishedMs, oursMs } = await new Promise<SileroResult>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<SileroResult>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(request);
  });
  worker.terminate();
  const seconds = pcm.length / 16000;
  return {
    frames: ours.length,
    worst: published.reduce((worst, one, i) => Math.max(worst, Math.abs(one - ours[i])), 0),
    speech: published.reduce((sum, one) => sum + (one > 0.5 ? 1 : 0), 0),
    publishedMs: publishedMs / seconds,
    oursMs: oursMs / seconds,
  };
}
