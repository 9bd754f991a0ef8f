/** Drives the shipped media worker: plays the engine's part on the port. */
import { transfer, wrap } from 'comlink';
import {
  WHOLE_SOUND,
  type Loss,
  type MediaApi,
  type MediaFacts,
  type PcmMessage,
  type PcmRequest,
  type SoundChoice,
} from '../../workers/protocol';
import { createLogMel, melFrames } from '../../workers/mel/log-mel';

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
  /** Gives no more than the first credits until `goOn` is called; `held` tells when they are used up. */
  hold?: boolean;
  /** Also returns the sound. */
  keep?: boolean;
  choice?: SoundChoice;
};

export type Outcome = {
  facts: MediaFacts | null;
  /** Name of the fault, told over the port and by the call; null where there was none. */
  fault: string | null;
  faultDetail: string;
  rejectedAs: string | null;
  end: { totalSamples: number; truncated: boolean; loss: Loss | null } | null;
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

const pause = { release: (): void => {}, reached: (): void => {}, held: Promise.resolve() };

/** Resolves when a decode with `hold` has used up its first credits. */
export function held(): Promise<void> {
  return pause.held;
}

/** Lets a decode with `hold` go on. */
export function goOn(): void {
  pause.release();
}

/** Runs one job to its end. */
export async function decode(file: File, options: Options = {}): Promise<Outcome> {
  const { sampleRate = 16000, fromSample = 0, credits = 4, keep = false } = options;
  const outcome: Outcome = {
    facts: null,
    fault: null,
    faultDetail: '',
    rejectedAs: null,
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
  if (options.hold) pause.held = new Promise((resolve) => (pause.reached = resolve));
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
      const { totalSamples, truncated, loss = null } = message;
      outcome.end = { totalSamples, truncated, loss };
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
      else if (outcome.blocks === credits && options.hold) {
        pause.release = () => say({ type: 'pull', blocks: credits });
        pause.reached();
      } else if (options.starveMs === undefined && (!options.hold || outcome.blocks > credits)) {
        say({ type: 'pull', blocks: 1 });
      }
    }
  };
  const before = performance.now();
  const call = api().stream(file, transfer(channel.port2, [channel.port2]), options.choice ?? WHOLE_SOUND);
  say({ type: 'begin', sampleRate, fromSample });
  say({ type: 'pull', blocks: credits });
  if (options.starveMs !== undefined) setTimeout(stop, options.starveMs);
  try {
    await call;
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

/**
 * A file whose sound leaves holes: a 440 Hz tone in Opus, packets of 20 ms at the given times.
 * @param spans [from, to) in seconds, multiples of 0.02, ascending
 */
export async function opusWithHoles(container: 'webm' | 'mp4', spans: [number, number][]): Promise<File> {
  const {
    AudioSample,
    BufferTarget,
    EncodedAudioPacketSource,
    EncodedPacket,
    Mp4OutputFormat,
    Output,
    WebMOutputFormat,
  } = await import('mediabunny');
  const packets: InstanceType<typeof EncodedPacket>[] = [];
  let description: AudioDecoderConfig | undefined;
  const encoder = new AudioEncoder({
    output: (chunk, about) => {
      description ??= about?.decoderConfig;
      packets.push(EncodedPacket.fromEncodedChunk(chunk));
    },
    error: (error) => {
      throw error;
    },
  });
  encoder.configure({ codec: 'opus', sampleRate: 48000, numberOfChannels: 1, bitrate: 64000 });
  const wanted = spans.flatMap(([from, to]) =>
    Array.from({ length: Math.round((to - from) * 50) }, (_, i) => Math.round(from * 50) + i),
  );
  for (let i = 0; i < wanted.length; i++) {
    const data = Float32Array.from(
      { length: 960 },
      (_, k) => 0.5 * Math.sin((2 * Math.PI * 440 * (i * 960 + k)) / 48000),
    );
    const sample = new AudioSample({ data, format: 'f32', numberOfChannels: 1, sampleRate: 48000, timestamp: i / 50 });
    const sound = sample.toAudioData();
    encoder.encode(sound);
    sound.close();
    sample.close();
  }
  await encoder.flush();
  encoder.close();
  const target = new BufferTarget();
  const output = new Output({ format: container === 'webm' ? new WebMOutputFormat() : new Mp4OutputFormat(), target });
  const source = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(source);
  await output.start();
  for (const [i, packet] of packets.slice(0, wanted.length).entries()) {
    await source.add(packet.clone({ timestamp: wanted[i] / 50, duration: 0.02 }), {
      ...(description && { decoderConfig: description }),
    });
  }
  await output.finalize();
  return new File([target.buffer!], `holes.${container}`);
}

/** As `decode`, of `opusWithHoles`. */
export async function decodeHoles(
  container: 'webm' | 'mp4',
  spans: [number, number][],
  options: Options = {},
): Promise<Outcome> {
  return decode(await opusWithHoles(container, spans), options);
}

/**
 * Asks for the log-mel of a second of tone while the file is read, and once more when it is over.
 * @param bytes of the file, base64
 * @returns how far each answer is from the same made here, and how the file ended
 */
export async function melOfTone(bytes: string, name: string): Promise<{ distances: number[]; over: 'end' | 'fault' }> {
  const file = new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name);
  const shape = { sampleRate: 16000, windowSamples: 32000, hop: 160, fft: 400, bins: 80 };
  const tone = (): Float32Array<ArrayBuffer> => Float32Array.from({ length: 16000 }, (_, i) => 0.5 * Math.sin(i / 7));
  const expected = new Float32Array(shape.bins * melFrames(shape));
  createLogMel(shape).run(tone(), expected);

  const { port1: port, port2 } = new MessageChannel();
  const say = (request: PcmRequest): void => port.postMessage(request);
  const waiting: ((mel: Float32Array) => void)[] = [];
  const ask = (id: number): Promise<number> =>
    new Promise((resolve) => {
      waiting[id] = (mel) => resolve(mel.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0));
      say({ type: 'mel', id, shape, samples: tone() });
    });
  const over = new Promise<'end' | 'fault'>((resolve) => {
    port.onmessage = ({ data: message }: MessageEvent<PcmMessage>) => {
      if (message.type === 'mel') waiting[message.id](message.mel);
      if (message.type === 'pcm') say({ type: 'pull', blocks: 1 });
      if (message.type === 'end' || message.type === 'fault') resolve(message.type);
    };
  });
  const call = api().stream(file, transfer(port2, [port2]));
  call.catch(() => undefined);
  say({ type: 'begin', sampleRate: 16000, fromSample: 0 });
  say({ type: 'pull', blocks: 4 });
  const first = await ask(0);
  const ended = await over;
  await call.catch(() => undefined);
  const second = await ask(1);
  say({ type: 'stop' });
  return { distances: [first, second], over: ended };
}
