/** The page's side of the bench: sound to samples, a fresh worker per run. */
import * as Comlink from 'comlink';
import { createSHA256 } from 'hash-wasm';
import type { MediaApi } from '../../workers/protocol.ts';
import { catalogue } from '../../workers/store/catalogue.ts';
import type { CatalogueModel } from '../../workers/store/model-files.ts';
import type { BenchRequest, BenchResult } from './bench.worker.ts';
import { wavFile } from './sound.ts';

const FILES = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'onnx/encoder_model.onnx',
  'onnx/decoder_model_merged_q4.onnx',
];

/** A catalogue entry for a model served under `models/<id>/`, whatever its weights: lengths and hashes are taken from it. */
export async function entryOf(id: string): Promise<CatalogueModel> {
  const known = catalogue.find((model) => model.id === id && model.form === 'b8');
  if (known) return known;
  const files = await Promise.all(
    FILES.map(async (path) => {
      const response = await fetch(`models/${id}/${path}`);
      if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
      const hasher = (await createSHA256()).init();
      let bytes = 0;
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        hasher.update(chunk);
        bytes += chunk.length;
      }
      return { path, bytes, sha256: hasher.digest() };
    }),
  );
  return {
    id,
    name: id,
    source: 'bundled',
    repo: id,
    revision: 'bench',
    multilingual: true,
    backends: ['gpu', 'cpu'],
    form: 'q4',
    sessions: { q4: { encoder: 'onnx/encoder_model.onnx', decoder: 'onnx/decoder_model_merged_q4.onnx' } },
    licence: '',
    files,
  };
}

/** @param address of a file of any format this browser decodes; silence is put before it up to `seconds` when longer */
export async function samplesOf(base64: string, seconds: number | null): Promise<Float32Array> {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const context = new OfflineAudioContext(1, 1, 16000);
  const decoded = (await context.decodeAudioData(bytes.buffer)).getChannelData(0);
  return seconds === null ? decoded : decoded.slice(0, seconds * 16000);
}

/**
 * One measured run: `ours` with the shipped media worker before it, which has looked into the file when it was dropped,
 * as on the page; the pipeline on the samples themselves.
 */
export async function run(
  request: Omit<BenchRequest, 'port' | 'pcm'> & { pcm: Float32Array<ArrayBuffer> },
): Promise<BenchResult> {
  const { port1, port2 } = new MessageChannel();
  const media = new Worker(new URL('../../workers/media.worker.ts', import.meta.url), { type: 'module' });
  const { open, stream } = Comlink.wrap<MediaApi>(media);
  const file = request.who === 'ours' ? wavFile(request.pcm) : null;
  if (file) await open(file);
  const worker = new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<{ result?: BenchResult; error?: string }>) => {
        if (event.data.result) resolve(event.data.result);
        else reject(new Error(event.data.error));
      };
      worker.onerror = (event) => reject(new Error(event.message));
      if (file) stream(file, Comlink.transfer(port1, [port1])).catch(reject);
      worker.postMessage({ ...request, port: port2 } satisfies BenchRequest, [port2]);
    });
  } finally {
    worker.terminate();
    media.terminate();
  }
}
