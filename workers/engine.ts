/**
 * The engine's order of things: find the GPU, load a model, run one job at a time, cancel, unload. It reads what the store
 * worker keeps and asks the network for nothing but files of the page's own. After any fault but ModelMissing and
 * ModelDamaged the page ends this worker and starts a fresh one.
 */
import { gaugeOf, type Tally } from './gauge';
import { BusyClock } from './gpu/busy';
import { createMeter, type Meter } from './gpu/meter';
import { describeAdapter, findAdapter, openDevice } from './gpu/adapter';
import { GpuHealth } from './gpu/health';
import { engineFault } from './engine-fault';
import { placeIn } from './hearing/bookmark';
import { noCounts, noTimes, type JobCounts } from './hearing/context';
import { findersOf } from './hearing/finders';
import { transcribeSound } from './hearing/job';
import { PassedOnSound } from './hearing/pass-on';
import { PcmSource } from './hearing/pcm-source';
import { Telling } from './hearing/telling';
import {
  fault,
  type AdapterReport,
  type ClockCheck,
  type EngineApi,
  type JobRequest,
  type LoadReport,
  type LoadRequest,
} from './protocol';
import { RequestLog } from './requests';
import { loadSilero, type Silero } from './speech/silero';
import { sessionFiles, type DecoderForm } from './store/model-files';
import { StoredModels } from './store/stored-models';
import { bySpeed, largestBatch, upTo } from './whisper/batch';
import { flushGpuBuffers } from './whisper/cache';
import { loadModel } from './whisper/load-model';
import type { WhisperModel } from './whisper/model';
import { placementsOf } from './whisper/placements';
import { createMutex, timed } from './onnx/mutex';
import { warmUp } from './whisper/warm-up';

/**
 * What a measurement does otherwise than the page. It is no part of the boundary: only the harness, which starts an engine
 * of its own, gives it, and may change it between two calls.
 */
export type EngineOptions = {
  /** The form of the weights; left out: the model's own. */
  form?: DecoderForm;
  /** As in `JobContext`; on unless said otherwise. */
  safetyNets?: boolean;
  /** Windows decoded at once; left out: from the memory there is and the time that batches take. */
  batch?: number;
};

export function createEngine(options: EngineOptions = {}): EngineApi {
  const requests = new RequestLog();
  const stored = new StoredModels();
  // A browser whose storage never answers shows it while nobody waits yet, not only when a model is loaded.
  void stored.models().catch(() => undefined);
  const runs = new BusyClock();
  const mutex = timed(createMutex(), runs);
  let adapterReport: AdapterReport | null = null;
  let gpu: { device: GPUDevice; meter: Meter; health: GpuHealth; lost: string | null } | null = null;
  let loaded: { model: WhisperModel; report: LoadReport; batch: number } | null = null;
  let silero: Silero | null = null;
  let twin: WhisperModel | null = null;
  let loading: Promise<unknown> = Promise.resolve();
  let job: { stopped: boolean; source: PcmSource; passOn: PassedOnSound | null } | null = null;
  let stages = noTimes();
  let counts: JobCounts | null = null;
  let clockCheck: ClockCheck | null = null;
  const tally: Tally = { modelsMade: 0, memoryHits: 0, jobs: 0, windows: 0 };

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
    const health = new GpuHealth(device);
    const opened = { device, meter: createMeter(device), health, lost: null as string | null };
    gpu = opened;
    void device.lost.then((info) => {
      opened.lost = `${info.reason}: ${info.message}`;
    });
    return opened;
  }

  async function load(request: LoadRequest, onProgress: Parameters<EngineApi['load']>[1]): Promise<LoadReport> {
    const began = performance.now();
    const entry = await stored.model(request.modelId);
    const form = options.form ?? entry.form;
    const files = sessionFiles(entry, form);
    if (request.backend === 'gpu' && !entry.backends.includes('gpu'))
      throw fault('EngineFailed', `This form of ${entry.name} runs on the CPU only.`);
    if (loaded) {
      const { model } = loaded;
      if (model.id === request.modelId && model.backend === request.backend && model.decoderForm === form) {
        if (gpu?.lost) throw fault('GpuLost', gpu.lost);
        tally.memoryHits += 1;
        loaded.report = { ...loaded.report, source: 'memory', loadMs: performance.now() - began };
        return loaded.report;
      }
      await release();
    }
    if (request.lent) stored.lend(request.lent);
    if (!(await stored.ready(request.modelId, Object.values(files)))) throw fault('ModelMissing', request.modelId);
    try {
      const opened = request.backend === 'gpu' ? await openGpu() : null;
      const device = opened?.device ?? null;
      const { modelId: id, backend } = request;
      const onKeyValues = (buffer: GPUBuffer) => opened?.meter.holdsKeyValues(buffer);
      const make = () => loadModel(stored, { id, backend, decoderForm: form, device, mutex, onProgress, onKeyValues });
      const model = await (opened ? opened.meter.takingWeights(make) : make());
      tally.modelsMade += 1;
      if (device) {
        onProgress({ phase: 'warming', loadedBytes: model.weightBytes, totalBytes: model.weightBytes });
        // A software adapter compiles in no time and takes seconds for the pass.
        if (adapterReport?.fallback !== true) await warmUp(model);
        await flushGpuBuffers(model);
        await checkGpu();
      }
      const report: LoadReport = {
        modelId: model.id,
        backend: model.backend,
        source: request.broughtMs === undefined ? 'indexeddb' : 'network',
        kept: request.lent === undefined,
        loadMs: (request.broughtMs ?? 0) + performance.now() - began,
        sampleRate: model.mel.sampleRate,
        windowSeconds: model.mel.windowSamples / model.mel.sampleRate,
        languages: [...model.tokens.languages.keys()],
        threads: model.threads,
        runtime: model.runtime,
        form: model.decoderForm,
        memoryForm: model.memoryForm,
        noWords: model.noWords,
      };
      // What a job would wait for. Where it cannot be had, the job that needs it says so.
      await speechDetection(model).catch(() => undefined);
      loaded = { model, report, batch: await largestBatch(model) };
      return report;
    } catch (error) {
      throw await named(error);
    }
  }

  async function transcribe(
    request: JobRequest,
    port: MessagePort,
    onEvent: Parameters<EngineApi['transcribe']>[2],
    voices?: MessagePort,
  ): ReturnType<EngineApi['transcribe']> {
    if (job) throw fault('EngineFailed', 'a job is running');
    if (!loaded) throw fault('ModelMissing', 'no model is loaded');
    const { model } = loaded;
    const place = placeIn(request, model.mel);
    const from = place?.fromSample ?? request.fromSample;
    const source = new PcmSource(port, model.mel.sampleRate, from, request.untilSample);
    const passOn = voices ? new PassedOnSound(voices) : null;
    const mine = { stopped: false, source, passOn };
    job = mine;
    stages = noTimes();
    const done = (counts = noCounts());
    tally.jobs += 1;
    gpu?.meter.resetPeak();
    if (model.device) gpu?.meter.passes?.watch();
    const telling = new Telling(onEvent, () => source.received + done.encoderPasses + done.decoderSteps);
    try {
      const read = (start: number, end: number): Float32Array => source.read(start, end);
      const { finder, detector } = await findersOf(request, model.mel, () => speechDetection(model), read, place);
      const batch = options.batch === undefined ? bySpeed(loaded.batch) : upTo(options.batch);
      const report = await transcribeSound({
        model,
        request,
        source,
        place,
        passOn,
        finder,
        detector,
        safetyNets: options.safetyNets ?? true,
        batch,
        cpuTwin: model.backend === 'gpu' ? () => cpuTwin(model) : null,
        gpu: model.device && (gpu?.health ?? null),
        stopped: () => mine.stopped || (model.device !== null && (gpuLost() ?? gpu?.health.broken ?? null) !== null),
        emit: (event) => {
          if (event.type === 'window') tally.windows += 1;
          telling.tell(event);
        },
        stages,
        counts: done,
      });
      // What did not fit into one job does not fit into the next either.
      if (options.batch === undefined) loaded.batch = batch.limit;
      // A person who stops does not wait for it.
      if (model.device && report.outcome === 'done') {
        clockCheck = (await gpu?.meter.passes?.read()) ?? null;
        await flushGpuBuffers(model);
      }
      if (model.device) await checkGpu();
      return report;
    } catch (error) {
      throw await named(error);
    } finally {
      source.stop();
      passOn?.end(source.end);
      await telling.end();
      job = null;
    }
  }

  /**
   * Noticed between two steps, a loss or a broken device looks like a stop: it must not look like the person's.
   * @throws GpuLost, GpuOutOfMemory, EngineFailed
   */
  async function checkGpu(): Promise<void> {
    if (gpuLost() !== null) throw fault('GpuLost', gpuLost() ?? '');
    const shortage = (await gpu?.health.takeShortage()) ?? null;
    if (shortage !== null) throw fault('GpuOutOfMemory', shortage);
    if (gpu?.health.broken) throw fault('EngineFailed', `GPU: ${gpu.health.broken}`);
  }

  async function named(error: unknown): Promise<Error> {
    const shortage = gpuLost() === null ? await gpu?.health.takeShortage() : null;
    return engineFault(error, gpuLost(), shortage ?? null);
  }

  function stopJob(): void {
    if (!job) return;
    job.stopped = true;
    job.source.nudge();
    job.passOn?.end(null);
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
    twin ??= await loadModel(stored, {
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

  return {
    async adapter() {
      if (!adapterReport) {
        const adapter = await findAdapter();
        adapterReport = adapter && describeAdapter(adapter);
      }
      return adapterReport;
    },
    load(request, onProgress) {
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
      await release();
    },
    async placements(request) {
      await release();
      try {
        const device = request.backend === 'gpu' ? (await openGpu()).device : null;
        return await placementsOf(stored, request, device, mutex);
      } catch (error) {
        throw await named(error);
      }
    },
    async requests(tell) {
      requests.watch(tell);
    },
    gauge() {
      const modelInstances = Number(loaded !== null) + Number(twin !== null);
      const { meter } = gpu ?? { meter: null };
      return Promise.resolve(
        gaugeOf({ adapter: adapterReport, meter, runs, loaded, modelInstances, tally, stages, counts, clockCheck }),
      );
    },
  };
}
