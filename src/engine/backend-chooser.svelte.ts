/** Which backend a model runs on: what the person chose, what the device has, and what the GPU showed in its self-test. */
import type { AdapterReport, BackendChoice, ModelState } from '../../workers/protocol.ts';
import { asFault } from '../faults.ts';
import {
  DIGITS,
  NO_ANSWER,
  passed,
  SENTENCE,
  verdictKey,
  verdictsOf,
  whyNotGpu,
  type KeptVerdicts,
  type TestClip,
  type Verdict,
} from './verdict.ts';
import type { BackendAnswer } from './backend-answer.ts';
import { unlessAborted } from './connection.ts';

/** What is asked of the engine. */
type Probe = {
  /** Null: this browser offers no adapter. */
  adapter(): Promise<AdapterReport | null>;
  /** On the GPU. */
  selfTest(clip: TestClip, signal: AbortSignal): Promise<Verdict>;
};

export class BackendChooser {
  #adapter = $state.raw<AdapterReport | null | undefined>(undefined);
  /** The GPU failed in this visit: `auto` and `gpu` mean the CPU until the person says otherwise. */
  #gpuFailed = false;
  readonly #probe: Probe;
  /** One question for all who ask; null: it has to be asked (again). */
  #asked: Promise<AdapterReport | null> | null = null;

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  /** undefined: not asked yet; null: this browser offers none. */
  get adapter(): AdapterReport | null | undefined {
    return this.#adapter;
  }

  async askAdapter(): Promise<AdapterReport | null> {
    this.#asked ??= this.#probe.adapter();
    try {
      this.#adapter = await this.#asked;
      return this.#adapter;
    } catch (error) {
      this.#asked = null;
      throw error;
    }
  }

  /**
   * What the choice means for this model on this device. The first time a GPU is met this makes its self-test, in the
   * caller's turn. Rejects with AbortError as soon as `signal` aborts.
   * @param model undefined: the catalogue does not have it
   */
  async choose(choice: BackendChoice, model: ModelState | undefined, signal: AbortSignal): Promise<BackendAnswer> {
    if (choice === 'cpu' || this.#gpuFailed) return { backend: 'cpu', why: null };
    if (model?.backends.includes('gpu') === false) return { backend: 'cpu', why: 'cpu-model' };
    if (choice === 'gpu') return { backend: 'gpu', why: null };
    const adapter = await unlessAborted(signal, this.askAdapter());
    if (adapter === null) return { backend: 'cpu', why: 'no-gpu' };
    if (adapter.fallback) return { backend: 'cpu', why: 'software-gpu' };
    const verdicts = await this.#verdictsOn(adapter, model, signal);
    const why = verdicts === 'silent' ? 'silent-gpu' : whyNotGpu(verdicts);
    return why === null ? { backend: 'gpu', why } : { backend: 'cpu', why };
  }

  /** Adds to what is kept for this browser version and adapter. */
  keep(verdicts: KeptVerdicts): void {
    if (!this.#adapter) return;
    const key = verdictKey(navigator.userAgent, this.#adapter);
    writeItem(key, JSON.stringify({ ...verdictsOf(readItem(key)), ...verdicts }));
  }

  blameGpu(): void {
    this.#gpuFailed = true;
  }

  /** Gives the GPU another chance, and asks for the adapter again, which may have changed with the driver. */
  forgiveGpu(): void {
    this.#gpuFailed = false;
    this.#asked = null;
  }

  /**
   * The GPU's known-answer tests, each made once: the digits with any model, the sentence when the model that hears it is
   * wanted and here, which then is in memory for the job. One that could not be made is left out.
   */
  async #verdictsOn(
    adapter: AdapterReport,
    model: ModelState | undefined,
    signal: AbortSignal,
  ): Promise<KeptVerdicts | 'silent'> {
    const kept = verdictsOf(readItem(verdictKey(navigator.userAgent, adapter)));
    const { digits = await this.#test(DIGITS, signal) } = kept;
    if (digits === 'silent') return digits;
    if (digits !== null) this.keep({ digits });
    const known = { ...kept, ...(digits && { digits }) };
    const wanted = model?.id === SENTENCE.model && model.ready;
    if (known.gpu !== undefined || !wanted || digits === null || !passed(digits)) return known;
    const gpu = await this.#test(SENTENCE, signal);
    if (gpu === 'silent') return gpu;
    if (gpu !== null) this.keep({ gpu });
    return { ...known, ...(gpu && { gpu }) };
  }

  /** Null: it could not be made. */
  async #test(clip: TestClip, signal: AbortSignal): Promise<Verdict | 'silent' | null> {
    try {
      return await this.#probe.selfTest(clip, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (asFault(error).detail === NO_ANSWER) return 'silent';
      // The job itself will meet the same fault and say it in words.
      return null;
    }
  }
}

/** localStorage may be forbidden: then the test is made in each visit. */
function readItem(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function writeItem(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // As above.
  }
}
