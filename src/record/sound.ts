/** The sound of the sources, mixed to one channel and handed to a worklet that measures and passes it on. */
import tapUrl from '../../workers/record/tap.ts?worker&url';
import type { TapLevel, TapOrder } from '../../workers/protocol.ts';

export class Sound {
  readonly #context: AudioContext;
  readonly #tap: AudioWorkletNode;

  /** @param context made in the event of the click, because Safari starts no other */
  static async open(
    context: AudioContext,
    streams: readonly MediaStream[],
    onLevel: (level: TapLevel) => void,
  ): Promise<Sound> {
    await context.audioWorklet.addModule(tapUrl);
    return new Sound(context, streams, onLevel);
  }

  private constructor(context: AudioContext, streams: readonly MediaStream[], onLevel: (level: TapLevel) => void) {
    this.#context = context;
    this.#tap = new AudioWorkletNode(context, 'tap', { channelCount: 1, channelCountMode: 'explicit' });
    this.#tap.port.onmessage = ({ data }: MessageEvent<TapLevel>) => onLevel(data);
    for (const stream of streams) context.createMediaStreamSource(stream).connect(this.#tap);
    // Some browsers run only what leads to the loudspeakers. Nothing is heard: the worklet gives silence.
    this.#tap.connect(context.destination);
    void context.resume();
  }

  get sampleRate(): number {
    return this.#context.sampleRate;
  }

  /** @param port the recorder's: it gets the sound from now on */
  record(port: MessagePort): void {
    this.#order({ type: 'record', port }, [port]);
  }

  pause(paused: boolean): void {
    this.#order({ type: 'pause', paused });
  }

  end(): void {
    this.#order({ type: 'end' });
  }

  /** A phone call or a locked screen may have stopped it. */
  wake(): void {
    if (this.#context.state !== 'running') void this.#context.resume().catch(() => undefined);
  }

  close(): void {
    this.#tap.port.onmessage = null;
    void this.#context.close();
  }

  #order(order: TapOrder, transfer: Transferable[] = []): void {
    this.#tap.port.postMessage(order, transfer);
  }
}
