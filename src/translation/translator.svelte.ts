/** The translation of one transcript: made by the browser's own translator, cue by cue, kept on this device. */
import { queue } from '../queue/queue.svelte.ts';
import { browserCode, browserTranslator, type Availability } from './browser-translator.ts';
import { keepTranslation, keptTranslation, type Translation } from '../queue/translations.ts';
import { translateCues, type TranslationStep } from './translate.ts';

/** `missing`: this browser has no translator; `fetching`: it fetches a language pack. */
export type TranslatorPhase = 'missing' | 'idle' | 'fetching' | 'translating' | 'failed';

export class TranscriptTranslator {
  readonly #jobId: string;
  #phase = $state.raw<TranslatorPhase>(browserTranslator() === null ? 'missing' : 'idle');
  #translation = $state.raw<Translation | null>(null);
  /** [0, 1]: of the language pack, or of the cues. */
  #share = $state.raw(0);
  /** Languages of the transcript that the browser cannot translate from. */
  #unknown = $state.raw<readonly string[]>([]);
  #detail = $state.raw('');
  #kept = $state.raw(true);
  #stop: AbortController | null = null;

  constructor(jobId: string) {
    this.#jobId = jobId;
    void keptTranslation(jobId).then((kept) => (this.#translation ??= kept));
  }

  get phase(): TranslatorPhase {
    return this.#phase;
  }
  get busy(): boolean {
    return this.#phase === 'fetching' || this.#phase === 'translating';
  }
  get translation(): Translation | null {
    return this.#translation;
  }
  get share(): number {
    return this.#share;
  }
  get unknown(): readonly string[] {
    return this.#unknown;
  }
  get detail(): string {
    return this.#detail;
  }
  /** False: this browser does not take it, so it is gone with the visit. */
  get kept(): boolean {
    return this.#kept;
  }

  /** Whether the browser can, or what it has to fetch first. */
  async availability(sources: readonly string[], target: string): Promise<Availability> {
    const translator = browserTranslator();
    if (translator === null) return 'unavailable';
    const found = await Promise.all(
      sources
        .filter((source) => source !== target)
        .map((source) =>
          translator
            .availability({ sourceLanguage: browserCode(source), targetLanguage: browserCode(target) })
            .catch((): Availability => 'unavailable'),
        ),
    );
    const order: readonly Availability[] = ['downloadable', 'downloading', 'unavailable', 'available'];
    return order.find((one) => found.includes(one)) ?? 'available';
  }

  /** Translates what is not translated yet, or all of it into another language than before. Call it in a press of a button. */
  async run(target: string): Promise<void> {
    const translator = browserTranslator();
    const job = queue.jobs.find(({ id }) => id === this.#jobId);
    if (translator === null || job === undefined || this.busy) return;
    const stop = new AbortController();
    this.#stop = stop;
    [this.#share, this.#unknown, this.#detail] = [0, [], ''];
    this.#phase = 'translating';
    const { translation } = this;
    const known = translation?.language === target ? translation.texts : null;
    try {
      await translateCues(translator, job.cues, { target, known }, (step) => this.#note(step, target), stop.signal);
      this.#phase = 'idle';
    } catch (error) {
      this.#phase = stop.signal.aborted ? 'idle' : 'failed';
      if (!stop.signal.aborted) this.#detail = String(error);
    }
    this.#stop = null;
  }

  /** What is translated stays. */
  stop(): void {
    this.#stop?.abort();
  }

  async #note(step: TranslationStep, target: string): Promise<void> {
    switch (step.type) {
      case 'fetching':
      case 'translating':
        [this.#phase, this.#share] = [step.type, step.share];
        return;
      case 'unknown':
        this.#unknown = [...this.#unknown, step.language];
        return;
      case 'texts':
        this.#translation = { language: target, texts: step.texts };
        return this.#keep(this.#translation);
    }
  }

  async #keep(translation: Translation): Promise<void> {
    this.#kept = await keepTranslation(this.#jobId, translation).then(
      () => true,
      () => false,
    );
  }
}
