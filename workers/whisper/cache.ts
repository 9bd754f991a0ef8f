/**
 * The decoder's K/V cache over the merged graph that Hugging Face's optimum exports (optimum/onnx/graph_transformations.py,
 * merge_decoders). The first run takes the branch without a past and computes the cross-attention K/V once. Later runs take
 * the branch with a past, which ignores the encoder output: a single frame stands in for it, so that Whisper base uploads
 * 3 MB less for each token. That branch gives back empty cross-attention K/V, which are dropped at once.
 */
import type { Tensor } from 'onnxruntime-common';
import type { WhisperModel } from './model';
import { Readback } from '../onnx/readback';

export class KeyValueCache {
  readonly #model: WhisperModel;
  /** Outputs of a run that keeps its K/V. */
  readonly #outputs: string[];
  readonly #presents: string[];
  /** K/V by the name of the input they go to. */
  readonly #past = new Map<string, Tensor>();
  readonly #readback: Readback;
  readonly #useCache: Tensor;
  #rows: number;
  /** Inputs of a step besides the K/V, made once for as many rows. */
  #stepFeeds: { ids: BigInt64Array; feeds: Record<string, Tensor> } | null = null;

  constructor(model: WhisperModel, rows: number) {
    this.#model = model;
    this.#rows = rows;
    this.#presents = presentNames(model.layers);
    this.#outputs = ['logits', ...this.#presents];
    this.#readback = new Readback(model.device);
    this.#useCache = new model.ort.Tensor('bool', Uint8Array.of(1), [1]);
  }

  /**
   * First run: the whole prompt.
   * @param positions of the prompt whose logits are wanted
   * @returns per row and position in this order: logits [vocabulary], good until the next run
   */
  async prefill(
    prompts: readonly (readonly number[])[],
    hidden: Tensor,
    positions: readonly number[],
  ): Promise<Float32Array[]> {
    const outputs = await this.#model.decode(this.#firstFeeds(prompts, hidden), this.#outputs);
    for (const name of this.#presents) this.#keep(pastName(name), outputs[name]);
    return this.#logitsAt(outputs['logits'], positions);
  }

  /** First run of one token a row without keeping anything. @returns per row: logits [vocabulary] */
  async logitsOnly(ids: readonly number[], hidden: Tensor): Promise<Float32Array[]> {
    const prompts = ids.map((id) => [id]);
    const outputs = await this.#model.decode(this.#firstFeeds(prompts, hidden), ['logits']);
    return this.#logitsAt(outputs['logits'], [0]);
  }

  /** Teacher-forced pass of one row. @returns the outputs named, for the caller to read with `read` and dispose */
  async outputsOf(tokens: readonly number[], hidden: Tensor, names: string[]): Promise<Record<string, Tensor>> {
    return this.#model.decode(this.#firstFeeds([tokens], hidden), names);
  }

  /** Parts of an output, as `Readback.read`. */
  read(tensor: Tensor, offsets: readonly number[], length: number): Promise<Float32Array[]> {
    return this.#readback.read(tensor, offsets, length);
  }

  /** One more token per row. @returns per row: logits [vocabulary], good until the next step */
  async step(ids: readonly number[]): Promise<Float32Array[]> {
    const { ids: buffer, feeds } = (this.#stepFeeds ??= this.#makeStepFeeds());
    ids.forEach((id, row) => (buffer[row] = BigInt(id)));
    for (const [name, tensor] of this.#past) feeds[name] = tensor;
    const outputs = await this.#model.decode(feeds, this.#outputs);
    for (const name of this.#presents) {
      const tensor = outputs[name];
      if (name.includes('.encoder.')) {
        tensor.dispose(); // the empty constant of the with-past branch
        continue;
      }
      this.#past.get(pastName(name))!.dispose();
      this.#keep(pastName(name), tensor);
    }
    return this.#logitsAt(outputs['logits'], [0]);
  }

  /** Drops finished rows. @param keep positions of the rows that stay, ascending */
  keepRows(keep: readonly number[]): void {
    for (const [name, tensor] of this.#past) {
      this.#keep(name, gatherRows(this.#model, tensor, keep));
      tensor.dispose();
    }
    this.#rows = keep.length;
    this.#dropStepFeeds();
  }

  dispose(): void {
    for (const tensor of this.#past.values()) tensor.dispose();
    this.#past.clear();
    this.#dropStepFeeds();
    this.#readback.dispose();
    this.#useCache.dispose();
  }

  #keep(name: string, tensor: Tensor): void {
    this.#past.set(name, tensor);
    this.#model.onKeyValues?.(tensor);
  }

  /** @param logits [B, T, vocabulary]; freed here */
  async #logitsAt(logits: Tensor, positions: readonly number[]): Promise<Float32Array[]> {
    const [rows, length, vocabulary] = logits.dims as [number, number, number];
    const offsets: number[] = [];
    for (let row = 0; row < rows; row++) {
      for (const position of positions) offsets.push((row * length + position) * vocabulary);
    }
    try {
      return await this.#readback.read(logits, offsets, vocabulary);
    } finally {
      // On the CPU the views are the tensor's own memory, which this leaves alone.
      logits.dispose();
    }
  }

  #makeStepFeeds(): { ids: BigInt64Array; feeds: Record<string, Tensor> } {
    const ids = new BigInt64Array(this.#rows);
    const feeds = {
      input_ids: new this.#model.ort.Tensor('int64', ids, [this.#rows, 1]),
      encoder_hidden_states: nothing(this.#model, this.#rows),
      use_cache_branch: this.#useCache,
    };
    return { ids, feeds };
  }

  #dropStepFeeds(): void {
    this.#stepFeeds?.feeds['input_ids'].dispose();
    this.#stepFeeds?.feeds['encoder_hidden_states'].dispose();
    this.#stepFeeds = null;
  }

  #firstFeeds(prompts: readonly (readonly number[])[], hidden: Tensor): Record<string, Tensor> {
    const { ort, heads, headSize } = this.#model;
    const feeds: Record<string, Tensor> = {
      input_ids: new ort.Tensor('int64', BigInt64Array.from(prompts.flat(), BigInt), [this.#rows, prompts[0].length]),
      encoder_hidden_states: hidden,
      use_cache_branch: new ort.Tensor('bool', Uint8Array.of(0), [1]),
    };
    for (const name of this.#presents) {
      feeds[pastName(name)] = new ort.Tensor('float32', new Float32Array(0), [this.#rows, heads, 0, headSize]);
    }
    return feeds;
  }
}

/** One frame of encoder output that is all zero, where the sessions are: on the GPU a step uploads nothing for it. */
function nothing({ ort, device, width }: WhisperModel, rows: number): Tensor {
  const dims = [rows, 1, width];
  if (!device) return new ort.Tensor('float32', new Float32Array(rows * width), dims);
  // WebGPU gives a new buffer cleared.
  return onGpu(ort, device.createBuffer({ size: rows * width * 4, usage: TENSOR_USAGE() }), dims);
}

/** Names of the decoder's K/V outputs; as inputs they begin with `past_key_values` instead of `present`. */
export function presentNames(layers: number): string[] {
  return Array.from({ length: layers }, (_, layer) =>
    ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value'].map((part) => `present.${layer}.${part}`),
  ).flat();
}

/**
 * The smallest run there is, on one frame of nothing. ORT frees GPU buffers lazily, at a later run: after this one the
 * live bytes are the same whatever was heard before, so that a leak of a single buffer would show.
 */
export async function flushGpuBuffers(model: WhisperModel): Promise<void> {
  const cache = new KeyValueCache(model, 1);
  const hidden = nothing(model, 1);
  try {
    await cache.logitsOnly([model.tokens.startOfTranscript], hidden);
  } finally {
    hidden.dispose();
    cache.dispose();
  }
}

function pastName(present: string): string {
  return present.replace('present', 'past_key_values');
}

/**
 * Rows of a float32 tensor, in a new one at the same place. The old one stays.
 * @param keep positions along the first axis
 */
export function gatherRows(model: WhisperModel, tensor: Tensor, keep: readonly number[]): Tensor {
  const rowLength = tensor.size / tensor.dims[0];
  const dims = [keep.length, ...tensor.dims.slice(1)];
  if (tensor.location !== 'gpu-buffer') {
    const from = tensor.data as Float32Array;
    const to = new Float32Array(keep.length * rowLength);
    keep.forEach((row, i) => to.set(from.subarray(row * rowLength, (row + 1) * rowLength), i * rowLength));
    return new model.ort.Tensor('float32', to, dims);
  }
  return joinOnGpu(
    model,
    keep.map((row) => ({ buffer: tensor.gpuBuffer, offset: row * rowLength * 4 })),
    rowLength * 4,
    dims,
  );
}

/**
 * Encoder outputs of single windows as one batch, at the same place. The parts stay.
 * @param parts each [1, sourcePositions, width]
 */
export function stackRows(model: WhisperModel, parts: readonly Tensor[]): Tensor {
  const dims = [parts.length, ...parts[0].dims.slice(1)];
  const { size } = parts[0];
  if (parts[0].location !== 'gpu-buffer') {
    const to = new Float32Array(parts.length * size);
    parts.forEach((part, i) => to.set(part.data as Float32Array, i * size));
    return new model.ort.Tensor('float32', to, dims);
  }
  return joinOnGpu(
    model,
    parts.map((part) => ({ buffer: part.gpuBuffer, offset: 0 })),
    size * 4,
    dims,
  );
}

function joinOnGpu(
  model: WhisperModel,
  rows: { buffer: GPUBuffer; offset: number }[],
  rowBytes: number,
  dims: number[],
): Tensor {
  const device = model.device!;
  const buffer = device.createBuffer({ size: rowBytes * rows.length, usage: TENSOR_USAGE() });
  const encoder = device.createCommandEncoder();
  rows.forEach((row, i) => encoder.copyBufferToBuffer(row.buffer, row.offset, buffer, i * rowBytes, rowBytes));
  device.queue.submit([encoder.finish()]);
  return onGpu(model.ort, buffer, dims);
}

/** What ONNX Runtime wants to do with a tensor of ours. */
const TENSOR_USAGE = (): number => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/**
 * A float32 tensor over a buffer of ours. ONNX Runtime frees only buffers that it has made, so the tensor is given the
 * function that frees this one.
 */
function onGpu(ort: WhisperModel['ort'], buffer: GPUBuffer, dims: number[]): Tensor {
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims, dispose: () => buffer.destroy() });
}
