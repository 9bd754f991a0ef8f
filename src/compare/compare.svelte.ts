/** Hears the first minute of a person's own file on the GPU and then on the CPU. Nothing of it is kept. */
import { t } from '../locale/text.ts';
import { ABORTED, DEFAULT_JOB, type Backend } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { faultWords } from '../fault-words.ts';
import { asFault, cpuCanTakeOver } from '../faults.ts';
import { requestOf } from '../settings/choices.ts';
import { settings } from '../settings/settings.svelte.ts';
import { COMPARED_SECONDS, type Run } from './compare.ts';

class Comparison {
  #running = $state.raw<Backend | null>(null);
  #runs = $state.raw<readonly Run[]>([]);
  #problem = $state.raw('');
  #stop: AbortController | null = null;

  /** The backend that listens, or null. */
  get running(): Backend | null {
    return this.#running;
  }
  get runs(): readonly Run[] {
    return this.#runs;
  }
  /** Why it ended early, in a sentence; empty: it did not. */
  get problem(): string {
    return this.#problem;
  }

  /** With the model and the settings that are chosen. Never rejects. */
  async run(file: File): Promise<void> {
    if (this.#running !== null) return;
    this.#runs = [];
    this.#problem = '';
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    try {
      for (const backend of ['gpu', 'cpu'] as const) {
        this.#running = backend;
        const hear = () => engine.inTurn(() => this.#hear(file, backend, signal), signal);
        // A device can be lost in the middle, to a screen that locks for one: a fresh worker hears it once more.
        const run = await hear().catch((error: unknown) => {
          if (signal.aborted || !cpuCanTakeOver(asFault(error).name)) throw error;
          return hear();
        });
        this.#runs = [...this.#runs, run];
      }
    } catch (error) {
      const { name } = asFault(error);
      this.#problem = name === ABORTED ? t('Stopped.') : faultWords(name).sentence;
    } finally {
      this.#running = null;
    }
  }

  stop(): void {
    this.#stop?.abort();
  }

  async #hear(file: File, backend: Backend, signal: AbortSignal): Promise<Run> {
    const { loadMs, sampleRate } = await engine.prepare({ modelId: settings.current.model, backend }, signal);
    const words: string[] = [];
    const request = { ...DEFAULT_JOB, ...requestOf(settings.current), untilSample: COMPARED_SECONDS * sampleRate };
    const report = await engine.transcribe(
      file,
      request,
      (event) => {
        if (event.type !== 'window') return;
        words.push(...event.window.cues.flatMap(({ text }) => text.split(/\s+/).filter((word) => word !== '')));
      },
      signal,
    );
    if (report.outcome === 'cancelled') throw new DOMException('', ABORTED);
    await engine.measure();
    const { gpuBytesPeak = 0, wasmHeapBytes = 0 } = engine.gauge ?? {};
    return { backend, report, loadMs, memoryBytes: backend === 'gpu' ? gpuBytesPeak : wasmHeapBytes, words };
  }
}

export const comparison = new Comparison();
