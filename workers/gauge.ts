/** What the engine says of itself when it is asked: figures of the parts it is made of, put together. */
import type { BusyClock } from './gpu/busy';
import { NOTHING_COUNTED, type Meter } from './gpu/meter';
import type { JobCounts } from './hearing/job';
import { wasmHeapBytes } from './onnx/ort';
import type { AdapterReport, ClockCheck, Gauge, LoadReport, StageTimes } from './protocol';
import type { WhisperModel } from './whisper/model';

/** How often what was done in this worker. */
export type Tally = Pick<Gauge, 'modelsMade' | 'memoryHits' | 'jobs' | 'windows'>;

export type Measured = {
  adapter: AdapterReport | null;
  meter: Meter | null;
  /** Of ONNX Runtime's tasks. */
  runs: BusyClock;
  loaded: { model: WhisperModel; report: LoadReport } | null;
  modelInstances: number;
  tally: Tally;
  stages: StageTimes;
  /** Of the current or last job; null before the first. */
  counts: JobCounts | null;
  clockCheck: ClockCheck | null;
};

export function gaugeOf(measured: Measured): Gauge {
  const { adapter, meter, runs, loaded, modelInstances, tally, stages, counts, clockCheck } = measured;
  const reading = meter?.read() ?? NOTHING_COUNTED;
  return {
    adapter,
    backend: loaded?.model.backend ?? null,
    runtime: loaded?.model.runtime ?? null,
    threads: loaded?.model.threads ?? 0,
    modelId: loaded?.model.id ?? null,
    modelBytesInMemory: loaded?.model.weightBytes ?? 0,
    memoryForm: loaded?.model.memoryForm ?? null,
    gpuBytesNow: reading.bytesNow,
    gpuKinds: { ...reading.kinds },
    gpuBytesPeak: reading.bytesPeak,
    gpuBytesTotal: reading.bytesTotal,
    gpuBuffers: reading.buffers,
    gpuBusy: meter?.busyShare() ?? 0,
    gpuBusyMs: meter?.busyMs() ?? 0,
    gpuCompile: meter?.compileShare() ?? 0,
    clockCheck,
    runBusy: runs.share(),
    runBusyMs: runs.busyMs,
    wasmHeapBytes: wasmHeapBytes(),
    modelInstances,
    ...tally,
    loadMs: loaded?.report.loadMs ?? null,
    loadSource: loaded?.report.source ?? null,
    realTimeFactor: counts && counts.doneSeconds > 0 ? counts.wallMs / 1000 / counts.doneSeconds : null,
    tokensPerSecond: counts && stages.decodeMs > 0 ? counts.tokens / (stages.decodeMs / 1000) : null,
    doneSeconds: counts?.doneSeconds ?? 0,
    stages: { ...stages },
  };
}
