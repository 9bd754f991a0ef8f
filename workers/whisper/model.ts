/**
 * A Whisper model in memory: transformers.js brings the tokenizer, ONNX Runtime the two sessions, which we make and
 * drive ourselves (transformers' own session chain stays broken for ever after one error, ENGINE.md finding 1).
 */
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { fault, type Backend, type DecoderForm, type LoadProgress, type MelShape } from '../protocol';
import { sessionFiles } from '../store/catalogue';
import type { ModelStore } from '../store/model-store';
import { presentNames } from './cache';
import type { Mutex } from './mutex';
import { loadOrt, QUIET, runtimeFor, type OrtModule, type Runtime } from './ort';
import { skeletonOf, WEIGHTS_PATH } from './skeleton';
import { withTiedHead } from './tied-head';
import { textCodec, type TextCodec } from './text';
import { specialTokens, type GenerationConfig, type SpecialTokens } from './tokens';

export type Feeds = Record<string, Tensor>;

export type WhisperModel = {
  id: string;
  backend: Backend;
  decoderForm: DecoderForm;
  runtime: Runtime;
  threads: number;
  ort: OrtModule;
  device: GPUDevice | null;
  tokens: SpecialTokens;
  text: TextCodec;
  mel: MelShape;
  /** Decoder: layers, heads, size of a head; width of the encoder's output. */
  layers: number;
  heads: number;
  headSize: number;
  width: number;
  /** Positions of the encoder's output per window (1500 for 30 s). */
  sourcePositions: number;
  /** Positions of the decoder, prompt included (448). */
  targetPositions: number;
  /** Seconds per step of the timestamp clock (0.02). */
  timeStep: number;
  alignmentHeads: [layer: number, head: number][];
  medianFilterWidth: number;
  /** Bytes of the two ONNX files. */
  weightBytes: number;
  /** The decoder's outputs by name, to know whether it was exported with cross-attentions. */
  hasCrossAttentions: boolean;
  /** Under the worker's mutex. Only the outputs named are made; on the GPU they stay there, for the caller to free. */
  encode(feeds: Feeds): Promise<Tensor>;
  decode(feeds: Feeds, outputs: readonly string[]): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
};

type WhisperConfig = {
  model_type: string;
  d_model: number;
  decoder_layers: number;
  decoder_attention_heads: number;
  max_source_positions: number;
  max_target_positions: number;
  vocab_size: number;
  median_filter_width?: number;
};
type Preprocessor = {
  sampling_rate: number;
  feature_size: number;
  hop_length: number;
  n_fft: number;
  n_samples: number;
};

/** How ORT keeps freed GPU buffers; the first session on a device decides. */
export type BufferCache = 'bucket' | 'simple' | 'lazyRelease' | 'disabled';
/**
 * Nothing is kept beyond a flush: live bytes fall back to the weights after each run, where `bucket` keeps every size
 * it ever met (Whisper base: 560 MB live after one encoder run against 226 MB, ENGINE.md 2.7).
 */
const BUFFER_CACHE: BufferCache = 'lazyRelease';

export type LoadOptions = {
  id: string;
  backend: Backend;
  /** The build to use; by default the backend's own. A build once loaded in a worker stays. */
  runtime?: Runtime;
  decoderForm: DecoderForm;
  /** Null on the CPU. */
  device: GPUDevice | null;
  mutex: Mutex;
  onProgress: (progress: LoadProgress) => void;
  bufferCache?: BufferCache;
};

/**
 * Makes the sessions of a stored, verified model.
 * @throws ModelMissing, ModelDamaged from the store; EngineFailed when the files are not a Whisper; whatever
 *   ONNX Runtime throws otherwise, after which this worker must not be used again
 */
export async function loadModel(store: ModelStore, options: LoadOptions): Promise<WhisperModel> {
  const { id, backend, decoderForm, device, mutex, onProgress } = options;
  const files = sessionFiles(await store.model(id), decoderForm);
  const [config, generation, preprocessor, encoderBlob, decoderBlob] = await Promise.all([
    store.json(id, 'config.json') as Promise<WhisperConfig>,
    store.json(id, 'generation_config.json') as Promise<GenerationConfig>,
    store.json(id, 'preprocessor_config.json') as Promise<Preprocessor>,
    store.blob(id, files.encoder),
    store.blob(id, files.decoder),
  ]);
  if (config.model_type !== 'whisper') throw fault('EngineFailed', `${id} is a ${config.model_type}, not a Whisper`);

  const totalBytes = encoderBlob.size + decoderBlob.size;
  onProgress({ phase: 'compiling', loadedBytes: 0, totalBytes });
  const runtime = options.runtime ?? runtimeFor(backend);
  const { ort, threads } = await loadOrt(runtime);
  const executionProviders: InferenceSession.ExecutionProviderConfig[] = device
    ? [
        {
          name: 'webgpu',
          device,
          validationMode: 'wgpuOnly',
          storageBufferCacheMode: options.bufferCache ?? BUFFER_CACHE,
        },
      ]
    : ['wasm'];
  const create = async (model: Blob, gpuOutputs: string[]): Promise<InferenceSession> => {
    const skeleton = withTiedHead(await skeletonOf(model));
    return mutex(() =>
      ort.InferenceSession.create(skeleton, {
        executionProviders,
        // ORT's declared type lacks Blob; both WebGPU builds take one and JSPI streams it (ENGINE.md 7).
        externalData: [{ path: WEIGHTS_PATH, data: model as unknown as Uint8Array }],
        ...(device && { preferredOutputLocation: Object.fromEntries(gpuOutputs.map((name) => [name, 'gpu-buffer'])) }),
        ...QUIET,
      }),
    );
  };
  const { decoder_layers: layers } = config;
  const attentions = Array.from({ length: layers }, (_, layer) => `cross_attentions.${layer}`);
  const text = loadTokenizer(store, id, generation.eos_token_id);
  text.catch(() => undefined); // awaited below; must not be a stray rejection while the sessions are made
  onProgress({ phase: 'uploading', loadedBytes: 0, totalBytes });
  const encoder = await create(encoderBlob, ['last_hidden_state']);
  onProgress({ phase: 'uploading', loadedBytes: encoderBlob.size, totalBytes });
  const outputs = ['logits', ...presentNames(layers), ...attentions];
  const decoder = await create(decoderBlob, outputs).catch(async (error: unknown) => {
    // A model that is healed on the disk is made again in this worker: half of one must not stay in memory.
    await mutex(() => encoder.release());
    throw error;
  });
  onProgress({ phase: 'uploading', loadedBytes: totalBytes, totalBytes });
  const { codec, idOf } = await text;

  let disposed = false;
  return {
    id,
    backend,
    decoderForm,
    runtime,
    threads,
    ort,
    device,
    tokens: specialTokens(generation, idOf, config.vocab_size),
    text: codec,
    mel: {
      sampleRate: preprocessor.sampling_rate,
      windowSamples: preprocessor.n_samples,
      hop: preprocessor.hop_length,
      fft: preprocessor.n_fft,
      bins: preprocessor.feature_size,
    },
    layers,
    heads: config.decoder_attention_heads,
    headSize: config.d_model / config.decoder_attention_heads,
    width: config.d_model,
    sourcePositions: config.max_source_positions,
    targetPositions: config.max_target_positions,
    timeStep: preprocessor.n_samples / preprocessor.sampling_rate / config.max_source_positions,
    alignmentHeads: generation.alignment_heads ?? [],
    medianFilterWidth: config.median_filter_width ?? 7,
    weightBytes: totalBytes,
    hasCrossAttentions: decoder.outputNames.includes('cross_attentions.0'),
    encode: (feeds) => mutex(async () => (await encoder.run(feeds, ['last_hidden_state'], QUIET))['last_hidden_state']),
    decode: (feeds, outputs) =>
      mutex(async () => (await decoder.run(feeds, [...outputs], QUIET)) as Record<string, Tensor>),
    async dispose() {
      if (disposed) return;
      disposed = true;
      await mutex(() => encoder.release());
      await mutex(() => decoder.release());
    },
  };
}

async function loadTokenizer(
  store: ModelStore,
  id: string,
  endOfText: number,
): Promise<{ codec: TextCodec; idOf: (token: string) => number | undefined }> {
  // Imported only now: its ONNX Runtime import resolves to the build `loadOrt` has chosen.
  const { AutoTokenizer, env } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useBrowserCache = false;
  env.useCustomCache = true;
  env.customCache = store.cache();
  const tokenizer = await AutoTokenizer.from_pretrained(id, { local_files_only: true });
  return {
    codec: textCodec(tokenizer, endOfText),
    idOf: (token) => tokenizer.convert_tokens_to_ids(token),
  };
}
