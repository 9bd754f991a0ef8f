/** Damages files in every way a disk, a network or a program does, and reads each of them to its end. */
import { transfer, wrap } from 'comlink';
import type { MediaApi, PcmMessage, PcmRequest } from '../../workers/protocol';
import { randomFrom } from '../unit/random.ts';
import { damaged } from './damage.ts';

/** Longer is a hang. Milliseconds. */
const PATIENCE_MS = 20_000;
/** No sound of a clip of three seconds is longer than what a damaged clock may claim: an hour of silence and a bit. */
const MOST_SECONDS = 40_000;

type Api = ReturnType<typeof wrap<MediaApi>>;

/** Reads one file as the engine would. @returns the fault, `end`, or what went wrong */
async function hear(api: Api, file: File, track: number | null, fromSample: number): Promise<string> {
  const { port1: port, port2 } = new MessageChannel();
  const say = (request: PcmRequest): void => port.postMessage(request);
  let seconds = 0;
  const over = new Promise<string>((resolve) => {
    port.onmessage = ({ data: message }: MessageEvent<PcmMessage>) => {
      if (message.type === 'fault') resolve(message.name);
      if (message.type === 'end') resolve('end');
      if (message.type !== 'pcm') return;
      seconds += message.samples.length / 16000;
      if (message.samples.some((value) => !Number.isFinite(value))) resolve('samples that are no numbers');
      else if (seconds > MOST_SECONDS) resolve(`${seconds} seconds from nothing`);
      else say({ type: 'pull', blocks: 1 });
    };
  });
  const call = api.stream(file, transfer(port2, [port2]), { track, channel: null }).then(
    () => null,
    (error: unknown) => (error as Error).name,
  );
  say({ type: 'begin', sampleRate: 16000, fromSample });
  say({ type: 'pull', blocks: 8 });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => (timer = setTimeout(() => resolve('hangs'), PATIENCE_MS)));
  const told = await Promise.race([over, late]);
  clearTimeout(timer);
  say({ type: 'stop' });
  const rejected = told === 'hangs' ? null : await call;
  port.close();
  if (told !== 'end' && told !== 'hangs' && rejected !== null && rejected !== told) return `${told}, then ${rejected}`;
  return told;
}

export type FuzzReport = {
  /** How often each ending came. */
  endings: Record<string, number>;
  /** Files that ended in another way than with sound or a fault of a file. */
  wrong: string[];
  slowestMs: number;
  /** What of memory the page and its workers hold at the end; null where the browser does not say. */
  megabytes: number | null;
};

const GOOD = ['end', 'EmptyFile', 'UnsupportedFormat', 'NoAudioTrack', 'DamagedFile'];

/**
 * Damages files and reads them.
 * @param files name and base64 of whole ones
 */
export async function fuzz(files: [string, string][], count: number, seed: number): Promise<FuzzReport> {
  const random = randomFrom(seed);
  const whole = files.map(([, base64]) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  const report: FuzzReport = { endings: {}, wrong: [], slowestMs: 0, megabytes: null };
  const start = (): { worker: Worker; api: Api } => {
    const worker = new Worker(new URL('../../workers/media.worker.ts', import.meta.url), { type: 'module' });
    return { worker, api: wrap<MediaApi>(worker) };
  };
  let { worker, api } = start();
  for (let i = 0; i < count; i++) {
    const pick = i % files.length;
    const { bytes, how } = damaged(whole[pick], random, whole);
    const fromSample = random.next() < 0.3 ? random.whole(1, 40_000) : 0;
    const file = new File([bytes as Uint8Array<ArrayBuffer>], files[pick][0]);
    const before = performance.now();
    const ending = await hear(api, file, null, fromSample);
    report.slowestMs = Math.max(report.slowestMs, performance.now() - before);
    report.endings[ending] = (report.endings[ending] ?? 0) + 1;
    if (GOOD.includes(ending)) continue;
    report.wrong.push(`${ending}: ${files[pick][0]}, ${how}, from ${fromSample} (${i} of seed ${seed})`);
    if (ending !== 'hangs') continue;
    worker.terminate();
    ({ worker, api } = start());
  }
  const measure = (performance as { measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }> })
    .measureUserAgentSpecificMemory;
  if (measure && crossOriginIsolated) report.megabytes = (await measure.call(performance)).bytes / 1e6;
  worker.terminate();
  return report;
}
