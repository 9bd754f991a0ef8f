/** The job's conversation with the engine over its MessagePort: one block per credit, a prompt stop, a named fault. */
import { fault, type FaultName, type MediaReport, type PcmMessage, type PcmRequest } from '../protocol';
import { createLogMel, melFrames, type LogMel } from '../whisper/mel';
import { decodeBlocks, type Decoded } from './decode';
import { isMediaFault, openMedia, type Media } from './open';

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
  /** Resolves on `stop`, or when the engine is gone. */
  readonly stopping: Promise<void>;

  constructor(port: MessagePort) {
    this.#port = port;
    this.begun = new Promise((resolve) => (this.#begin = resolve));
    this.stopping = new Promise((resolve) => (this.#stop = resolve));
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
    // One job, one model: its shape does not change.
    this.#logMel ??= createLogMel(shape);
    const mel = new Float32Array(shape.bins * melFrames(shape));
    this.#logMel.run(samples, mel);
    const message: PcmMessage = { type: 'mel', id, mel, ms: performance.now() - began };
    this.#port.postMessage(message, [mel.buffer]);
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
 * @returns what was sent until the end of the file or until `stop`
 * @throws a media fault, told to the engine first
 */
export async function streamPcm(file: Blob, port: MessagePort): Promise<MediaReport> {
  const send = (message: PcmMessage, transfer: Transferable[] = []): void => port.postMessage(message, transfer);
  const requests = new Requests(port);
  let media: Media | null = null;
  let source: AsyncGenerator<Float32Array<ArrayBuffer>, Decoded> | null = null;
  let sent = 0;
  let blocks = 0;
  let decodeMs = 0;
  let sampleRate = 1;
  try {
    const begin = await requests.begun;
    if (!begin) return { seconds: 0, decodeMs, blocks };
    sampleRate = begin.sampleRate;
    let start = begin.fromSample;
    let breathed = performance.now();
    const opening = openMedia(file);
    await Promise.race([opening, requests.stopping]);
    if (requests.stopped) {
      void opening.then((late) => late.dispose()).catch(() => {});
      return { seconds: 0, decodeMs, blocks };
    }
    media = await opening;
    send({ type: 'facts', facts: media.facts });
    source = decodeBlocks(media, sampleRate, start);
    for (;;) {
      if (!(await requests.credit())) break;
      const before = performance.now();
      const step: IteratorResult<Float32Array<ArrayBuffer>, Decoded> | void = await Promise.race([
        source.next(),
        requests.stopping,
      ]);
      decodeMs += performance.now() - before;
      if (!step || requests.stopped) break;
      if (step.done) {
        const { totalSamples, truncated } = step.value;
        send({ type: 'end', totalSamples, decodeMs, truncated });
        const report: MediaReport = { seconds: totalSamples / sampleRate, decodeMs, blocks };
        return truncated ? { ...report, warning: 'truncated' } : report;
      }
      const samples = step.value;
      const message: PcmMessage = { type: 'pcm', start, samples };
      start += samples.length;
      sent = start;
      blocks++;
      send(message, [samples.buffer]);
      if (performance.now() - breathed > BREATH_MS) {
        await new Promise((resolve) => setTimeout(resolve));
        breathed = performance.now();
      }
    }
    return { seconds: sent / sampleRate, decodeMs, blocks };
  } catch (error) {
    const named = isMediaFault(error) ? error : fault('EngineFailed', String(error));
    send({ type: 'fault', name: named.name as FaultName, message: named.message });
    throw named;
  } finally {
    // The port stays open: the engine has windows to hear yet, and asks for their log-mel until it says `stop`.
    media?.dispose();
    // After a stop in mid-decode this settles once the disposed input lets go; nobody has to wait for it.
    void source?.return({ totalSamples: 0, truncated: false }).catch(() => {});
  }
}
