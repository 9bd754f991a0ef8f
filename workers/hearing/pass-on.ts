/**
 * The job's sound once more, for the speakers worker: it asks for blocks as the media worker is asked (PcmRequest), and gets
 * copies of those that the job has. Who passes on waits for the one who hears, within bounds: nobody's transcript depends on
 * a worker that may have died.
 */
import type { PcmMessage, PcmRequest } from '../protocol';
import type { SoundEnd } from './pcm-source';

/** A worker that has asked for nothing for so long is given up. Milliseconds. */
const PATIENCE_MS = 30_000;

export class PassedOnSound {
  readonly #port: MessagePort;
  readonly #patienceMs: number;
  #credits = 0;
  #closed = false;
  #ended = false;
  #wake: () => void = () => undefined;

  /** @param port of the job, transferred from the page */
  constructor(port: MessagePort, patienceMs = PATIENCE_MS) {
    this.#port = port;
    this.#patienceMs = patienceMs;
    port.onmessage = ({ data }: MessageEvent<PcmRequest>) => {
      if (data.type === 'pull') this.#credits += data.blocks;
      if (data.type === 'stop') this.close();
      this.#wake();
    };
    // Where the browser says that the other end died (Chrome 122).
    port.addEventListener('close', () => this.close());
  }

  /** Sends a copy of a block when it is asked for. Never throws; does nothing when nobody hears any more. */
  async send(start: number, samples: Float32Array): Promise<void> {
    while (this.#credits === 0 && !this.#closed && !this.#ended) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const asked = await Promise.race([
        new Promise<boolean>((resolve) => (this.#wake = () => resolve(true))),
        new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), this.#patienceMs))),
      ]);
      clearTimeout(timer);
      if (!asked) this.close();
    }
    if (this.#closed || this.#ended) return;
    this.#credits -= 1;
    const copy = samples.slice();
    this.#tell({ type: 'pcm', start, samples: copy }, [copy.buffer]);
  }

  /**
   * The sound has ended. Only the first call counts.
   * @param end null: it broke off, or the job was stopped; what was sent until then is all there is
   */
  end(end: SoundEnd | null): void {
    if (this.#closed || this.#ended) return;
    this.#ended = true;
    // The port stays open for what is under way; the other end closes it.
    this.#tell(end ? { type: 'end', ...end } : { type: 'cut' });
    this.#wake();
  }

  /** Nobody hears any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#port.close();
    this.#wake();
  }

  #tell(message: PcmMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
