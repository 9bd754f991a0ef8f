/**
 * One file's way through the engine: open, load, transcribe; on a GPU fault go on with the CPU from the last finished
 * window, on a CPU fault try once more in a fresh worker. Knows no UI: it is told by calls and tells by steps.
 */
import {
  ABORTED,
  fault,
  type Backend,
  type BackendChoice,
  type FaultName,
  type JobEvent,
  type JobReport,
  type JobRequest,
  type LoadReport,
  type LoadRequest,
  type MediaFacts,
  type WindowResult,
} from '../../workers/protocol.ts';
import { asFault, cpuCanTakeOver, type TakenOver } from '../faults.ts';

/** Why it is the CPU though the person did not ask for it. */
export type WhyCpu = 'cpu-model' | 'no-gpu' | 'software-gpu' | 'wrong-results';

/** What the job needs of the engine. */
export type Bench = {
  open(file: File, signal: AbortSignal): Promise<MediaFacts>;
  backendFor(choice: BackendChoice, modelId: string): Promise<{ backend: Backend; why: WhyCpu | null }>;
  prepare(request: LoadRequest, signal: AbortSignal): Promise<LoadReport>;
  transcribe(
    file: File,
    request: JobRequest,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ): Promise<JobReport>;
  blameGpu(name: FaultName): void;
};

export type Order = {
  file: File;
  /** Known already, or null. */
  facts: MediaFacts | null;
  modelId: string;
  backend: BackendChoice;
  /** `fromSample`: everything before is transcribed and kept. */
  request: JobRequest;
};

export type Step =
  | { type: 'opening' }
  | { type: 'opened'; facts: MediaFacts }
  | { type: 'loading' }
  | { type: 'loaded'; load: LoadReport }
  /** It is the CPU, for a reason worth telling. */
  | { type: 'no-gpu'; why: WhyCpu }
  /** The CPU goes on from `atSeconds`. */
  | { type: 'took-over'; name: TakenOver; detail: string; atSeconds: number }
  /** The model doesn't know the language that was chosen; it listens for itself. */
  | { type: 'language-unknown'; language: string }
  | { type: 'event'; event: JobEvent };

/** Resolves with the report of the last stretch. Rejects with a fault or AbortError; the windows told of are kept. */
export async function runJob(
  bench: Bench,
  order: Order,
  tell: (step: Step) => void,
  signal: AbortSignal,
): Promise<JobReport> {
  if (order.facts === null) {
    tell({ type: 'opening' });
    tell({ type: 'opened', facts: await bench.open(order.file, signal) });
  }
  tell({ type: 'loading' });
  const choice = await bench.backendFor(order.backend, order.modelId);
  if (choice.why !== null) tell({ type: 'no-gpu', why: choice.why });

  let { backend } = choice;
  let { fromSample, heardLanguage } = order.request;
  let sampleRate: number | null = null;
  let freshTries = 1;
  for (;;) {
    if (signal.aborted) throw fault(ABORTED);
    try {
      tell({ type: 'loading' });
      const load = await bench.prepare({ modelId: order.modelId, backend }, signal);
      sampleRate = load.sampleRate;
      tell({ type: 'loaded', load });
      const language = spoken(order.request.language, load);
      if (language !== order.request.language)
        tell({ type: 'language-unknown', language: order.request.language ?? '' });
      return await bench.transcribe(
        order.file,
        { ...order.request, language, fromSample, heardLanguage },
        (event) => {
          if (event.type === 'window') {
            fromSample = Math.max(fromSample, event.window.endSample);
            heardLanguage = languageOf(event.window);
          }
          tell({ type: 'event', event });
        },
        signal,
      );
    } catch (error) {
      const { name, detail } = asFault(error);
      if (signal.aborted || name === ABORTED || !cpuCanTakeOver(name)) throw error;
      if (backend === 'gpu') {
        backend = 'cpu';
        bench.blameGpu(name);
        tell({ type: 'took-over', name, detail, atSeconds: sampleRate === null ? 0 : fromSample / sampleRate });
      } else if (freshTries > 0) {
        freshTries -= 1;
      } else {
        throw error;
      }
    }
  }
}

/** What a window's file was taken to be in. */
export function languageOf(window: WindowResult): NonNullable<JobRequest['heardLanguage']> {
  return { language: window.language, probability: window.languageProbability };
}

/** The language asked for, or null (detect) where the model's own list does not have it. */
function spoken(language: string | null, load: LoadReport): string | null {
  if (language === null || load.languages.length === 0 || load.languages.includes(language)) return language;
  return null;
}
