/** Only the bytes asked for cross from the GPU, over one buffer that is kept and given back. */
import type { Tensor } from 'onnxruntime-common';
import { expect, test } from 'playwright/test';
import { Readback } from '../../workers/onnx/readback.ts';

test.beforeEach(() => {
  Reflect.set(globalThis, 'GPUBufferUsage', { MAP_READ: 1, COPY_DST: 8 });
  Reflect.set(globalThis, 'GPUMapMode', { READ: 1 });
});
test.afterEach(() => {
  Reflect.deleteProperty(globalThis, 'GPUBufferUsage');
  Reflect.deleteProperty(globalThis, 'GPUMapMode');
});

/** A device whose buffers are arrays. */
function fake({ lost = false } = {}) {
  const seen = { created: 0, alive: 0, mappedBytes: 0, mappings: 0 };
  const device = {
    createBuffer: ({ size }: GPUBufferDescriptor) => {
      seen.created += 1;
      seen.alive += 1;
      const bytes = new Uint8Array(size);
      let mapped = false;
      return {
        size,
        bytes,
        mapAsync: (_mode: number, _offset: number, length: number) => {
          if (lost) return Promise.reject(new DOMException('Device is lost', 'AbortError'));
          if (mapped) throw new Error('mapped twice');
          mapped = true;
          seen.mappedBytes += length;
          seen.mappings += 1;
          return Promise.resolve();
        },
        getMappedRange: (offset: number, length: number) => bytes.slice(offset, offset + length).buffer,
        unmap: () => (mapped = false),
        destroy: () => (seen.alive -= 1),
      };
    },
    createCommandEncoder: () => ({
      copyBufferToBuffer: (from: Held, at: number, to: Held, toAt: number, length: number) =>
        to.bytes.set(from.bytes.subarray(at, at + length), toAt),
      finish: () => null,
    }),
    queue: { submit: () => undefined },
  };
  return { device: device as unknown as GPUDevice, seen };
}
type Held = { bytes: Uint8Array };

/** [rows, length, width] with the value `row * 100 + position * 10 + i`. */
function onGpu(rows: number, length: number, width: number): Tensor {
  const values = Float32Array.from(
    { length: rows * length * width },
    (_, n) => Math.floor(n / width / length) * 100 + (Math.floor(n / width) % length) * 10 + (n % width),
  );
  const gpuBuffer = { bytes: new Uint8Array(values.buffer) };
  return { location: 'gpu-buffer', dims: [rows, length, width], gpuBuffer } as unknown as Tensor;
}

test('two positions of a prompt of fifty: two rows cross, not fifty', async () => {
  const { device, seen } = fake();
  const readback = new Readback(device);
  const tensor = onGpu(2, 50, 4);
  const rows = await readback.read(
    tensor,
    [0, 49, 50, 99].map((row) => row * 4),
    4,
  );
  expect(rows.map((row) => [...row])).toEqual([
    [0, 1, 2, 3],
    [490, 491, 492, 493],
    [100, 101, 102, 103],
    [590, 591, 592, 593],
  ]);
  expect(seen.mappedBytes).toBe(4 * 4 * 4);
});

test('steps share one staging buffer and one array; dispose leaves nothing', async () => {
  const { device, seen } = fake();
  const readback = new Readback(device);
  const tensor = onGpu(2, 1, 4);
  const [first] = await readback.read(tensor, [0, 4], 4);
  for (let step = 0; step < 20; step++) {
    const [again] = await readback.read(tensor, step % 2 ? [0] : [0, 4], 4);
    expect(again.buffer).toBe(first.buffer);
    again.fill(-1); // the rules write into it
  }
  expect((await readback.read(tensor, [4], 4)).map((row) => [...row])).toEqual([[100, 101, 102, 103]]);
  expect(seen.created).toBe(1);
  await readback.read(tensor, [0], 8);
  expect(seen.created, 'as large as before').toBe(1);
  readback.dispose();
  expect(seen.alive).toBe(0);
});

test('a lost device is an error of the engine, not a wish of the person', async () => {
  const readback = new Readback(fake({ lost: true }).device);
  const error = await readback.read(onGpu(1, 1, 4), [0], 4).then(
    () => null,
    (thrown: unknown) => thrown as Error,
  );
  expect(error?.name).toBe('Error');
  expect(error?.message).toContain('Device is lost');
});

test('on the CPU it is the tensor itself', async () => {
  const data = Float32Array.of(0, 1, 2, 3, 4, 5);
  const [a, b] = await new Readback(null).read({ location: 'cpu', data } as unknown as Tensor, [0, 3], 3);
  expect([a.buffer, b.buffer]).toEqual([data.buffer, data.buffer]);
  expect([...b]).toEqual([3, 4, 5]);
});
