/**
 * Reads parts of a tensor where it lies. From the GPU only the bytes asked for cross, through one staging buffer and
 * into one array that are kept from call to call: a decoder step leaves nothing to collect, and the first step of a
 * prompt of 200 tokens reads two rows of logits, not 200 (41 MB for Whisper base).
 */
import type { Tensor } from 'onnxruntime-common';

export class Readback {
  readonly #device: GPUDevice | null;
  #staging: GPUBuffer | null = null;
  #values = new Float32Array(0);

  /** @param device the sessions' own; null on the CPU */
  constructor(device: GPUDevice | null) {
    this.#device = device;
  }

  /**
   * @param tensor float32, on the GPU or the CPU; not disposed here
   * @param offsets where each part begins, in elements
   * @param length of a part, in elements
   * @returns views in the order of `offsets`, to be changed at will, good until the next call
   * @throws Error when the device was lost meanwhile
   */
  async read(tensor: Tensor, offsets: readonly number[], length: number): Promise<Float32Array[]> {
    if (tensor.location !== 'gpu-buffer') {
      const data = tensor.data as Float32Array;
      return offsets.map((offset) => data.subarray(offset, offset + length));
    }
    const staging = this.#stagingFor(offsets.length * length * 4);
    const device = this.#device!;
    const commands = device.createCommandEncoder();
    offsets.forEach((offset, i) =>
      commands.copyBufferToBuffer(tensor.gpuBuffer, offset * 4, staging, i * length * 4, length * 4),
    );
    device.queue.submit([commands.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, offsets.length * length * 4);
    } catch (error) {
      // A lost device rejects with an AbortError, which elsewhere is a person's wish.
      throw new Error(`reading back from the GPU: ${String(error)}`, { cause: error });
    }
    const size = offsets.length * length;
    if (this.#values.length < size) this.#values = new Float32Array(size);
    this.#values.set(new Float32Array(staging.getMappedRange(0, size * 4)));
    staging.unmap();
    return offsets.map((_, i) => this.#values.subarray(i * length, (i + 1) * length));
  }

  #stagingFor(bytes: number): GPUBuffer {
    if (this.#staging && this.#staging.size >= bytes) return this.#staging;
    this.#staging?.destroy();
    this.#staging = this.#device!.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    return this.#staging;
  }

  dispose(): void {
    this.#staging?.destroy();
    this.#staging = null;
  }
}
