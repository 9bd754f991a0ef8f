/** A job that runs out of memory, and a GPU that complains: smaller batches first, then a fault that says whose it is. */
import { expect, test } from 'playwright/test';
import { GpuHealth, type Complaining } from '../../workers/gpu/health.ts';
import { engineFault } from '../../workers/engine-fault.ts';
import { transcribeSound } from '../../workers/hearing/job.ts';
import { fault } from '../../workers/protocol.ts';
import { bySpeed, upTo } from '../../workers/whisper/batch.ts';
import { lineOf } from '../fault-table.ts';
import { scripted } from './forged-decode.ts';
import { en, forge, hear, jobOf, spoken, texts } from './forged-job.ts';

/** The kinds of errors of WebGPU, as a browser has them. */
class GPUError {
  constructor(readonly message: string) {}
}
class GPUOutOfMemoryError extends GPUError {}
class GPUValidationError extends GPUError {}

test.beforeAll(() => {
  Object.assign(globalThis, { GPUError, GPUOutOfMemoryError, GPUValidationError });
});
test.afterAll(() => {
  for (const name of ['GPUError', 'GPUOutOfMemoryError', 'GPUValidationError'])
    Reflect.deleteProperty(globalThis, name);
});

/** A device on which a test complains. */
function device(): { device: Complaining; complain: (error: GPUError) => void } {
  const listeners: ((event: { error: GPUError }) => void)[] = [];
  const given = {
    addEventListener: (_type: string, listener: (event: { error: GPUError }) => void) => listeners.push(listener),
    pushErrorScope: () => undefined,
    popErrorScope: () => Promise.resolve(null),
    createBuffer: ({ mappedAtCreation }: { mappedAtCreation?: boolean }) => {
      if (mappedAtCreation) throw new RangeError('createBuffer failed');
      return {};
    },
  };
  return {
    device: given as unknown as Complaining,
    complain: (error) => listeners.forEach((listener) => listener({ error })),
  };
}

const ALL = Array.from({ length: 8 }, (_, k) => `w${k} w${k + 10}`);

test('a batch for which there is no memory is heard in halves, and no larger one is tried again', async () => {
  const rows: number[] = [];
  const forged = forge((asked) => scripted(spoken(8))(asked), { backend: 'gpu' });
  const decode = forged.model.decode.bind(forged.model);
  forged.model.decode = (feeds, outputs) => {
    rows.push(feeds['input_ids'].dims[0]);
    if (feeds['input_ids'].dims[0] > 2) throw new RangeError('Array buffer allocation failed');
    return decode(feeds, outputs);
  };
  const run = await hear(forged, 8, {}, { batch: 8 });
  expect(texts(run)).toEqual(ALL);
  expect(run.windows.map(({ language }) => language)).toEqual(Array<string>(8).fill('en'));
  expect(rows.filter((count) => count > 2)).toHaveLength(1);
});

test('a GPU that runs out of memory in the middle: nothing of that run is kept, and smaller batches do', async () => {
  const { device: given, complain } = device();
  const gpu = new GpuHealth(given);
  let most = 0;
  const forged = forge(
    (asked) => {
      // With a buffer missing the numbers are anybody's guess.
      if (gpu.isShort) return new Float32Array(100).fill(0);
      return scripted(spoken(8))(asked);
    },
    { backend: 'gpu' },
  );
  const decode = forged.model.decode.bind(forged.model);
  forged.model.decode = (feeds, outputs) => {
    const [rows] = feeds['input_ids'].dims;
    most = Math.max(most, rows);
    if (rows > 2) {
      complain(new GPUOutOfMemoryError('Failed to allocate a buffer'));
      // Each use of the buffer that is not there is an error too, and no fault of the GPU.
      complain(new GPUValidationError('[Buffer] is invalid'));
    }
    return decode(feeds, outputs);
  };
  const run = await hear(forged, 8, en, { batch: 8, gpu });
  expect(texts(run)).toEqual(ALL);
  expect(most).toBe(4);
  expect(gpu.broken).toBeNull();
  const lost = `0 of ${ALL.length} windows`;
  const how = 'by itself, in smaller batches on the GPU';
  const survived = { fault: 'GpuOutOfMemory for a batch', phase: 'decoding', lost, how };
  test.info().annotations.push({ type: 'fault matrix', description: lineOf(survived) });
});

test('one window for which the GPU has no memory is its fault; for which the heap has none is not', async () => {
  const { device: given, complain } = device();
  const gpu = new GpuHealth(given);
  const forged = forge(scripted(spoken(2)), {
    backend: 'gpu',
    beforeRun: () => complain(new GPUOutOfMemoryError('Failed to allocate a buffer')),
  });
  const onGpu = jobOf(forged, 2, en, { gpu });
  await expect(transcribeSound(onGpu.context)).rejects.toMatchObject({ name: 'GpuOutOfMemory' });
  onGpu.close();
  const cpu = forge(scripted(spoken(2)), {
    beforeRun: () => {
      throw new RangeError('Array buffer allocation failed');
    },
  });
  const onCpu = jobOf(cpu, 2, en);
  const thrown: unknown = await transcribeSound(onCpu.context).catch((error: unknown) => error);
  expect(engineFault(thrown, null, null).name).toBe('EngineFailed');
  onCpu.close();
});

test('an error of the device ends the job: what it gives cannot be trusted', async () => {
  const { device: given, complain } = device();
  const gpu = new GpuHealth(given);
  const forged = forge(scripted(spoken(4)), {
    backend: 'gpu',
    beforeRun: (run) => {
      if (run === 9) complain(new GPUValidationError('Binding size is too small'));
    },
  });
  const { context, events, close } = jobOf(forged, 4, en, { gpu });
  await expect(transcribeSound(context)).rejects.toMatchObject({ name: 'EngineFailed', message: /Binding size/ });
  // The window in which it happened is not kept.
  expect(events.filter(({ type }) => type === 'window').length).toBeLessThan(4);
  close();
});

test('kinds of errors are told by their types, and what was asked once is forgotten', async () => {
  const { device: given, complain } = device();
  const gpu = new GpuHealth(given);
  expect(await gpu.takeShortage()).toBeNull();
  complain(new GPUOutOfMemoryError('no words about it'));
  expect(gpu.isShort).toBe(true);
  expect(await gpu.takeShortage()).toBe('no words about it');
  expect(await gpu.takeShortage()).toBeNull();
  expect(() => given.createBuffer({ size: 4, usage: 0, mappedAtCreation: true })).toThrow(RangeError);
  expect(await gpu.takeShortage()).toBe('createBuffer failed');
  complain(new GPUValidationError('out of memory, says the text'));
  expect(await gpu.takeShortage()).toBeNull();
  expect(gpu.broken).toBe('out of memory, says the text');
});

test('a fault of the engine is named by what is known, never by a word in its text', () => {
  for (const text of ['There is no room for it', 'out of memory', 'Aborted(OOM)', 'allocation failed'])
    expect(engineFault(new Error(text), null, null)).toMatchObject({ name: 'EngineFailed', message: text });
  expect(engineFault(new Error('x'), null, 'no buffer').name).toBe('GpuOutOfMemory');
  expect(engineFault(new Error('x'), 'unknown: gone', 'no buffer').name).toBe('GpuLost');
  expect(engineFault(fault('ModelDamaged', 'x'), 'unknown: gone', null).name).toBe('ModelDamaged');
  expect(engineFault('text', null, null)).toMatchObject({ name: 'EngineFailed', message: 'text' });
});

test('the sizes of batches fall to what fits and never rise above it', () => {
  for (const batch of [upTo(8), bySpeed(8)]) {
    for (let i = 0; i < 4; i++) batch.measured(30 * batch.size, 100);
    expect(batch.size).toBe(8);
    batch.fit(3);
    expect([batch.size, batch.limit]).toEqual([3, 3]);
    for (let i = 0; i < 6; i++) batch.measured(30 * batch.size, 100);
    batch.fit(5);
    expect([batch.size, batch.limit]).toEqual([3, 3]);
  }
});
