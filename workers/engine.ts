/**
 * The engine's order of things: find the GPU, load a model, run one job at a time, cancel, unload. After any fault
 * but ModelMissing and the download faults the page ends this worker and starts a fresh one.
 */
import { createMeter, type Meter } from './gpu/meter';
import { describeAdapter, findAdapter, openDevice } from './gpu/adapter';
import { runJob, type JobCounts } from './job';
import { PcmSource } from './pcm-source';
import {
  ABORTED,
  fault,
  type AdapterReport,
  type EngineApi,
  type JobRequest,
  type LoadReport,
  type LoadRequest,
  type StageTimes,
} from './protocol';
import { RequestLog } from './requests';
import { loadSilero, VAD_RATE, type Silero } from './speech/silero';
import { everything, type SpeechFinder } from './speech/speech';
import { silenceOut } from './speech/vad';
import { sessionFiles } from './store/catalogue';
import { ModelStore } from './store/model-store';
import { createRecheck } from './store/recheck';
import { bySpeed, largestBatch, upTo } from './whisper/batch';
import { settle } from './whisper/cache';
import { loadModel, type WhisperModel } from './whisper/model';
import { createMutex } from './whisper/mutex';
import { warmUp } from './whisper/warm-up';
import { wasmHeapBytes } from './whisper/ort';

/** @param baseUrl absolute address of the page's folder */
export function createEngine(baseUrl: string): EngineApi {
  const requests = new RequestLog();
  /** The model whose files the store may be asking for, for the ledger: an address of the hub has no model in it. */
  let wanted = '';
  const store = new ModelStore({ baseUrl, fetch: requests.counting(modelOf) });
  const recheck = createRecheck(store, (modelId) => {
    // What is in memory came from the same bytes.
    loading = loading.then(() => (loaded?.model.id === modelId && !job ? release() : undefined));
    return loading.then(() => undefined);
  });
  const mutex = createMutex();
  let adapterReport: AdapterReport | null = null;
  let gpu: { device: GPUDevice; meter: Meter; lost: string | null } | null = null;
  let loaded: { model: WhisperModel; report: LoadReport; batch: number } | null = null;
  let silero: Silero | null = null;
  let twin: WhisperModel | null = null;
  let loading: Promise<unknown> = Promise.resolve();
  let transfer: AbortController | null = null;
  let job: { stopped: boolean; source: PcmSource } | null = null;
  let stages = noTimes();
  let counts: JobCounts | null = null;

  /** Why the device is gone, or null: it is here or was never opened. */
  function gpuLost(): string | null {
    return gpu?.lost ?? null;
  }

  async function openGpu(): Promise<NonNullable<typeof gpu>> {
    if (gpu && gpu.lost === null) return gpu;
    if (gpu) throw fault('GpuLost', gpu.lost ?? '');
    const adapter = await findAdapter();
    if (!adapter) throw fault('NoGpu', 'requestAdapter() gave nothing');
    adapterReport = describeAdapter(adapter);
    const device = await openDevice(adapter);
    const opened = { device, meter: createMeter(device), lost: null as string | null };
    gpu = opened;
    void device.lost.then((info) => {
      opened.lost = `${info.reason}: ${info.message}`;
    });
    device.addEventListener('uncapturederror', (event) => {
      console.warn('GPU error:', event.error.message);
    });
    return opened;
  }

  async function load(request: LoadRequest, onProgress: Parameters<EngineApi['load']>[1]): Promise<LoadReport> {
    const began = performance.now();
    const entry = await store.model(request.modelId);
    const decoder = request.decoder ?? entry.form;
    const files = sessionFiles(entry, decoder);
    if (request.backend === 'gpu' && (decoder === 'q8' || !entry.backends.includes('gpu')))
      throw fault('EngineFailed', `This form of ${entry.name} runs on the CPU only.`);
    if (loaded) {
      const { model } = loaded;
      if (model.id === request.modelId && model.backend === request.backend && model.decoderForm === decoder) {
        if (gpu?.lost) throw fault('GpuLost', gpu.lost);
        loaded.report = { ...loaded.report, source: 'memory', loadMs: performance.now() - began };
        return loaded.report;
      }
      await release();
    }
    const optional = Object.values(files);
    let source: LoadReport['source'] = 'indexeddb';
    if (!(await store.ready(request.modelId, { optional }))) {
      if (entry.source !== 'bundled') throw fault('ModelMissing', request.modelId);
      await store.download(
        request.modelId,
        undefined,
        ({ loadedBytes, totalBytes }) => onProgress({ phase: 'reading', loadedBytes, totalBytes }),
        { optional },
      );
      source = 'network';
    }
    try {
      const device = request.backend === 'gpu' ? (await openGpu()).device : null;
      const make = () =>
        loadModel(store, {
          id: request.modelId,
          backend: request.backend,
          decoderForm: decoder,
          device,
          mutex,
          onProgress,
        });
      const model = await make().catch(async (error: unknown) => {
        // The disk may have gone bad, and neither ORT nor the browser says so: what is wrong is fetched again, once.
        if (named(error).name !== 'EngineFailed' || (await store.verify(request.modelId)).length === 0) throw error;
        return make();
      });
      if (device) {
        onProgress({ phase: 'warming', loadedBytes: model.weightBytes, totalBytes: model.weightBytes });
        // A software adapter compiles in no time and takes seconds for the pass.
        if (adapterReport?.fallback !== true) await warmUp(model);
        await settle(model);
      }
      const report: LoadReport = {
        modelId: model.id,
        backend: model.backend,
        source,
        loadMs: performance.now() - began,
        sampleRate: model.mel.sampleRate,
        windowSeconds: model.mel.windowSamples / model.mel.sampleRate,
        languages: [...model.tokens.languages.keys()],
        threads: model.threads,
        runtime: model.runtime,
      };
      // What a job would wait for. Where it cannot be had, the job that needs it says so.
      await speechDetection(model).catch(() => undefined);
      loaded = { model, report, batch: await largestBatch(model) };
      recheck.later(model.id);
      return report;
    } catch (error) {
      throw named(error);
    }
  }

  async function transcribe(
    request: JobRequest,
    port: MessagePort,
    onEvent: Parameters<EngineApi['transcribe']>[2],
  ): ReturnType<EngineApi['transcribe']> {
    if (job) throw fault('EngineFailed', 'a job is running');
    recheck.stop();
    if (!loaded) throw fault('ModelMissing', 'no model is loaded');
    const { model } = loaded;
    const { sampleRate, windowSamples } = model.mel;
    const source = new PcmSource(port, sampleRate, request.fromSample);
    const mine = { stopped: false, source };
    job = mine;
    stages = noTimes();
    counts = { tokens: 0, encoderPasses: 0, decoderSteps: 0, doneSeconds: 0, wallMs: 0 };
    gpu?.meter.resetPeak();
    let finder: SpeechFinder;
    try {
      const read = (start: number, end: number): Float32Array => source.read(start, end);
      if (request.skipSilence && sampleRate === VAD_RATE) {
        finder = silenceOut(await speechDetection(model), windowSamples, sampleRate, request.fromSample, read);
      } else {
        finder = everything(windowSamples, sampleRate, request.fromSample, read);
      }
      const report = await runJob({
        model,
        request,
        source,
        finder,
        batch: request.batch > 0 ? upTo(request.batch) : bySpeed(loaded.batch),
        cpuTwin: model.backend === 'gpu' ? () => cpuTwin(model) : null,
        stopped: () => mine.stopped || (model.device !== null && gpuLost() !== null),
        // comlink makes it a promise; a page that went away is no fault of the job.
        emit: (event) => void Promise.resolve(onEvent(event)).catch(() => undefined),
        stages,
        counts,
      });
      // A person who stops does not wait for it.
      if (model.device && report.outcome === 'done') await settle(model);
      // Noticed between two steps, a loss looks like a stop: it must not look like the person's.
      if (model.device && gpuLost() !== null) throw fault('GpuLost', gpuLost() ?? '');
      return report;
    } catch (error) {
      throw named(error);
    } finally {
      source.stop();
      job = null;
      recheck.later(model.id);
    }
  }

  /** An engine error by its name; what the store and the media worker named stays. */
  function named(error: unknown): Error {
    const known = error instanceof Error ? error : new Error(String(error));
    // No fault is called so; what the browser and ORT throw is.
    if (!known.name.endsWith('Error') || known.name === ABORTED) return known;
    if (gpuLost() !== null) return fault('GpuLost', `${gpuLost() ?? ''} (${known.message})`);
    if (/out of memory|OOM|allocation failed/i.test(known.message)) return fault('GpuOutOfMemory', known.message);
    return fault('EngineFailed', known.message);
  }

  function stopJob(): void {
    if (!job) return;
    job.stopped = true;
    job.source.nudge();
  }

  async function release(): Promise<void> {
    const old = loaded;
    loaded = null; // detached first: a request landing meanwhile loads afresh
    const others = [silero, twin];
    silero = null;
    twin = null;
    await old?.model.dispose();
    for (const other of others) await other?.dispose();
  }

  async function speechDetection(model: WhisperModel): Promise<Silero> {
    silero ??= await loadSilero(model.ort, mutex);
    return silero;
  }

  /** The same model on the CPU of the same build, made at the first need and kept. */
  async function cpuTwin(model: WhisperModel): Promise<WhisperModel> {
    twin ??= await loadModel(store, {
      id: model.id,
      backend: 'cpu',
      runtime: model.runtime,
      decoderForm: model.decoderForm,
      device: null,
      mutex,
      onProgress: () => undefined,
    });
    return twin;
  }

  function modelOf(url: string): string {
    const bundled = new URL('models/', baseUrl).href;
    return url.startsWith(bundled) ? url.slice(bundled.length).replace(/\/.*/, '') : wanted;
  }

  /** One at a time: a download, a verification or an import. */
  async function transferring<T>(modelId: string, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (transfer) throw fault('DownloadFailed', 'another download is running');
    recheck.stop();
    const controller = new AbortController();
    transfer = controller;
    wanted = modelId;
    try {
      return await task(controller.signal);
    } finally {
      transfer = null;
    }
  }

  return {
    models: () => store.states(),
    download: (modelId, onProgress) =>
      transferring(modelId, async (signal) => {
        await store.download(modelId, signal, onProgress);
      }),
    cancelDownload() {
      transfer?.abort(fault(ABORTED));
      return Promise.resolve();
    },
    verifyModel: (modelId, onProgress) => transferring(modelId, (signal) => store.verify(modelId, signal, onProgress)),
    importModels: (files, onProgress) => transferring('', (signal) => store.importFiles(files, signal, onProgress)),
    exportModel(modelId) {
      if (!transfer) wanted = modelId;
      return store.exportZip(modelId);
    },
    addModel: (hubId) => transferring(hubId, (signal) => store.add(hubId, signal)),
    useMirror: (address) => store.useMirror(address),
    mirror: () => store.mirror(),
    deleteModel: (modelId) => store.delete(modelId),
    async adapter() {
      if (!adapterReport) {
        const adapter = await findAdapter();
        adapterReport = adapter && describeAdapter(adapter);
      }
      return adapterReport;
    },
    load(request, onProgress) {
      recheck.stop();
      // One at a time; a failed load must not fail the next.
      const result = loading.then(() => load(request, onProgress));
      loading = result.catch(() => undefined);
      return result;
    },
    transcribe,
    cancel() {
      stopJob();
      return Promise.resolve();
    },
    async unload() {
      stopJob();
      recheck.stop();
      await release();
    },
    async requests(tell) {
      requests.watch(tell);
    },
    gauge() {
      const reading = gpu?.meter.read();
      return Promise.resolve({
        adapter: adapterReport,
        backend: loaded?.model.backend ?? null,
        runtime: loaded?.model.runtime ?? null,
        threads: loaded?.model.threads ?? 0,
        modelId: loaded?.model.id ?? null,
        modelBytesInMemory: loaded?.model.weightBytes ?? 0,
        gpuBytesNow: reading?.bytesNow ?? 0,
        gpuBytesPeak: reading?.bytesPeak ?? 0,
        gpuBytesTotal: reading?.bytesTotal ?? 0,
        gpuBuffers: reading?.buffers ?? 0,
        gpuBusy: gpu?.meter.busyShare() ?? 0,
        wasmHeapBytes: wasmHeapBytes(),
        loadMs: loaded?.report.loadMs ?? null,
        loadSource: loaded?.report.source ?? null,
        realTimeFactor: counts && counts.doneSeconds > 0 ? counts.wallMs / 1000 / counts.doneSeconds : null,
        tokensPerSecond: counts && stages.decodeMs > 0 ? counts.tokens / (stages.decodeMs / 1000) : null,
        stages: { ...stages },
      });
    },
  };
}

function noTimes(): StageTimes {
  return { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 };
}
