/** One stretch of one transcript that is heard again: how far that is, what came of it, and what of it is taken. */
import { ABORTED } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { faultWords } from '../fault-words.ts';
import { asFault } from '../faults.ts';
import { lengthOf, type EditableCue, type Job } from '../queue/job.ts';
import { queue } from '../queue/queue.svelte.ts';
import { requestOf, type Choices } from '../settings/choices.ts';
import { version } from '../version.ts';
import { spell } from '../words/spell.svelte.ts';
import { compare, withSpeakers, type Row } from './compare.ts';
import { hearRange, type FreshCue, type HeardAgain } from './hear-range.ts';
import { cuesIn, soundFor, widened, type Stretch } from './stretch.ts';

/** `waiting`: for a file that is being heard; `failed`: `fault` says why. Nothing of the transcript is changed in any of them. */
export type AgainPhase = 'choosing' | 'waiting' | 'loading' | 'hearing' | 'compared' | 'failed';

/** Puts cues in the place of others, as one step that can be undone. */
export type Exchange = (ids: readonly string[], cues: readonly FreshCue[]) => void;

export class Again {
  readonly #jobId: string;
  #phase = $state.raw<AgainPhase>('choosing');
  #share = $state.raw(0);
  #partial = $state.raw('');
  #fault = $state.raw<{ sentence: string; next: string; detail: string } | null>(null);
  #heard: HeardAgain | null = null;
  #rows = $state.raw<readonly Row[]>([]);
  /** The rows whose new words are to be taken. */
  #taken = $state.raw<readonly Row[]>([]);
  #stop: AbortController | null = null;

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  get phase(): AgainPhase {
    return this.#phase;
  }
  get busy(): boolean {
    return this.#phase === 'waiting' || this.#phase === 'loading' || this.#phase === 'hearing';
  }
  /** [0, 1] */
  get share(): number {
    return this.#share;
  }
  /** What is being heard. */
  get partial(): string {
    return this.#partial;
  }
  get fault(): { sentence: string; next: string; detail: string } | null {
    return this.#fault;
  }
  get rows(): readonly Row[] {
    return this.#rows;
  }
  /** Rows in which anything differs. */
  get different(): readonly Row[] {
    return this.#rows.filter(({ same }) => !same);
  }
  get taken(): readonly Row[] {
    return this.#taken;
  }

  /** What is heard when this is asked for: whole cues. */
  stretchOf(asked: Stretch, cues: readonly EditableCue[]): Stretch {
    return widened(cues, asked);
  }

  /** @param asked the stretch. @param choices how it is heard. Resolves when it was heard, stopped, or could not be. */
  async hear(asked: Stretch, choices: Choices): Promise<void> {
    const job = this.#job();
    if (job === undefined || this.busy) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#phase = engine.inUse ? 'waiting' : 'loading';
    [this.#share, this.#partial, this.#fault] = [0, '', null];
    const stretch = widened(job.cues, asked);
    const settings = { modelId: choices.model, backend: choices.backend, version, request: requestOf(choices) };
    try {
      const sound = soundFor(job.cues, stretch, lengthOf(job));
      const heard = await engine.inTurn(() => {
        this.#phase = 'loading';
        return hearRange(engine, job, sound, settings, (told) => this.#note(told), stop.signal);
      }, stop.signal);
      // What was corrected in the meantime is what the new words are compared with.
      const old = cuesIn(this.#job()?.cues ?? [], stretch);
      this.#heard = { ...heard, cues: withSpeakers(old, heard.cues.map(spell)) };
      this.#rows = compare(old, this.#heard.cues);
      this.#taken = this.different;
      this.#phase = 'compared';
    } catch (error) {
      const { name, detail } = asFault(error);
      if (name === ABORTED) this.#phase = 'choosing';
      else {
        const { sentence, next } = faultWords(name, { fileName: job.name, detail });
        this.#fault = { sentence, next, detail: detail === '' ? name : `${name}: ${detail}` };
        this.#phase = 'failed';
      }
    }
    this.#stop = null;
  }

  stop(): void {
    this.#stop?.abort();
  }

  /** Back to the settings; what was heard is forgotten. */
  choose(): void {
    this.#phase = 'choosing';
  }

  tick(row: Row, take: boolean): void {
    this.#taken = this.#rows.filter((one) => (one === row ? take : this.#taken.includes(one)));
  }

  /** Puts what is ticked into the transcript, and keeps what it was made with. */
  take(exchange: Exchange): void {
    const heard = this.#heard;
    if (heard === null || this.#taken.length === 0) return;
    queue.amend(this.#jobId, (job) => ({ ...job, made: [...job.made, heard.making] }));
    exchange(
      this.#taken.flatMap(({ old }) => old.map(({ id }) => id)),
      this.#taken.flatMap(({ fresh }) => fresh),
    );
  }

  #job(): Job | undefined {
    return queue.jobs.find(({ id }) => id === this.#jobId);
  }

  #note(told: Parameters<Parameters<typeof hearRange>[4]>[0]): void {
    switch (told.type) {
      case 'loading':
        this.#phase = 'loading';
        return;
      case 'hearing':
        this.#phase = 'hearing';
        return;
      case 'progress':
        this.#share = told.share;
        this.#partial = '';
        return;
      case 'partial':
        this.#partial = told.text;
        return;
    }
  }
}
