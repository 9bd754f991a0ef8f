/**
 * Makes a Whisper model in memory: transformers.js brings the tokenizer, ONNX Runtime the two sessions, which we make and
 * drive ourselves: after one error every later call through transformers.js 4.3.1 fails with that same error, because its
 * chain of sessions stays rejected (src/backends/onnx.js).
 */
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { fault, type Backend, type LoadProgress } from '../protocol';
import { sessionFiles, type DecoderForm } from '../store/model-files';
import { checkedSettings, whyNoWords } from '../store/foreign';
import type { StoredModels } from '../store/stored-models';
import { presentNames } from './cache';
import type { Mutex } from '../onnx/mutex';
import { loadOrt, QUIET, runtimeFor, type Runtime } from '../onnx/ort';
import { sessionMaker, type BufferCache } from '../onnx/sessions';
import type { WhisperModel } from './model';
import { specialId, textCodec, type TextCodec } from './text';
import { specialTokens, type GenerationConfig } from './tokens';

/**
 * Nothing is kept beyond a flush: live bytes fall back to the weights after each run, where `bucket` keeps every size
 * it ever met (Whisper base: 560 MB live after one encoder run against 226 MB, 2026-11).
 */
export const BUFFER_CACHE: BufferCache = 'lazyRelease';

type LoadOptions = {
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
  /** As in `WhisperModel`, for each buffer. */
  onKeyValues?: (buffer: GPUBuffer) => void;
};

/**
 * Makes the sessions of a stored, verified model.
 * @throws ModelMissing, ModelDamaged from the store; EngineFailed when the files are not a Whisper; whatever
 *   ONNX Runtime throws otherwise, after which this worker must not be used again
 */
export async function loadModel(stored: StoredModels, options: LoadOptions): Promise<WhisperModel> {
  const { id, backend, decoderForm, device, mutex, onProgress } = options;
  const files = sessionFiles(await stored.model(id), decoderForm);
  const [config, generation, preprocessor, encoderBlob, decoderBlob] = await Promise.all([
    stored.json(id, 'config.json'),
    stored.json(id, 'generation_config.json'),
    stored.json(id, 'preprocessor_config.json'),
    stored.blob(id, files.encoder),
    stored.blob(id, files.decoder),
  ]);
  const checked = checkedSettings(config, preprocessor, generation);
  if (!checked.ok) throw fault('EngineFailed', checked.why);
  const { settings } = checked;
  const { layers } = settings;

  const totalBytes = encoderBlob.size + decoderBlob.size;
  onProgress({ phase: 'compiling', loadedBytes: 0, totalBytes });
  const runtime = options.runtime ?? runtimeFor(backend);
  const { ort, threads } = await loadOrt(runtime);
  const sessions = sessionMaker({ ort, device, mutex, bufferCache: options.bufferCache ?? BUFFER_CACHE });
  const attentions = Array.from({ length: layers }, (_, layer) => `cross_attentions.${layer}`);
  const text = loadTokenizer(stored, id, settings);
  text.catch(() => undefined); // awaited below; must not be a stray rejection while the sessions are made
  onProgress({ phase: 'uploading', loadedBytes: 0, totalBytes });
  const encoder = await sessions.create(encoderBlob, ['last_hidden_state']);
  onProgress({ phase: 'uploading', loadedBytes: encoderBlob.size, totalBytes });
  const outputs = ['logits', ...presentNames(layers), ...attentions];
  const { decoder, codec, idOf } = await sessions
    .create(decoderBlob, outputs)
    .then(async (decoder) => {
      onProgress({ phase: 'uploading', loadedBytes: totalBytes, totalBytes });
      return { decoder, ...(await text.catch((error: unknown) => releaseAnd(decoder, error))) };
    })
    // A model that is healed on the disk is made again in this worker: half of one must not stay in memory.
    .catch((error: unknown) => releaseAnd(encoder, error));
  const { heads, headSize, width, sourcePositions, targetPositions, timeStep, alignmentHeads, mel } = settings;

  async function releaseAnd(session: InferenceSession, error: unknown): Promise<never> {
    await mutex(() => session.release());
    throw error;
  }

  let disposed = false;
  return {
    ...{ id, backend, decoderForm, runtime, threads, ort, device, layers, heads, headSize, width, mel },
    ...{ sourcePositions, targetPositions, timeStep, alignmentHeads },
    tokens: specialTokens(generation as GenerationConfig, idOf, timeStep),
    text: codec,
    medianFilterWidth: settings.medianFilterWidth,
    weightBytes: totalBytes,
    memoryForm: sessions.form,
    noWords: whyNoWords(settings, decoder.outputNames),
    encode: (feeds) => mutex(async () => (await encoder.run(feeds, ['last_hidden_state'], QUIET))['last_hidden_state']),
    decode: (feeds, outputs) =>
      mutex(async () => (await decoder.run(feeds, [...outputs], QUIET)) as Record<string, Tensor>),
    ...(device && options.onKeyValues && { onKeyValues: (tensor: Tensor) => options.onKeyValues?.(tensor.gpuBuffer) }),
    async dispose() {
      if (disposed) return;
      disposed = true;
      await mutex(() => encoder.release());
      await mutex(() => decoder.release());
    },
  };
}

async function loadTokenizer(
  stored: StoredModels,
  id: string,
  { endOfText, vocabulary }: { endOfText: number; vocabulary: number },
): Promise<{ codec: TextCodec; idOf: (token: string) => number | undefined }> {
  // Imported only now: its ONNX Runtime import resolves to the build `loadOrt` has chosen.
  const { AutoTokenizer, env } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useBrowserCache = false;
  env.useCustomCache = true;
  env.customCache = stored.cache();
  const tokenizer = await AutoTokenizer.from_pretrained(id, { local_files_only: true });
  return {
    codec: textCodec(tokenizer, endOfText),
    idOf: (token) => specialId(tokenizer, token, vocabulary),
  };
}
