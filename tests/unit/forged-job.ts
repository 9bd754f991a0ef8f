/** A job on a forged model: sound that tells which window it is, a media worker of the test's own, speech where it says. */
import { expect } from 'playwright/test';
import { GpuHealth } from '../../workers/gpu/health.ts';
import { transcribeSound, type JobContext } from '../../workers/hearing/job.ts';
import { PcmSource } from '../../workers/hearing/pcm-source.ts';
import {
  DEFAULT_JOB,
  type JobEvent,
  type JobReport,
  type JobRequest,
  type MelShape,
  type PcmMessage,
  type PcmRequest,
  type WindowResult,
} from '../../workers/protocol.ts';
import type { ReadSound, SpeechFinder } from '../../workers/speech/speech.ts';
import type { SampleRange } from '../../workers/speech/ranges.ts';
import { upTo } from '../../workers/whisper/batch.ts';
import { createLogMel, melFrames } from '../../workers/mel/log-mel.ts';
import { forgedModel, logitsOf, time, type Asked, type Forged } from './forged-model.ts';

export const RATE = 16000;
export const en = { language: 'en' } as const;

/** Window k of a file says two words that are its own. */
export const spoken = (windows: number): Record<number, number[]> =>
  Object.fromEntries(Array.from({ length: windows }, (_, k) => [k, [time(0), k, k + 10, time(50)]]));

/** Each window is a little quieter than the one before, and none so quiet that it is brought up (prepare.ts). */
const FADE = 0.8;

/** The sound of a window, which tells the forged encoder which one it is. */
export function soundOf(window: number, seconds = 1): Float32Array<ArrayBuffer> {
  const loudness = 0.9 * FADE ** window;
  return Float32Array.from({ length: seconds * RATE }, (_, i) => loudness * Math.sin((2 * Math.PI * 1000 * i) / RATE));
}

export function melOf(samples: Float32Array, shape: MelShape): Float32Array<ArrayBuffer> {
  const mel = new Float32Array(shape.bins * melFrames(shape));
  createLogMel(shape).run(samples, mel);
  return mel;
}

const loudest = (mel: Float32Array): number => mel.reduce((a, b) => Math.max(a, b));
const reference = loudest(melOf(soundOf(0), forgedModel(() => logitsOf({})).model.mel));
/** Power is the square of the amplitude, and the log-mel a quarter of the power's logarithm. */
export const windowOfMel = (mel: Float32Array): number =>
  Math.round((loudest(mel) - reference) / (Math.log10(FADE ** 2) / 4));

/** A window that is heard a second time is this much more: it ends in silence, where the first was full of sound. */
export const AGAIN = 100;
export function windowOrAgain(mel: Float32Array): number {
  const frames = mel.length / 80;
  const floor = mel.reduce((a, b) => Math.min(a, b));
  let last = 0;
  for (let i = 0; i < mel.length; i++) if (mel[i] > floor + 0.01) last = Math.max(last, i % frames);
  return windowOfMel(mel) + (last < frames - 5 ? AGAIN : 0);
}

export const forge = (
  answer: (asked: Asked) => Float32Array,
  options: Parameters<typeof forgedModel>[1] = {},
): Forged => forgedModel(answer, { window: windowOfMel, ...options });

/** Speech at these seconds of the file, told as a detector does: a region when it has ended, up to `lag` seconds late. */
export function detectorOf(speech: readonly { start: number; end: number }[], lag = 0): SpeechFinder {
  const regions = speech.map(({ start, end }): SampleRange => ({
    start: Math.round(start * RATE),
    end: Math.round(end * RATE),
  }));
  let received = 0;
  let known = 0;
  let told = 0;
  const tell = (to: number): SampleRange[] => {
    known = to;
    const ended = regions.slice(told).filter((region) => region.end <= known);
    told += ended.length;
    return ended;
  };
  return {
    push: (block) => {
      received += block.length;
      return Promise.resolve(tell(Math.max(0, received - Math.round(lag * RATE))));
    },
    flush: () => {
      const rest = tell(received);
      const [open] = regions.slice(told);
      return Promise.resolve(open && open.start < received ? [...rest, { start: open.start, end: received }] : rest);
    },
    get neededFrom() {
      return this.openFrom ?? known;
    },
    get knownTo() {
      return known;
    },
    get openFrom() {
      const open = regions[told] as SampleRange | undefined;
      return open && open.start < known ? open.start : null;
    },
    spentMs: 0,
    get state() {
      return { received };
    },
  };
}

export type Run = { report: JobReport; windows: WindowResult[]; events: JobEvent[] };

export type JobOptions = {
  safetyNets?: boolean;
  batch?: number;
  gpu?: GpuHealth | null;
  twin?: Forged;
  /** Seconds of the file where a detector hears speech; left out: nobody looks for it. */
  speech?: readonly { start: number; end: number }[];
  /** How late the detector knows, seconds. */
  lag?: number;
  finder?: (read: ReadSound) => SpeechFinder;
  onEvent?: (event: JobEvent) => void;
  onMel?: () => void;
  stopped?: () => boolean;
  flush?: SpeechFinder['flush'];
  /** Sound of a window; by default it is as long as the model's. */
  sound?: (window: number) => Float32Array<ArrayBuffer>;
};

/** A job on a file of so many stretches of sound, each a window of its own unless `finder` says otherwise. */
export function jobOf(
  forged: Forged,
  count: number,
  request: Partial<JobRequest> = {},
  {
    safetyNets = true,
    batch = 1,
    gpu = forged.model.backend === 'gpu' ? new GpuHealth(null) : null,
    twin,
    speech,
    lag = 0,
    finder,
    onEvent = () => undefined,
    onMel = () => undefined,
    stopped = () => false,
    flush = () => Promise.resolve([]),
    sound = (window) => soundOf(window, forged.model.mel.windowSamples / RATE),
  }: JobOptions = {},
): { context: JobContext; events: JobEvent[]; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  let sent = 0;
  let start = 0;
  port1.onmessage = ({ data }: MessageEvent<PcmRequest>) => {
    const say = (message: PcmMessage): void => port1.postMessage(message);
    if (data.type === 'mel') {
      onMel();
      say({ type: 'mel', id: data.id, mel: melOf(data.samples, data.shape), ms: 1 });
    }
    if (data.type !== 'pull') return;
    for (let i = 0; i < data.blocks && sent < count; i++, sent++) {
      const samples = sound(sent);
      say({ type: 'pcm', start, samples });
      start += samples.length;
    }
    if (sent === count) say({ type: 'end', totalSamples: start, decodeMs: 1, truncated: false });
  };
  const source = new PcmSource(port2, RATE, 0, request.untilSample);
  let at = 0;
  const events: JobEvent[] = [];
  const context: JobContext = {
    model: forged.model,
    request: { ...DEFAULT_JOB, ...request },
    source,
    place: null,
    passOn: null,
    finder: finder?.((from, to) => source.read(from, to)) ?? {
      push: (block) => {
        const from = at;
        at += block.length;
        return Promise.resolve([{ start: from, end: at }]);
      },
      flush,
      get neededFrom() {
        return at;
      },
      get knownTo() {
        return at;
      },
      openFrom: null,
      spentMs: 0,
      get state() {
        return { received: at };
      },
    },
    detector: speech ? detectorOf(speech, lag) : null,
    safetyNets,
    batch: upTo(batch),
    cpuTwin: twin ? () => Promise.resolve(twin.model) : null,
    gpu,
    stopped,
    emit: (event) => {
      events.push(event);
      onEvent(event);
    },
    stages: { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 },
    counts: { tokens: 0, encoderPasses: 0, decoderSteps: 0, doneSeconds: 0, wallMs: 0 },
  };
  const close = (): void => {
    source.stop();
    port1.close();
    expect(forged.ledger.alive, 'tensors after the job').toBe(0);
    if (twin) expect(twin.ledger.alive, 'tensors of the CPU after the job').toBe(0);
  };
  return { context, events, close };
}

/** A whole file through a job. */
export async function hear(...job: Parameters<typeof jobOf>): Promise<Run> {
  const { context, events, close } = jobOf(...job);
  try {
    const report = await transcribeSound(context);
    return { report, events, windows: events.flatMap((event) => (event.type === 'window' ? [event.window] : [])) };
  } finally {
    close();
  }
}

export const texts = ({ windows }: Run): string[] =>
  windows.map((window) => window.cues.map((cue) => cue.text).join('|'));
