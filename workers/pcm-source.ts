/**
 * The engine's end of the sound: pulls blocks from the media worker by credit and keeps what is still needed.
 */
import { fault, type MediaFacts, type MelShape, type PcmMessage, type PcmRequest } from './protocol';

/** Blocks asked for ahead. Each is about a second of sound: decoding stays ahead of the GPU, memory stays small. */
const CREDIT = 24;

export type SoundEnd = { totalSamples: number; decodeMs: number; truncated: boolean };

type Sound = Exclude<PcmMessage, { type: 'mel' }>;
type Mel = Extract<PcmMessage, { type: 'mel' }>;

export class PcmSource {
  readonly #port: MessagePort;
  readonly #arrived: Sound[] = [];
  /** Who waits for the log-mel of a window, by its number. */
  readonly #waiting = new Map<number, (mel: Mel | null) => void>();
  #asked = 0;
  #wake: (() => void) | null = null;
  #blocks: { start: number; samples: Float32Array }[] = [];
  #owed = 0;
  /** Where the sound that came so far ends, in samples of the file. */
  received: number;
  facts: MediaFacts | null = null;
  end: SoundEnd | null = null;

  /** Starts the stream. @param port of the job, transferred from the page */
  constructor(port: MessagePort, sampleRate: number, fromSample: number) {
    this.#port = port;
    this.received = fromSample;
    port.onmessage = (event: MessageEvent<PcmMessage>) => {
      const message = event.data;
      if (message.type === 'mel') {
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
        return;
      }
      this.#arrived.push(message);
      this.#wake?.();
    };
    this.#tell({ type: 'begin', sampleRate, fromSample });
    this.#tell({ type: 'pull', blocks: CREDIT });
    this.#owed = CREDIT;
  }

  /**
   * The next block, or null at the end. It is also kept for `read` until `forget`.
   * @throws the media worker's fault
   */
  async next(stopped: () => boolean): Promise<Float32Array | null> {
    for (;;) {
      if (stopped() || this.end) return null;
      const message = this.#arrived.shift();
      if (!message) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
        continue;
      }
      switch (message.type) {
        case 'facts':
          this.facts = message.facts;
          break;
        case 'fault':
          throw fault(message.name, message.message);
        case 'end':
          this.end = message;
          break;
        case 'pcm':
          this.#owed -= 1;
          if (this.#owed <= CREDIT / 2) {
            this.#tell({ type: 'pull', blocks: CREDIT - this.#owed });
            this.#owed = CREDIT;
          }
          this.received = message.start + message.samples.length;
          this.#blocks.push(message);
          return message.samples;
      }
    }
  }

  /**
   * The log-mel of a window's sound, made by the media worker while this one drives the GPU.
   * @param samples taken over
   * @returns [bins, frames]; null when the job was stopped meanwhile
   */
  logMel(samples: Float32Array<ArrayBuffer>, shape: MelShape): Promise<Mel | null> {
    const id = this.#asked++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#tell({ type: 'mel', id, shape, samples }, [samples.buffer]);
    });
  }

  /** Wakes whoever waits so that it sees a stop. */
  nudge(): void {
    this.#wake?.();
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }

  /** Copies [start, end) of the file into `out` at `at`; what is not there is left as it is. */
  copy(start: number, end: number, out: Float32Array, at: number): void {
    for (const block of this.#blocks) {
      const from = Math.max(start, block.start);
      const to = Math.min(end, block.start + block.samples.length);
      if (from < to) out.set(block.samples.subarray(from - block.start, to - block.start), at + from - start);
    }
  }

  read(start: number, end: number): Float32Array {
    const out = new Float32Array(end - start);
    this.copy(start, end, out, 0);
    return out;
  }

  /** Sound before `sample` is not needed any more. */
  forget(sample: number): void {
    this.#blocks = this.#blocks.filter((block) => block.start + block.samples.length > sample);
  }

  /** Ends the stream; the media worker frees its decoder. */
  stop(): void {
    this.#tell({ type: 'stop' });
    this.nudge();
    this.#port.onmessage = null;
    this.#port.close();
    this.#blocks = [];
  }

  #tell(request: PcmRequest, transfer: Transferable[] = []): void {
    this.#port.postMessage(request, transfer);
  }
}
