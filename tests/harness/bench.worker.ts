/**
 * One measured run in a fresh worker: ours, or the plain `pipeline()` of transformers.js on the build of ONNX Runtime
 * it uses by itself. Both read the same model from the same origin and hear the same samples.
 */
import type { Tensor } from 'onnxruntime-common';
import { createMeter, NOTHING_COUNTED, type GpuReading, type Meter } from '../../workers/gpu/meter.ts';
import { findAdapter, openDevice } from '../../workers/gpu/adapter.ts';
import { transcribeSound, type JobCounts } from '../../workers/hearing/job.ts';
import { PcmSource } from '../../workers/hearing/pcm-source.ts';
import { DEFAULT_JOB, type Backend } from '../../workers/protocol.ts';
import { loadSilero } from '../../workers/speech/silero.ts';
import { silenceOut } from '../../workers/speech/vad.ts';
import { sessionFiles, type CatalogueModel } from '../../workers/store/model-files.ts';
import { ModelStore } from '../../workers/store/model-store.ts';
import { StoredModels } from '../../workers/store/stored-models.ts';
import { bySpeed, largestBatch, upTo } from '../../workers/whisper/batch.ts';
import { flushGpuBuffers } from '../../workers/whisper/cache.ts';
import { loadModel } from '../../workers/whisper/load-model.ts';
import type { BufferCache } from '../../workers/onnx/sessions.ts';
import { createMutex } from '../../workers/onnx/mutex.ts';
import { loadOrt, wasmHeapBytes } from '../../workers/onnx/ort.ts';
import { inlined } from './inline.ts';

export type BenchRequest = {
  who: 'ours' | 'pipeline';
  backend: Backend;
  model: CatalogueModel;
  /** Absolute address of the folder that has `models/`. */
  baseUrl: string;
  /** Mono, at the model's rate, for the pipeline. */
  pcm: Float32Array;
  windowSeconds: number;
  /** Every window gives exactly this many tokens; null: as many as the model says. */
  fixedTokens: number | null;
  batch: number;
  /** Second tries and loop stops, which the pipeline does not have. */
  safetyNets: boolean;
  language: string;
  /** The media worker at its other end: `ours` hears what it decodes. */
  port: MessagePort | null;
  bufferCache?: BufferCache;
};

export type BenchResult = {
  loadMs: number;
  wallMs: number;
  firstTextMs: number | null;
  /** The encoder's first pass; null where it is not seen. */
  firstPassMs: number | null;
  encoderPasses: number;
  decoderSteps: number;
  tokens: number;
  dispatches: number;
  bytesUploaded: number;
  bytesUniform: number;
  bytesReadBack: number;
  gpuAfterLoad: number;
  gpuPeak: number;
  gpuAfter: number;
  wasmHeap: number;
  text: string;
  stages: Record<string, number>;
};

const SAMPLE_RATE = 16000;

self.onmessage = async (event: MessageEvent<BenchRequest>) => {
  try {
    self.postMessage({ result: await (event.data.who === 'ours' ? ours(event.data) : pipelineRun(event.data)) });
  } catch (error) {
    self.postMessage({ error: String(error instanceof Error ? error.stack : error) });
  }
};

const reading = (meter: Meter | null): GpuReading => meter?.read() ?? NOTHING_COUNTED;

/** What both sides are measured by on the GPU: from `before` to now. */
function counted(meter: Meter | null, before: GpuReading) {
  const after = reading(meter);
  return {
    dispatches: after.dispatches - before.dispatches,
    bytesUploaded: after.bytesUploaded - before.bytesUploaded,
    bytesUniform: after.bytesUniform - before.bytesUniform,
    bytesReadBack: after.bytesReadBack - before.bytesReadBack,
    gpuAfterLoad: before.bytesNow,
    gpuPeak: after.bytesPeak,
    gpuAfter: after.bytesNow,
    wasmHeap: wasmHeapBytes(),
  };
}

async function ours(request: BenchRequest): Promise<BenchResult> {
  const { model: entry, backend, baseUrl, fixedTokens } = request;
  await new ModelStore({ baseUrl, models: [entry] }).download(entry.id);
  const stored = new StoredModels([entry]);
  const began = performance.now();
  const device = backend === 'gpu' ? await openDevice((await findAdapter())!) : null;
  const meter = device && createMeter(device);
  const mutex = createMutex();
  const loaded = await loadModel(stored, {
    id: entry.id,
    backend,
    decoderForm: entry.form,
    device,
    mutex,
    onProgress: () => undefined,
    ...(request.bufferCache && { bufferCache: request.bufferCache }),
  });
  let firstPassMs: number | null = null;
  const model: typeof loaded = {
    ...loaded,
    async encode(feeds) {
      const from = performance.now();
      const hidden = await loaded.encode(feeds);
      if (firstPassMs === null) {
        await device?.queue.onSubmittedWorkDone();
        firstPassMs = performance.now() - from;
      }
      return hidden;
    },
  };
  if (fixedTokens !== null) {
    model.targetPositions = 2 * fixedTokens;
    model.tokens = { ...loaded.tokens, suppress: [...loaded.tokens.suppress, loaded.tokens.endOfText] };
  }
  const silero = await loadSilero(model.ort, mutex);
  const loadMs = performance.now() - began;
  const before = reading(meter);
  meter?.resetPeak();

  const batch = request.batch > 0 ? upTo(request.batch) : bySpeed(await largestBatch(model));
  const source = new PcmSource(request.port!, SAMPLE_RATE, 0);
  const stages = { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 };
  const counts: JobCounts = { tokens: 0, encoderPasses: 0, decoderSteps: 0, doneSeconds: 0, wallMs: 0 };
  const text: string[] = [];
  const detector = silenceOut(silero, model.mel.windowSamples, SAMPLE_RATE, 0, (start, end) => source.read(start, end));
  const report = await transcribeSound({
    model,
    request: { ...DEFAULT_JOB, language: request.language },
    safetyNets: request.safetyNets,
    source,
    place: null,
    passOn: null,
    finder: detector,
    detector,
    batch,
    cpuTwin: null,
    gpu: null,
    stopped: () => false,
    emit: (one) => {
      if (one.type === 'window') text.push(...one.window.cues.map((cue) => cue.text));
    },
    stages,
    counts,
  });
  if (device) await flushGpuBuffers(model);
  return {
    loadMs,
    wallMs: report.wallMs,
    firstTextMs: report.firstTextMs,
    firstPassMs,
    encoderPasses: report.encoderPasses,
    decoderSteps: report.decoderSteps,
    tokens: report.tokens,
    ...counted(meter, before),
    text: text.join(' '),
    stages,
  };
}

/** The compact form as the fp32 files that the pipeline asks for, made before anything is measured. */
async function expandedCache(stored: StoredModels, entry: CatalogueModel): Promise<ReturnType<StoredModels['cache']>> {
  const { encoder, decoder } = sessionFiles(entry);
  const files: [end: string, file: Blob][] = [
    ['onnx/encoder_model.onnx', await inlined(await stored.blob(entry.id, encoder))],
    ['onnx/decoder_model_merged.onnx', await inlined(await stored.blob(entry.id, decoder))],
  ];
  const cache = stored.cache();
  return {
    ...cache,
    match(key) {
      const file = files.find(([end]) => key.endsWith(end))?.[1];
      if (!file) return cache.match(key);
      return Promise.resolve(new Response(file, { headers: { 'content-length': String(file.size) } }));
    },
  };
}

type Session = { run(feeds: unknown, ...rest: unknown[]): Promise<Record<string, Tensor>> };

async function pipelineRun(request: BenchRequest): Promise<BenchResult> {
  const { model: entry, backend, baseUrl, pcm, fixedTokens, windowSeconds, language } = request;
  let meter: Meter | null = null;
  if (backend === 'gpu') {
    // The pipeline opens its own device: count on that one.
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its adapter below
    const requestDevice = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
      const device = await requestDevice.call(this, descriptor);
      meter ??= createMeter(device);
      return device;
    };
  }
  const { ort } = await loadOrt('asyncify'); // what transformers.js 4.3.1 uses on both devices
  if (self.crossOriginIsolated) ort.env.wasm.numThreads = Math.min(4, Math.ceil(navigator.hardwareConcurrency / 2)); // its default
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useBrowserCache = false;
  // From the same IndexedDB as ours.
  await new ModelStore({ baseUrl, models: [entry] }).download(entry.id);
  const stored = new StoredModels([entry]);
  env.useCustomCache = true;
  env.customCache = entry.form === 'b8' ? await expandedCache(stored, entry) : stored.cache();
  env.useWasmCache = false;
  const began = performance.now();
  const decoderForm = entry.form === 'b8' ? 'fp32' : 'q4';
  const dtype = { model: 'fp32', encoder_model: 'fp32', decoder_model_merged: decoderForm } as const;
  const hear = await pipeline('automatic-speech-recognition', entry.id, {
    device: backend === 'gpu' ? 'webgpu' : 'wasm',
    dtype: dtype as never,
  });
  const loadMs = performance.now() - began;
  const sessions = (hear.model as unknown as { sessions: Record<string, Session> }).sessions;
  const counts = { encoder: 0, decoder: 0, tokens: 0 };
  let started = 0;
  let firstTextMs: number | null = null;
  const encoder = sessions['model'];
  const decoder = sessions['decoder_model_merged'];
  const encode = encoder.run.bind(encoder);
  encoder.run = (...args) => {
    counts.encoder += 1;
    return encode(...args);
  };
  const decode = decoder.run.bind(decoder);
  decoder.run = async (...args) => {
    const out = await decode(...args);
    counts.decoder += 1;
    counts.tokens += 1;
    // The second token is the first that can be a word; a streamer would show it then.
    if (counts.decoder === 2) firstTextMs = performance.now() - started;
    return out;
  };
  if (fixedTokens !== null) {
    const { generation_config: config } = hear.model as unknown as {
      generation_config: { suppress_tokens: number[]; eos_token_id: number };
    };
    config.suppress_tokens = [...config.suppress_tokens, config.eos_token_id];
  }
  const before = reading(meter);
  (meter as Meter | null)?.resetPeak();
  started = performance.now();
  const output = (await hear(pcm, {
    chunk_length_s: windowSeconds,
    stride_length_s: windowSeconds / 6,
    return_timestamps: true,
    language,
    task: 'transcribe',
    ...(fixedTokens !== null && { max_new_tokens: fixedTokens }),
  })) as { text: string };
  const wallMs = performance.now() - started;
  return {
    loadMs,
    wallMs,
    firstTextMs,
    firstPassMs: null,
    encoderPasses: counts.encoder,
    decoderSteps: counts.decoder,
    tokens: counts.tokens,
    ...counted(meter, before),
    text: output.text,
    stages: {},
  };
}
