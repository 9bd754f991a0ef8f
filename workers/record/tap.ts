/**
 * The audio worklet of a recording: measures the sound that passes, and while it records hands it to the recorder worker
 * over a port of its own. The page's thread takes no part in that, so a busy page costs no sound.
 */
import type { TapLevel, TapMessage, TapOrder } from '../protocol';

// What TypeScript's libraries do not have (Web Audio API, section 1.32).
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Sound is handed over, and its level told, in pieces of this length: a twentieth of a second. */
const BLOCK = Math.round(sampleRate / 20);

class Tap extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;
  /** Samples handed over so far. */
  #samples = 0;
  /** The recorder's; null: nothing is recorded. */
  #recorder: MessagePort | null = null;
  #paused = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<TapOrder>) => this.#obey(data);
  }

  /** @param inputs of the one input its one channel, into which the browser mixes whatever is connected */
  process(inputs: Float32Array[][]): boolean {
    const input = inputs[0]?.[0];
    if (input === undefined) return true;
    for (let at = 0; at < input.length;) {
      const part = input.subarray(at, at + BLOCK - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK) this.#pass();
    }
    return true;
  }

  #obey(order: TapOrder): void {
    switch (order.type) {
      case 'record':
        this.#filled = 0;
        this.#samples = 0;
        this.#paused = false;
        this.#recorder = order.port;
        break;
      case 'pause':
        this.#pass();
        this.#paused = order.paused;
        this.#say({ type: 'pause' });
        break;
      case 'end':
        this.#pass();
        this.#say({ type: 'end' });
        this.#recorder = null;
        break;
    }
  }

  /** Tells the level of the block, and hands it over. */
  #pass(): void {
    if (this.#filled === 0) return;
    const samples = this.#block.slice(0, this.#filled);
    this.#filled = 0;
    const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (this.#recorder !== null && !this.#paused) {
      this.#samples += samples.length;
      this.#say({ type: 'pcm', samples }, [samples.buffer]);
    }
    this.port.postMessage({ peak, seconds: this.#samples / sampleRate } satisfies TapLevel);
  }

  #say(message: TapMessage, transfer: Transferable[] = []): void {
    this.#recorder?.postMessage(message, transfer);
  }
}

registerProcessor('tap', Tap);
