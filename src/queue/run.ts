/**
 * One file's way through the engine: open, load, transcribe; on a GPU fault go on with the CPU from the last finished
 * window, on a CPU fault try once more in a fresh worker. Knows no UI: it is called, and reports by steps.
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
  type MediaFacts,
  type SoundChoice,
  WHOLE_SOUND,
} from '../../workers/protocol.ts';
import type { BackendAnswer, WhyCpu } from '../engine/backend-answer.ts';
import type { Listener } from '../engine/listener.ts';
import { asFault, cpuCanTakeOver, type TakenOver } from '../faults.ts';
import { languageOf } from './heard-language.ts';

/** The engine, as far as a file needs it. */
export type Transcriber = Listener & {
  open(file: File, signal: AbortSignal, choice: SoundChoice): Promise<MediaFacts>;
  backendFor(choice: BackendChoice, modelId: string, signal: AbortSignal): Promise<BackendAnswer>;
  blameGpu(name: FaultName): void;
};

/** Where a job begins: with the sound, or behind the last window that is kept. */
export type Beginning = Pick<JobRequest, 'fromSample' | 'heardLanguage' | 'bookmark'>;

/** What is heard in one go: all sound of a file or one of its channels, from where, and in which language so far. */
export type Part = Beginning & { choice: SoundChoice };

export type Order = {
  file: File;
  /** What is known of the file; null: it was not opened yet. */
  facts: MediaFacts | null;
  modelId: string;
  backend: BackendChoice;
  /** Index of the sound track; null: the first that can be decoded and has speech. */
  track: number | null;
  /** Some of the file was heard before and had words: its track stays the one that is heard. */
  hasWords: boolean;
  /**
   * The track heard so far had no speech: what was kept of it goes, and this one is heard.
   * @param track null: it is left open again which, because none of them has speech
   */
  changeTrack: (track: number | null) => Promise<void>;
  request: Omit<JobRequest, keyof Beginning>;
  /** What is heard, one after another. `fromSample`: everything before is transcribed and kept. */
  parts: (facts: MediaFacts) => readonly Part[];
};

export type Step =
  | { type: 'opening' }
  | { type: 'opened'; facts: MediaFacts }
  | { type: 'loading' }
  /** `part`: what is heard now. */
  | { type: 'loaded'; load: LoadReport; part: Part }
  /** The CPU is used, for a reason that the person should hear of. */
  | { type: 'no-gpu'; why: WhyCpu }
  /** The CPU goes on from `atSeconds`. */
  | { type: 'took-over'; name: TakenOver; detail: string; atSeconds: number }
  /** The model doesn't know the language that was chosen; it listens for itself. */
  | { type: 'language-unknown'; language: string }
  | { type: 'event'; event: JobEvent; part: Part };

/**
 * Resolves with the report of the last stretch; of several parts, with the sum of theirs. Where no track was chosen and
 * the first has no speech at all, the tracks after it are heard in turn until one has; with speech in none of them, the
 * file ends on the first one again. Rejects with a fault or AbortError; the windows reported until then are kept.
 */
export async function transcribeFile(
  engine: Transcriber,
  order: Order,
  onStep: (step: Step) => void,
  signal: AbortSignal,
): Promise<JobReport> {
  const open = async (track: number | null): Promise<MediaFacts> => {
    onStep({ type: 'opening' });
    const facts = await engine.open(order.file, signal, { ...WHOLE_SOUND, track });
    onStep({ type: 'opened', facts });
    return facts;
  };
  let facts = order.facts ?? (await open(order.track));
  onStep({ type: 'loading' });
  const choice = await engine.backendFor(order.backend, order.modelId, signal);
  if (choice.why !== null) onStep({ type: 'no-gpu', why: choice.why });

  const silent: JobReport[] = [];
  let { backend } = choice;
  for (;;) {
    const heard = await hearTrack(engine, { ...order, facts, backend }, onStep, signal);
    const { report, hasWords } = heard;
    if (order.track !== null || order.hasWords || hasWords || report.outcome !== 'done') return report;
    silent.push(report);
    backend = heard.backend;
    const track = trackAfter(facts);
    if (track === null) break;
    await order.changeTrack(track);
    facts = await open(track);
  }
  if (silent.length > 1) {
    await order.changeTrack(null);
    await open(null);
  }
  return silent[0];
}

/** Index of the next track that can be decoded, or null. */
function trackAfter({ track, tracks }: MediaFacts): number | null {
  if (track === undefined || tracks === undefined) return null;
  const next = tracks.findIndex(({ decodable }, index) => index > track && decodable);
  return next < 0 ? null : next;
}

/** All parts of one track: the sum of their reports, the backend that they ended on, and whether any cue came. */
async function hearTrack(
  engine: Transcriber,
  order: Omit<Order, 'facts'> & { facts: MediaFacts; backend: Backend },
  onStep: (step: Step) => void,
  signal: AbortSignal,
): Promise<{ report: JobReport; backend: Backend; hasWords: boolean }> {
  const parts = order.parts(order.facts);
  const reports: JobReport[] = [];
  let { backend } = order;
  let hasWords = false;
  for (const [index, part] of parts.entries()) {
    const report = await hearPart(
      engine,
      { ...order, part, backend },
      (step) => {
        if (step.type === 'took-over') backend = 'cpu';
        if (step.type === 'event' && step.event.type === 'window') hasWords ||= step.event.window.cues.length > 0;
        onStep(step.type === 'event' ? { ...step, event: spread(step.event, index, parts.length) } : step);
      },
      signal,
    );
    reports.push(report);
    if (report.outcome === 'cancelled') break;
  }
  return { report: reports.reduce(summed), backend, hasWords };
}

/** One part: on a GPU fault the CPU goes on, on a CPU fault a fresh worker, once. */
async function hearPart(
  engine: Transcriber,
  order: Omit<Order, 'backend'> & { part: Part; backend: Backend },
  onStep: (step: Step) => void,
  signal: AbortSignal,
): Promise<JobReport> {
  const { part } = order;
  let { backend } = order;
  let { fromSample, heardLanguage, bookmark } = part;
  let sampleRate: number | null = null;
  let freshTries = 1;
  for (;;) {
    if (signal.aborted) throw fault(ABORTED);
    try {
      onStep({ type: 'loading' });
      const load = await engine.prepare({ modelId: order.modelId, backend }, signal);
      sampleRate = load.sampleRate;
      onStep({ type: 'loaded', load, part });
      const language = spoken(order.request.language, load);
      if (language !== order.request.language)
        onStep({ type: 'language-unknown', language: order.request.language ?? '' });
      return await engine.transcribe(
        order.file,
        { ...order.request, language, fromSample, heardLanguage, bookmark },
        (event) => {
          if (event.type === 'window') {
            fromSample = Math.max(fromSample, event.window.endSample);
            heardLanguage = languageOf(event.window);
            bookmark = event.window.bookmark ?? null;
          }
          onStep({ type: 'event', event, part });
        },
        signal,
        part.choice,
      );
    } catch (error) {
      const { name, detail } = asFault(error);
      if (signal.aborted || name === ABORTED || !cpuCanTakeOver(name)) throw error;
      if (backend === 'gpu') {
        backend = 'cpu';
        engine.blameGpu(name);
        onStep({ type: 'took-over', name, detail, atSeconds: sampleRate === null ? 0 : fromSample / sampleRate });
      } else if (freshTries > 0) {
        freshTries -= 1;
      } else {
        throw error;
      }
    }
  }
}

/** Progress of one part of several, on the whole file's scale. */
function spread(event: JobEvent, index: number, parts: number): JobEvent {
  if (event.type !== 'progress' || parts === 1) return event;
  const { doneSeconds, audioSeconds, speed, secondsLeft } = event;
  if (audioSeconds === null) return { ...event, doneSeconds: 0, secondsLeft: null, speed: speed / parts };
  const after = speed > 0 ? ((parts - 1 - index) * audioSeconds) / speed : 0;
  return {
    ...event,
    doneSeconds: (index * audioSeconds + doneSeconds) / parts,
    speed: speed / parts,
    secondsLeft: secondsLeft === null ? null : secondsLeft + after,
  };
}

/** Two parts of one file as one report: the length is the file's, the work is the sum. */
function summed(first: JobReport, second: JobReport): JobReport {
  const stages = { ...first.stages };
  for (const stage of Object.keys(stages) as (keyof typeof stages)[]) stages[stage] += second.stages[stage];
  return {
    ...second,
    truncated: first.truncated || second.truncated,
    loss: first.loss ?? second.loss ?? null,
    wallMs: first.wallMs + second.wallMs,
    windows: first.windows + second.windows,
    cues: first.cues + second.cues,
    tokens: first.tokens + second.tokens,
    encoderPasses: first.encoderPasses + second.encoderPasses,
    decoderSteps: first.decoderSteps + second.decoderSteps,
    cpuRetries: first.cpuRetries + second.cpuRetries,
    firstTextMs: first.firstTextMs ?? second.firstTextMs,
    stages,
  };
}

/** The language asked for, or null (detect) where the model's own list does not have it. */
function spoken(language: string | null, load: LoadReport): string | null {
  if (language === null || load.languages.length === 0 || load.languages.includes(language)) return language;
  return null;
}
