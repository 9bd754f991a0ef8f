/**
 * The engine's end of the sound: pulls blocks from the media worker by credit and keeps what is still needed.
 */
import { fault, type Loss, type MediaFacts, type MelShape, type PcmMessage, type PcmRequest } from '../protocol';

/** Blocks asked for ahead. Each is about a second of sound: decoding stays ahead of the GPU, memory stays small. */
const CREDIT = 24;

export type SoundEnd = { totalSamples: number; decodeMs: number; truncated: boolean; loss?: Loss | null };

type Sound = Exclude<PcmMessage, { type: 'mel' | 'no-mel' }>;
type Mel = Extract<PcmMessage, { type: 'mel' }>;
type NoMel = Extract<PcmMessage, { type: 'no-mel' }>;

export class PcmSource {
  readonly #port: MessagePort;
  readonly #until: number;
  readonly #arrived: Sound[] = [];
  /** Who waits for the log-mel of a window, by its number. */
  readonly #waiting = new Map<number, (mel: Mel | NoMel | null) => void>();
  #asked = 0;
  #wake: (() => void) | null = null;
  #blocks: { start: number; samples: Float32Array }[] = [];
  #owed = 0;
  /** Where the sound that came so far ends, in samples of the file. */
  received: number;
  facts: MediaFacts | null = null;
  end: SoundEnd | null = null;
  /** What came is not all of it: whoever passed it on has stopped. */
  cut = false;

  /**
   * Starts the stream.
   * @param port of the job, transferred from the page
   * @param untilSample what comes from there on is as if it were not there
   */
  constructor(port: MessagePort, sampleRate: number, fromSample: number, untilSample = Infinity) {
    this.#port = port;
    this.#until = untilSample;
    this.received = fromSample;
    port.onmessage = (event: MessageEvent<PcmMessage>) => {
      const message = event.data;
      if (message.type === 'mel' || message.type === 'no-mel') {
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
      if (stopped() || this.end || this.cut) return null;
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
        case 'cut':
          this.cut = true;
          break;
        case 'pcm': {
          if (message.start + message.samples.length >= this.#until) return this.#last(message);
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
  }

  /** What of a block is wanted, where nothing behind it is: the sound ends with it. Null: nothing. */
  #last({ start, samples }: Extract<PcmMessage, { type: 'pcm' }>): Float32Array | null {
    const wanted = samples.subarray(0, Math.max(0, this.#until - start));
    this.end = { totalSamples: start + wanted.length, decodeMs: 0, truncated: false };
    this.received = this.end.totalSamples;
    if (wanted.length === 0) return null;
    this.#blocks.push({ start, samples: wanted });
    return wanted;
  }

  /**
   * The log-mel of a window's sound, made by the media worker while this one drives the GPU.
   * @param samples taken over
   * @returns [bins, frames]; null when the job was stopped meanwhile
   * @throws EngineFailed when it could not be made
   */
  logMel(samples: Float32Array<ArrayBuffer>, shape: MelShape): Promise<Mel | null> {
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        if (answer?.type === 'no-mel') reject(fault('EngineFailed', answer.message));
        else resolve(answer);
      });
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
