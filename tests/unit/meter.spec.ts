/** The ledger of GPU bytes and the busy share, on a device that does nothing and a clock that the test moves. */
import { expect, test } from 'playwright/test';
import { BusyClock } from '../../workers/gpu/busy.ts';
import { createMeter, type Meter } from '../../workers/gpu/meter.ts';
import { workIn } from '../../workers/gpu/timestamps.ts';
import { createMutex, timed } from '../../workers/onnx/mutex.ts';

const USAGE = { MAP_READ: 1, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 };

/** One that is being compiled. */
type Program = { made: () => void; failed: (why: Error) => void };

type Fake = {
  device: GPUDevice;
  meter: Meter;
  destroyed: number;
  finish: () => Promise<void>;
  written: unknown[][];
  /** Those that were asked for, to be settled. */
  programs: Program[];
};

function fake(): Fake {
  let submitted = 0;
  let done = 0;
  let waiting: { upTo: number; tell: () => void }[] = [];
  const state = { destroyed: 0, written: [] as unknown[][], programs: [] as Program[] };
  const device = {
    createBuffer: ({ size }: GPUBufferDescriptor) => ({
      size,
      destroy: () => void state.destroyed++,
      mapAsync: () => Promise.resolve(),
    }),
    createComputePipelineAsync: () => new Promise<void>((made, failed) => void state.programs.push({ made, failed })),
    createCommandEncoder: () => ({ beginComputePass: () => ({ dispatchWorkgroups: () => undefined }) }),
    queue: {
      submit: () => void submitted++,
      writeBuffer: (...args: unknown[]) => void state.written.push(args),
      // As in WebGPU: when all that was submitted before the question is done.
      onSubmittedWorkDone: () => new Promise<void>((tell) => void waiting.push({ upTo: submitted, tell })),
    },
  } as unknown as GPUDevice;
  const meter = createMeter(device);
  return {
    device,
    meter,
    get destroyed() {
      return state.destroyed;
    },
    written: state.written,
    programs: state.programs,
    /** The oldest submission is done. */
    finish: async () => {
      // What waits for a turn of the thread has asked by now.
      await Promise.resolve();
      done += 1;
      for (const { upTo, tell } of waiting) if (upTo <= done) tell();
      waiting = waiting.filter(({ upTo }) => upTo > done);
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

const realNow = performance.now.bind(performance);
const realUsage: unknown = Reflect.get(globalThis, 'GPUBufferUsage');
let clock = 0;
test.beforeEach(() => {
  clock = 1000;
  performance.now = () => clock;
  Reflect.set(globalThis, 'GPUBufferUsage', USAGE);
});
test.afterEach(() => {
  performance.now = realNow;
  Reflect.set(globalThis, 'GPUBufferUsage', realUsage);
});

test('bytes now, at most and in all follow every buffer', () => {
  const { device, meter } = fake();
  const make = (size: number): GPUBuffer => device.createBuffer({ size, usage: USAGE.STORAGE });
  const first = make(100);
  const second = make(50);
  expect(meter.read()).toMatchObject({ bytesNow: 150, bytesPeak: 150, bytesTotal: 150, buffers: 2 });
  first.destroy();
  expect(meter.read()).toMatchObject({ bytesNow: 50, bytesPeak: 150, bytesTotal: 150, buffers: 1 });
  make(20);
  expect(meter.read()).toMatchObject({ bytesNow: 70, bytesPeak: 150, bytesTotal: 170, buffers: 2 });
  meter.resetPeak();
  expect(meter.read().bytesPeak).toBe(70);
  second.destroy();
  make(10);
  expect(meter.read()).toMatchObject({ bytesNow: 30, bytesPeak: 70, bytesTotal: 180, buffers: 2 });
});

test('a buffer destroyed twice is freed once, and the device hears both', () => {
  const one = fake();
  const buffer = one.device.createBuffer({ size: 64, usage: USAGE.STORAGE });
  buffer.destroy();
  buffer.destroy();
  expect(one.meter.read()).toMatchObject({ bytesNow: 0, buffers: 0 });
  expect(one.destroyed).toBe(2);
});

test('what was read is a copy: it does not change under the reader', () => {
  const { device, meter } = fake();
  const reading = meter.read();
  device.createBuffer({ size: 64, usage: USAGE.STORAGE });
  expect(reading.bytesNow).toBe(0);
});

test('uploads and downloads are counted by the byte', async () => {
  const { device, meter, written } = fake();
  device.createBuffer({ size: 40, usage: USAGE.COPY_DST, mappedAtCreation: true });
  const target = device.createBuffer({ size: 100, usage: USAGE.COPY_DST });
  device.queue.writeBuffer(target, 0, new Float32Array(5));
  device.queue.writeBuffer(target, 0, new Uint8Array(30), 10);
  device.queue.writeBuffer(target, 4, new Uint8Array(30), 10, 8);
  expect(meter.read().bytesUploaded).toBe(40 + 20 + 20 + 8);
  // The queue gets what it was given: a size of undefined would not mean the rest in every browser.
  expect(written.map((args) => args.length)).toEqual([4, 4, 5]);
  const back = device.createBuffer({ size: 64, usage: USAGE.MAP_READ | USAGE.COPY_DST });
  await back.mapAsync(1);
  await back.mapAsync(1, 16);
  await back.mapAsync(1, 0, 4);
  expect(meter.read().bytesReadBack).toBe(64 + 48 + 4);
});

test('submissions and dispatches are counted', () => {
  const { device, meter } = fake();
  const pass = device.createCommandEncoder().beginComputePass();
  pass.dispatchWorkgroups(1);
  pass.dispatchWorkgroups(1, 2, 3);
  device.queue.submit([]);
  expect(meter.read()).toMatchObject({ submits: 1, dispatches: 2 });
});

test('busy is the share of the time in which the queue had work', async () => {
  const { device, meter, finish } = fake();
  clock += 100;
  expect(meter.busyShare()).toBe(0);
  clock += 50;
  device.queue.submit([]);
  clock += 10;
  device.queue.submit([]); // within the first
  clock += 10;
  await finish();
  clock += 10; // the second still runs
  await finish();
  clock += 20;
  expect(meter.busyShare()).toBeCloseTo(0.3, 9);
  // Work that goes on over a reading counts on both sides of it, each its own part.
  device.queue.submit([]);
  clock += 40;
  expect(meter.busyShare()).toBeCloseTo(1, 9);
  clock += 30;
  await finish();
  clock += 30;
  expect(meter.busyShare()).toBeCloseTo(0.5, 9);
  clock += 10;
  expect(meter.busyShare()).toBe(0);
});

test('the time in which programs are compiled is counted once, also of one that fails, and is no busy time', async () => {
  const { device, meter, programs } = fake();
  const compile = () => device.createComputePipelineAsync({} as GPUComputePipelineDescriptor);
  clock += 20;
  const first = compile();
  clock += 10;
  const second = compile();
  clock += 10;
  programs[0].made();
  await first;
  clock += 40;
  programs[1].failed(new Error('no'));
  await expect(second).rejects.toThrow('no');
  clock += 20;
  expect(meter.compileShare()).toBeCloseTo(0.6, 9);
  expect(meter.busyMs()).toBe(0);
  const third = compile();
  clock += 50;
  expect(meter.compileShare()).toBe(1);
  programs[2].made();
  await third;
  clock += 50;
  expect(meter.compileShare()).toBe(0);
});

test('the GPU is asked once at a time, and again for what comes meanwhile', async () => {
  const { device, meter, finish } = fake();
  let asked = 0;
  const ask = device.queue.onSubmittedWorkDone.bind(device.queue);
  device.queue.onSubmittedWorkDone = () => {
    asked += 1;
    return ask();
  };
  for (let i = 0; i < 22; i++) device.queue.submit([]);
  for (let i = 0; i < 21; i++) await finish();
  clock += 30;
  // One more before the answer: the queue is not idle with the twenty-second.
  device.queue.submit([]);
  await finish();
  clock += 10;
  await finish();
  clock += 60;
  // Behind the first, behind the twenty-second, behind the last.
  expect(asked).toBe(3);
  expect(meter.busyMs()).toBe(40);
});

test('the share is of the time between two readings, so it is 0 in the first one wholly after the work', async () => {
  const { device, meter, finish } = fake();
  device.queue.submit([]);
  clock += 480;
  await finish();
  expect(meter.busyShare()).toBe(1);
  expect(meter.busyMs()).toBe(480);
  clock += 500;
  expect(meter.busyShare()).toBe(0);
  expect(meter.busyMs()).toBe(480);
});

test('each byte is for something, and the kinds add up whatever is made and freed', async () => {
  const { device, meter } = fake();
  const make = (size: number, usage = USAGE.STORAGE): GPUBuffer => device.createBuffer({ size, usage });
  const sum = () => Object.values(meter.read().kinds).reduce((all, bytes) => all + bytes, 0);
  const weights = await meter.takingWeights(() => {
    make(5, USAGE.UNIFORM);
    return Promise.resolve(make(1000));
  });
  const cache = make(200);
  make(30);
  make(7, USAGE.MAP_READ);
  expect(meter.read().kinds).toEqual({ weights: 1000, keyValues: 0, activations: 230, other: 12 });
  meter.holdsKeyValues(cache);
  meter.holdsKeyValues(cache);
  expect(meter.read().kinds).toEqual({ weights: 1000, keyValues: 200, activations: 30, other: 12 });
  expect(sum()).toBe(meter.read().bytesNow);
  cache.destroy();
  weights.destroy();
  expect(meter.read().kinds).toEqual({ weights: 0, keyValues: 0, activations: 30, other: 12 });
  expect(sum()).toBe(meter.read().bytesNow);
  // Whatever fails while weights come: what is made later is none.
  await expect(meter.takingWeights(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  make(1);
  expect(meter.read().kinds.weights).toBe(0);
});

test('work of the GPU by its own clock: passes that overlap count once, times that make no sense do not', () => {
  const ms = (...times: number[]) => BigUint64Array.from(times, (time) => BigInt(Math.round(time * 1e6)));
  expect(workIn(ms(1, 2, 3, 5))).toBe(3);
  expect(workIn(ms(3, 5, 1, 4, 2, 3))).toBe(4);
  expect(workIn(ms(0, 0, 7, 6))).toBe(null);
  expect(workIn(ms())).toBe(null);
});

test('a run of ONNX Runtime is busy time, also one that fails, and the wait for its turn is not', async () => {
  const busy = new BusyClock();
  const mutex = timed(createMutex(), busy);
  await mutex(() => Promise.resolve((clock += 30)));
  clock += 70;
  expect(busy.share()).toBeCloseTo(0.3, 9);
  await mutex(() => {
    clock += 20;
    return Promise.reject(new Error('no'));
  }).catch(() => undefined);
  clock += 20;
  expect(busy.share()).toBeCloseTo(0.5, 9);
  expect(busy.busyMs).toBe(50);
});
