/** One step of the warm-start bench in a worker of its own: fetch a model, read its bytes plainly, or make it ready. */
import type { Backend } from '../../workers/protocol.ts';
import { findAdapter, openDevice } from '../../workers/gpu/adapter.ts';
import { createMeter } from '../../workers/gpu/meter.ts';
import { sessionFiles, type CatalogueModel } from '../../workers/store/model-files.ts';
import { CHUNK_BYTES } from '../../workers/store/chunks.ts';
import { ModelStore } from '../../workers/store/model-store.ts';
import { StoredModels } from '../../workers/store/stored-models.ts';
import { loadModel } from '../../workers/whisper/load-model.ts';
import type { WhisperModel } from '../../workers/whisper/model.ts';
import { createMutex } from '../../workers/onnx/mutex.ts';
import { wasmHeapBytes } from '../../workers/onnx/ort.ts';

export type WarmRequest = { step: 'fetch' | 'read' | 'load'; model: CatalogueModel; backend: Backend; baseUrl: string };
/** Bytes of the two ONNX files; live on the GPU where there is one. */
export type WarmResult = { ms: number; weightBytes: number; wasmHeapBytes: number; gpuBytes: number };

/** Kept: what is let go of is no memory in use. */
let ready: WhisperModel | null = null;

self.onmessage = async (event: MessageEvent<WarmRequest>) => {
  try {
    self.postMessage({ result: await run(event.data) });
  } catch (error) {
    self.postMessage({ error: String(error instanceof Error ? error.stack : error) });
  }
};

async function run({ step, model, backend, baseUrl }: WarmRequest): Promise<WarmResult> {
  const stored = new StoredModels([model]);
  const { encoder, decoder } = sessionFiles(model);
  let gpuBytes = () => 0;
  // A device is opened once a visit; that is no part of a model's start.
  const device = step === 'load' && backend === 'gpu' ? await openDevice((await findAdapter())!) : null;
  if (device) {
    const meter = createMeter(device);
    gpuBytes = () => meter.read().bytesNow;
  }
  const began = performance.now();
  if (step === 'fetch') await new ModelStore({ baseUrl, models: [model] }).download(model.id);
  if (step === 'read') for (const path of [encoder, decoder]) await readPlainly(await stored.blob(model.id, path));
  if (step === 'load') {
    const mutex = createMutex();
    const options = { id: model.id, backend, decoderForm: model.form, device, mutex, onProgress: () => undefined };
    ready = await loadModel(stored, options);
  }
  return {
    ms: performance.now() - began,
    weightBytes: ready?.weightBytes ?? 0,
    wasmHeapBytes: wasmHeapBytes(),
    gpuBytes: gpuBytes(),
  };
}

/** Every byte once, a chunk at a time, kept nowhere. */
async function readPlainly(blob: Blob): Promise<void> {
  for (let at = 0; at < blob.size; at += CHUNK_BYTES) await blob.slice(at, at + CHUNK_BYTES).arrayBuffer();
}
