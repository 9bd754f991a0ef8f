/** The self-test as the person runs it from the engine panel: on the GPU where there is one, then on the CPU. */
import { engine } from '../engine.svelte.ts';
import { faultWords } from '../fault-words.ts';
import { asFault } from '../faults.ts';
import { t } from '../locale/text.ts';
import { ABORTED, type Backend } from '../../workers/protocol.ts';
import { DIGITS, SENTENCE, type KeptVerdicts, type TestClip } from '../engine/verdict.ts';
import type { TestResult } from './test-words.ts';

class SelfTest {
  #running = $state.raw<Backend | null>(null);
  #results = $state.raw<readonly TestResult[]>([]);

  /** The backend that is being tested, or null. */
  get running(): Backend | null {
    return this.#running;
  }
  get results(): readonly TestResult[] {
    return this.#results;
  }

  /** Never rejects. The sentence is heard where its model is on this device. */
  async run(): Promise<void> {
    if (this.#running !== null) return;
    this.#results = [];
    const backends: Backend[] = engine.adapter ? ['gpu', 'cpu'] : ['cpu'];
    const clips = engine.model(SENTENCE.model)?.ready ? [DIGITS, SENTENCE] : [DIGITS];
    for (const backend of backends) {
      this.#running = backend;
      // A turn each: a file that was added meanwhile does not wait for all of them.
      for (const clip of clips) this.#results = [...this.#results, await this.#hear(clip, backend)];
    }
    this.#running = null;
    engine.keepVerdicts(this.#verdicts());
  }

  async #hear(clip: TestClip, backend: Backend): Promise<TestResult> {
    const result = { clip: clip.name, backend, verdict: null, problem: null, memoryBytes: 0 };
    try {
      return await engine.inTurn(async () => {
        const verdict = await engine.selfTest(clip, backend);
        await engine.measure();
        const { gpuBytesPeak = 0, wasmHeapBytes = 0 } = engine.gauge ?? {};
        return { ...result, verdict, memoryBytes: backend === 'gpu' ? gpuBytesPeak : wasmHeapBytes };
      });
    } catch (error) {
      const { name } = asFault(error);
      return { ...result, problem: name === ABORTED ? t('Stopped.') : faultWords(name).sentence };
    }
  }

  /** What Automatic goes by. */
  #verdicts(): KeptVerdicts {
    const of = (clip: TestClip, backend: Backend) =>
      this.#results.find((result) => result.clip === clip.name && result.backend === backend)?.verdict ?? null;
    const [digits, gpu, cpu] = [of(DIGITS, 'gpu'), of(SENTENCE, 'gpu'), of(SENTENCE, 'cpu')];
    return { ...(digits && { digits }), ...(gpu && { gpu }), ...(cpu && { cpu }) };
  }
}

export const selfTest = new SelfTest();
