/** Drives the shipped media worker: plays the engine's part on the port. */
import { transfer, wrap } from 'comlink';
import type { MediaApi, MediaFacts, MediaReport, PcmMessage, PcmRequest } from '../../workers/protocol';

const input = document.createElement('input');
input.type = 'file';
input.id = 'media-file';
document.body.append(input);

/** The file a spec put into `#media-file`: on disk, as a visitor's would be. */
export function picked(): File {
  const file = input.files?.[0];
  if (!file) throw new Error('no file in #media-file');
  return file;
}

export type Options = {
  sampleRate?: number;
  fromSample?: number;
  /** Credits given at once; then one more for each block that came. */
  credits?: number;
  /** Sends `stop` when this many blocks came. */
  stopAfter?: number;
  /** Gives no further credit after the first ones, and stops after this many milliseconds. */
  starveMs?: number;
  /** Also returns the sound. */
  keep?: boolean;
};

export type Outcome = {
  facts: MediaFacts | null;
  /** Name of the fault, told over the port and by the call; null where there was none. */
  fault: string | null;
  faultDetail: string;
  rejectedAs: string | null;
  report: MediaReport | null;
  end: { totalSamples: number; truncated: boolean } | null;
  blocks: number;
  longestBlock: number;
  /** Absolute index of the first sample, and whether each block began where the one before ended. */
  firstStart: number | null;
  consecutive: boolean;
  samples: number;
  rms: number;
  wallMs: number;
  stopMs: number | null;
  /** Float32, little-endian, base64. */
  sound: string | null;
};

function base64(samples: Float32Array[]): Promise<string> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).split(',')[1] ?? '');
    reader.readAsDataURL(new Blob(samples as Float32Array<ArrayBuffer>[]));
  });
}

let worker: Worker | null = null;
const api = (): ReturnType<typeof wrap<MediaApi>> => {
  worker ??= new Worker(new URL('../../workers/media.worker.ts', import.meta.url), { type: 'module' });
  return (shared ??= wrap<MediaApi>(worker));
};
let shared: ReturnType<typeof wrap<MediaApi>> | null = null;

/** `open` alone. */
export async function facts(file: File): Promise<{ facts: MediaFacts | null; fault: string | null; wallMs: number }> {
  const before = performance.now();
  try {
    return { facts: await api().open(file), fault: null, wallMs: performance.now() - before };
  } catch (error) {
    return { facts: null, fault: (error as Error).name, wallMs: performance.now() - before };
  }
}

/** Runs one job to its end. */
export async function decode(file: File, options: Options = {}): Promise<Outcome> {
  const { sampleRate = 16000, fromSample = 0, credits = 4, keep = false } = options;
  const outcome: Outcome = {
    facts: null,
    fault: null,
    faultDetail: '',
    rejectedAs: null,
    report: null,
    end: null,
    blocks: 0,
    longestBlock: 0,
    firstStart: null,
    consecutive: true,
    samples: 0,
    rms: 0,
    wallMs: 0,
    stopMs: null,
    sound: null,
  };
  const channel = new MessageChannel();
  const port = channel.port1;
  const say = (request: PcmRequest): void => port.postMessage(request);
  const kept: Float32Array[] = [];
  let squares = 0;
  let next = fromSample;
  let stopped = 0;
  const stop = (): void => {
    stopped ||= performance.now();
    say({ type: 'stop' });
  };
  // The call may settle before the last message is here: its end is `end`, `fault` or the stop.
  let finished = (): void => {};
  const over = new Promise<void>((resolve) => (finished = resolve));
  port.onmessage = ({ data: message }: MessageEvent<PcmMessage>) => {
    if (message.type === 'facts') outcome.facts = message.facts;
    if (message.type === 'end') {
      outcome.end = { totalSamples: message.totalSamples, truncated: message.truncated };
      finished();
    }
    if (message.type === 'fault') {
      outcome.fault = message.name;
      outcome.faultDetail = message.message;
      finished();
    }
    if (message.type === 'pcm') {
      outcome.firstStart ??= message.start;
      outcome.consecutive &&= message.start === next;
      next = message.start + message.samples.length;
      outcome.blocks++;
      outcome.samples += message.samples.length;
      outcome.longestBlock = Math.max(outcome.longestBlock, message.samples.length);
      for (const value of message.samples) squares += value * value;
      if (keep) kept.push(message.samples);
      if (options.stopAfter !== undefined && outcome.blocks >= options.stopAfter) stop();
      else if (options.starveMs === undefined) say({ type: 'pull', blocks: 1 });
    }
  };
  const before = performance.now();
  const call = api().stream(file, transfer(channel.port2, [channel.port2]));
  say({ type: 'begin', sampleRate, fromSample });
  say({ type: 'pull', blocks: credits });
  if (options.starveMs !== undefined) setTimeout(stop, options.starveMs);
  try {
    outcome.report = await call;
  } catch (error) {
    outcome.rejectedAs = (error as Error).name;
  }
  outcome.wallMs = performance.now() - before;
  if (stopped) outcome.stopMs = performance.now() - stopped;
  else await over;
  port.close();
  outcome.rms = Math.sqrt(squares / Math.max(1, outcome.samples));
  if (keep) outcome.sound = await base64(kept);
  return outcome;
}

/** As `decode`, of bytes made in the test (base64). */
export async function decodeBytes(bytes: string, name: string, options: Options = {}): Promise<Outcome> {
  return decode(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name), options);
}
