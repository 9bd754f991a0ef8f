import type { Gauge } from '../../workers/protocol.ts';

/** The gauge of an engine that is gone: it holds nothing; what the last job measured stays true. */
export function emptied(gauge: Gauge): Gauge {
  return {
    ...gauge,
    backend: null,
    runtime: null,
    threads: 0,
    modelId: null,
    modelBytesInMemory: 0,
    memoryForm: null,
    gpuBytesNow: 0,
    gpuKinds: { weights: 0, keyValues: 0, activations: 0, other: 0 },
    gpuBuffers: 0,
    gpuBusy: 0,
    gpuBusyMs: 0,
    gpuCompile: 0,
    runBusy: 0,
    runBusyMs: 0,
    modelInstances: 0,
    modelsMade: 0,
    memoryHits: 0,
    jobs: 0,
    windows: 0,
    wasmHeapBytes: 0,
    loadMs: null,
    loadSource: null,
  };
}
