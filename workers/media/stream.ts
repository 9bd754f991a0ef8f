/** The job's conversation with the engine over its MessagePort: one block per credit, a prompt stop, a named fault. */
import {
  fault,
  WHOLE_SOUND,
  type FaultName,
  type Levels,
  type PcmMessage,
  type PcmRequest,
  type SoundChoice,
} from '../protocol';
import { createLogMel, melFrames, type LogMel } from '../mel/log-mel';
import { decodeBlocks, type Decoded } from './decode';
import { LevelMeter } from './level-meter';
import { isMediaFault, type Media } from './media';
import { explain, openMedia } from './open';

/** Uncompressed sound comes without a single pause of the event loop, and `stop` must be heard. Milliseconds. */
const BREATH_MS = 100;

type Begin = Extract<PcmRequest, { type: 'begin' }>;

/** What the engine has asked for so far. */
class Requests {
  readonly begun: Promise<Begin | null>;
  readonly #port: MessagePort;
  #begin: (request: Begin | null) => void = () => {};
  #stop: () => void = () => {};
  #wake: () => void = () => {};
  #credits = 0;
  #logMel: LogMel | null = null;
  stopped = false;

  constructor(port: MessagePort) {
    this.#port = port;
    this.begun = new Promise((resolve) => (this.#begin = resolve));
    port.onmessage = (event: MessageEvent<PcmRequest>) => {
      const request = event.data;
      if (request.type === 'begin') this.#begin(request);
      else if (request.type === 'pull') this.#credits += request.blocks;
      else if (request.type === 'mel') this.#answerMel(request);
      else this.#halt();
      this.#wake();
    };
    // Where the browser says that the other end died (Chrome 122), a job nobody waits for ends at once.
    port.addEventListener('close', () => this.#halt());
  }

  #halt(): void {
    this.stopped = true;
    this.#port.onmessage = null;
    this.#logMel = null;
    this.#stop();
    this.#begin(null);
    this.#wake();
  }

  /** Feature extraction is not decoding, but here it costs the GPU's worker nothing. */
  #answerMel({ id, shape, samples }: Extract<PcmRequest, { type: 'mel' }>): void {
    const began = performance.now();
    let message: PcmMessage;
    try {
      // One job, one model: its shape does not change.
      this.#logMel ??= createLogMel(shape);
      const mel = new Float32Array(shape.bins * melFrames(shape));
      this.#logMel.run(samples, mel);
      message = { type: 'mel', id, mel, ms: performance.now() - began };
    } catch (error) {
      // Whatever this is, it is no fault of the file, and the engine waits for an answer.
      message = { type: 'no-mel', id, message: String(error) };
    }
    this.#port.postMessage(message, message.type === 'mel' ? [message.mel.buffer] : []);
  }

  /**
   * Settles as `task` does, and with undefined when the engine stops first or is gone. One at a time. Nothing of a task that
   * is over is held: in a race against one promise of the stop every block of a long file would stay for the whole job.
   */
  unlessStopped<T>(task: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#stop = () => resolve(undefined);
      if (this.stopped) this.#stop();
      task.then(resolve, reject);
    });
  }

  /** Takes one credit, waiting for it; false when stopped instead. */
  async credit(): Promise<boolean> {
    while (this.#credits === 0 && !this.stopped) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.stopped) return false;
    this.#credits--;
    return true;
  }
}

/**
 * Serves one job: waits for `begin`, sends `facts`, then one block per credit, then `end`.
 * @param file never held in memory as a whole
 * @param port the engine at the other end, which also closes it
 * @param choice track and channel
 * @param tellLevels gets how loud the sound is
 * Resolves at the end of the file or after `stop`.
 * @throws a media fault, told to the engine first
 */
export async function streamPcm(
  file: Blob,
  port: MessagePort,
  choice: SoundChoice = WHOLE_SOUND,
  tellLevels: (levels: Levels) => void = () => {},
): Promise<void> {
  const send = (message: PcmMessage, transfer: Transferable[] = []): void => port.postMessage(message, transfer);
  const requests = new Requests(port);
  let media: Media | null = null;
  let source: AsyncGenerator<Float32Array<ArrayBuffer>, Decoded> | null = null;
  let decodeMs = 0;
  let meter: LevelMeter | null = null;
  const tellRest = () => {
    const rest = meter?.end() ?? null;
    meter = null;
    if (rest !== null) tellLevels(rest);
  };
  try {
    const begin = await requests.begun;
    if (!begin) return;
    const { sampleRate } = begin;
    let start = begin.fromSample;
    let breathed = performance.now();
    const opening = openMedia(file, choice);
    const opened = await requests.unlessStopped(opening);
    if (opened === undefined || requests.stopped) {
      void opening.then((late) => late.dispose()).catch(() => {});
      return;
    }
    media = opened;
    send({ type: 'facts', facts: media.facts });
    const { noSoundFault } = media;
    meter = new LevelMeter(sampleRate, start);
    source = decodeBlocks(media, sampleRate, start, choice.channel, (error) => explain(file, error, noSoundFault));
    for (;;) {
      if (!(await requests.credit())) break;
      const before = performance.now();
      const step = await requests.unlessStopped(source.next());
      decodeMs += performance.now() - before;
      if (!step || requests.stopped) break;
      if (step.done) {
        const { totalSamples, loss } = step.value;
        tellRest();
        send({ type: 'end', totalSamples, decodeMs, truncated: loss !== null, loss });
        return;
      }
      const samples = step.value;
      const levels = meter.add(samples);
      if (levels !== null) tellLevels(levels);
      const message: PcmMessage = { type: 'pcm', start, samples };
      start += samples.length;
      send(message, [samples.buffer]);
      if (performance.now() - breathed > BREATH_MS) {
        await new Promise((resolve) => setTimeout(resolve));
        breathed = performance.now();
      }
    }
  } catch (error) {
    const named = isMediaFault(error)
      ? error
      : fault('EngineFailed', error instanceof Error ? error.message : String(error));
    send({ type: 'fault', name: named.name as FaultName, message: named.message });
    throw named;
  } finally {
    tellRest();
    // The port stays open: the engine has windows to hear yet, and asks for their log-mel until it says `stop`.
    media?.dispose();
    // After a stop in mid-decode this settles once the disposed input lets go; nobody has to wait for it.
    void source?.return({ totalSamples: 0, loss: null }).catch(() => {});
  }
}
