/**
 * Counts what this worker keeps on the GPU: every buffer our device creates and destroys (ONNX Runtime calls the
 * device's own methods), what it is for, and how long the queue had work. Logical bytes: a driver's own overhead is
 * not visible to a page.
 *
 * The queue has work from a submission until `onSubmittedWorkDone` tells that the newest one is done. It is asked once at a
 * time, and again where more was submitted meanwhile: a question for each of the 22 submissions of a token cost four times
 * as much. It counts the time between two kernels and that of the answer's way back as well, so it is an upper bound;
 * `timestamps.ts` measures by how much, where the adapter has a clock of its own.
 * The time in which programs are compiled is counted apart: nothing of a program is submitted before.
 *
 * What all this costs (gpu/overhead.spec.ts, 2026-11-26, two cores, software adapter): 28 ms of a job of 14 s, 0.2 %, the
 * measurement's own clock included; and 0.13 ms for the 22 submissions and 246 dispatches of a token, whose calls alone take
 * 4.2 ms, so that it stays under 1 % where a token takes 13 ms or more. On the CPU a run of ONNX Runtime is timed in 0.4 µs,
 * which with the readings of the gauge is 0.02 % of a job (page/overhead.spec.ts).
 */
import type { GpuBytes } from '../protocol';
import { BusyClock } from './busy';
import { watchPasses, type PassClock } from './timestamps';

export type GpuReading = {
  bytesNow: number;
  /** What `bytesNow` is for. */
  kinds: GpuBytes;
  bytesPeak: number;
  bytesTotal: number;
  buffers: number;
  /** Queue submissions and compute dispatches since the device was opened. */
  submits: number;
  dispatches: number;
  /** Bytes of tensors written to the GPU; the shapes and constants each dispatch is given; bytes read back. */
  bytesUploaded: number;
  bytesUniform: number;
  bytesReadBack: number;
};

/** Before a device was opened. */
export const NOTHING_COUNTED: Readonly<GpuReading> = {
  bytesNow: 0,
  kinds: { weights: 0, keyValues: 0, activations: 0, other: 0 },
  bytesPeak: 0,
  bytesTotal: 0,
  buffers: 0,
  submits: 0,
  dispatches: 0,
  bytesUploaded: 0,
  bytesUniform: 0,
  bytesReadBack: 0,
};

/** What a buffer may be said to hold; the rest is told by its usage. */
export type Kind = 'weights' | 'keyValues';

export type Meter = {
  read(): GpuReading;
  /** Share of the time since the last call in which the queue had work, [0, 1]. */
  busyShare(): number;
  /** Milliseconds in which the queue had work since the device was opened. */
  busyMs(): number;
  /** Share of the time since the last call in which at least one program was compiled, [0, 1]. */
  compileShare(): number;
  /** Storage made while `task` runs holds weights. */
  takingWeights<T>(task: () => Promise<T>): Promise<T>;
  /** This buffer is part of a K/V cache. */
  holdsKeyValues(buffer: GPUBuffer): void;
  /** Forgets the peak: it is now what is allocated now. */
  resetPeak(): void;
  /** The GPU's own clock; null: this adapter shows none. */
  passes: PassClock | null;
};

export function createMeter(device: GPUDevice): Meter {
  const reading: GpuReading = { ...NOTHING_COUNTED, kinds: { ...NOTHING_COUNTED.kinds } };
  type Entry = { bytes: number; kind: keyof GpuBytes };
  const entries = new WeakMap<GPUBuffer, Entry>();
  let weightsComing = false;
  const kindOf = (usage: number): keyof GpuBytes => {
    // Uniforms and what bytes cross by, to the GPU and back.
    if (!(usage & GPUBufferUsage.STORAGE)) return 'other';
    return weightsComing ? 'weights' : 'activations';
  };
  const freed = ({ bytes, kind }: Entry): void => {
    reading.bytesNow -= bytes;
    reading.kinds[kind] -= bytes;
    reading.buffers -= 1;
  };
  // A buffer dropped without destroy() is freed by the collector: counted then, so that the ledger stays true.
  const dropped = new FinalizationRegistry(freed);

  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const bytes = buffer.size;
    const entry: Entry = { bytes, kind: kindOf(descriptor.usage) };
    entries.set(buffer, entry);
    reading.bytesNow += bytes;
    reading.kinds[entry.kind] += bytes;
    reading.bytesTotal += bytes;
    reading.buffers += 1;
    reading.bytesPeak = Math.max(reading.bytesPeak, reading.bytesNow);
    if (descriptor.mappedAtCreation) reading.bytesUploaded += bytes;
    if (descriptor.usage & GPUBufferUsage.MAP_READ) {
      const mapAsync = buffer.mapAsync.bind(buffer);
      buffer.mapAsync = (mode, offset, size) => {
        reading.bytesReadBack += size ?? bytes - (offset ?? 0);
        return mapAsync(mode, offset, size);
      };
    }
    const destroy = buffer.destroy.bind(buffer);
    let alive = true;
    const token = {};
    dropped.register(buffer, entry, token);
    buffer.destroy = () => {
      if (alive) {
        alive = false;
        dropped.unregister(token);
        freed(entry);
      }
      destroy();
    };
    return buffer;
  };

  const busy = new BusyClock();
  const passes = watchPasses(device, () => busy.busyMs);
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const pass = beginComputePass(passes?.described(passDescriptor) ?? passDescriptor);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (x, y, z) => {
        reading.dispatches += 1;
        dispatch(x, y, z);
      };
      return pass;
    };
    return encoder;
  };

  // ONNX Runtime compiles a program when it is first needed, and waits for it: seconds in which nothing is submitted.
  const compiling = new BusyClock();
  let programs = 0;
  const createComputePipelineAsync = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = async (descriptor) => {
    programs += 1;
    compiling.begin();
    try {
      return await createComputePipelineAsync(descriptor);
    } finally {
      programs -= 1;
      if (programs === 0) compiling.end();
    }
  };

  let submissions = 0;
  /** Somebody waits for the end of the newest submission, or is about to. */
  let awaited = false;
  const awaitIdle = (): void => {
    const newest = submissions;
    void queue.onSubmittedWorkDone().then(
      () => {
        if (newest !== submissions) return awaitIdle();
        awaited = false;
        busy.end();
      },
      () => undefined,
    );
  };
  const queue = device.queue;
  const submit = queue.submit.bind(queue);
  queue.submit = (commands) => {
    submit(commands);
    reading.submits += 1;
    submissions += 1;
    busy.begin();
    passes?.submitted();
    if (awaited) return;
    awaited = true;
    awaitIdle();
  };
  const writeBuffer = queue.writeBuffer.bind(queue) as (...args: unknown[]) => void;
  queue.writeBuffer = ((
    buffer: GPUBuffer,
    at: number,
    source: ArrayBuffer | ArrayBufferView,
    from = 0,
    size?: number,
  ) => {
    const bytes = size ?? source.byteLength - from;
    if (buffer.usage & GPUBufferUsage.UNIFORM) reading.bytesUniform += bytes;
    else reading.bytesUploaded += bytes;
    if (size === undefined) writeBuffer(buffer, at, source, from);
    else writeBuffer(buffer, at, source, from, size);
  }) as typeof queue.writeBuffer;

  return {
    read: () => ({ ...reading, kinds: { ...reading.kinds } }),
    busyShare: () => busy.share(),
    busyMs: () => busy.busyMs,
    compileShare: () => compiling.share(),
    async takingWeights(task) {
      weightsComing = true;
      try {
        return await task();
      } finally {
        weightsComing = false;
      }
    },
    holdsKeyValues(buffer) {
      const entry = entries.get(buffer);
      if (!entry) return;
      reading.kinds[entry.kind] -= entry.bytes;
      entry.kind = 'keyValues';
      reading.kinds.keyValues += entry.bytes;
    },
    resetPeak() {
      reading.bytesPeak = reading.bytesNow;
    },
    passes,
  };
}
