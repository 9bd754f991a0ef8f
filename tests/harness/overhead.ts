/**
 * What the bookkeeping of the monitor costs: the same work with it and without, in turn, so that whatever else the machine
 * does happens to both.
 */
import { findAdapter, openDevice } from '../../workers/gpu/adapter.ts';
import { BusyClock } from '../../workers/gpu/busy.ts';
import { GpuHealth } from '../../workers/gpu/health.ts';
import { createMeter } from '../../workers/gpu/meter.ts';
import { createMutex, timed, type Mutex } from '../../workers/onnx/mutex.ts';

/** What ONNX Runtime asks of a device for one token of Whisper base (README, "GPU notes"). */
const SUBMITS = 22;
const DISPATCHES = 246;

/** The lower quartile of each kind, in milliseconds: what else a machine does only adds to a time. */
export type Cost = { plainMs: number; countedMs: number };

const quartile = (times: number[]): number => times.toSorted((one, other) => one - other)[times.length >> 2];

/** A token's worth of calls whose shaders do nothing: all that is left of the time is what calls cost. */
export async function ofToken(rounds: number): Promise<Cost> {
  const plain = await caller(false);
  const counted = await caller(true);
  const times: { plain: number[]; counted: number[] } = { plain: [], counted: [] };
  for (let round = 0; round < rounds; round++) {
    times.plain.push(await plain());
    times.counted.push(await counted());
  }
  return { plainMs: quartile(times.plain), countedMs: quartile(times.counted) };
}

async function caller(counts: boolean): Promise<() => Promise<number>> {
  const adapter = await findAdapter();
  if (adapter === null) throw new Error('no adapter');
  const device = await openDevice(adapter);
  if (counts) {
    new GpuHealth(device);
    createMeter(device);
  }
  const code = '@group(0) @binding(0) var<uniform> u: vec4f; @compute @workgroup_size(1) fn main() { _ = u; }';
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const uniform = device.createBuffer({ size: 64, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  const logits = device.createBuffer({ size: 1024, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: uniform } }],
  });
  const shape = new Float32Array(16);
  return async () => {
    const began = performance.now();
    const staging = device.createBuffer({ size: 1024, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    for (let submit = 0; submit < SUBMITS; submit++) {
      const scratch = device.createBuffer({ size: 4096, usage: GPUBufferUsage.STORAGE });
      const commands = device.createCommandEncoder();
      const pass = commands.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      for (let i = submit; i < DISPATCHES; i += SUBMITS) {
        device.queue.writeBuffer(uniform, 0, shape);
        pass.dispatchWorkgroups(1);
      }
      pass.end();
      if (submit === SUBMITS - 1) commands.copyBufferToBuffer(logits, 0, staging, 0, 1024);
      device.queue.submit([commands.finish()]);
      scratch.destroy();
    }
    await staging.mapAsync(GPUMapMode.READ);
    staging.destroy();
    return performance.now() - began;
  };
}

/** Milliseconds that the clock of ONNX Runtime's runs adds to one of them. */
export async function ofRun(rounds: number): Promise<Cost> {
  const many = 1000;
  const busy = new BusyClock();
  const [plain, counted] = [createMutex(), timed(createMutex(), busy)];
  const nothing = () => Promise.resolve();
  const took = async (mutex: Mutex) => {
    const began = performance.now();
    for (let i = 0; i < many; i++) await mutex(nothing);
    return (performance.now() - began) / many;
  };
  const times: { plain: number[]; counted: number[] } = { plain: [], counted: [] };
  for (let round = 0; round < rounds; round++) {
    times.plain.push(await took(plain));
    times.counted.push(await took(counted));
  }
  return { plainMs: quartile(times.plain), countedMs: quartile(times.counted) };
}
