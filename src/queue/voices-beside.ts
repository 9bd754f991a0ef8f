/**
 * The engine of a job whose speakers are told apart while it is transcribed: each stretch that is heard is heard for its
 * voices too. What cannot be heard beside the job is heard afterwards. Nothing here can fail the job.
 */
import { WHOLE_SOUND, type JobReport, type SoundChoice } from '../../workers/protocol.ts';
import type { Talk } from '../speakers/tell-cues.ts';
import type { CueChanges, Job, Speaker } from './job.ts';
import type { Transcriber } from './run.ts';

/** What this needs of src/speakers/telling.svelte.ts. */
export type BesideTelling = {
  beside(
    talk: Talk,
    fromSample: number,
    signal: AbortSignal,
  ): Promise<{ port: MessagePort; told: Promise<void> } | null>;
  hear(talk: Talk, file: File, choice: SoundChoice): Promise<void>;
  catchUp(talk: Talk): Promise<void>;
};

/** The engine, which passes on what it hears where it is given a port. */
export type PassingOn = Omit<Transcriber, 'transcribe'> & {
  transcribe(...args: [...Required<Parameters<Transcriber['transcribe']>>, voices?: MessagePort]): Promise<JobReport>;
};

/** A job's transcript as telling speakers apart reads and changes it. */
export function talkOf(
  id: string,
  jobs: {
    find(id: string): Job | undefined;
    change(id: string, changes: CueChanges, speakers: readonly Speaker[]): void;
  },
): Talk {
  return {
    id,
    look: () => jobs.find(id) ?? null,
    change: (changes, speakers) => jobs.change(id, changes, speakers),
  };
}

export class VoicesBeside implements Transcriber {
  readonly #telling: BesideTelling;
  readonly #engine: PassingOn;
  readonly #talk: Talk;
  /** When what was heard last is told. The engine may break off and go on: one stretch is told before the next is heard. */
  #told: Promise<void> = Promise.resolve();
  #heard = false;
  #missed = false;

  constructor(telling: BesideTelling, engine: PassingOn, talk: Talk) {
    this.#telling = telling;
    this.#engine = engine;
    this.#talk = talk;
  }

  open: Transcriber['open'] = (...args) => this.#engine.open(...args);
  backendFor: Transcriber['backendFor'] = (...args) => this.#engine.backendFor(...args);
  prepare: Transcriber['prepare'] = (...args) => this.#engine.prepare(...args);
  blameGpu: Transcriber['blameGpu'] = (...args) => this.#engine.blameGpu(...args);

  transcribe: Transcriber['transcribe'] = async (file, request, onEvent, signal, choice = WHOLE_SOUND) => {
    // A channel heard by itself is one speaker: there is nothing to tell apart.
    if (choice.channel !== null) return this.#engine.transcribe(file, request, onEvent, signal, choice);
    await this.#told;
    const stop = new AbortController();
    const voices = await this.#telling.beside(this.#talk, request.fromSample, stop.signal).catch(() => null);
    this.#missed ||= voices === null;
    if (voices !== null) {
      this.#heard = true;
      this.#told = voices.told.catch(() => {});
    }
    try {
      const report = await this.#engine.transcribe(file, request, onEvent, signal, choice, voices?.port);
      if (report.outcome === 'cancelled') stop.abort();
      return report;
    } catch (error) {
      stop.abort();
      throw error;
    }
  };

  /**
   * The job is over. Its sound was heard ahead of its words, so the last of them have no speaker yet; what could not be heard
   * beside it is heard now.
   * @param done to its end: one that was stopped is not heard further
   */
  async end({ file, track }: Job, done: boolean): Promise<void> {
    await this.#told;
    if (this.#heard) await this.#telling.catchUp(this.#talk);
    if (this.#missed && done) await this.#telling.hear(this.#talk, file, { track, channel: null });
  }
}
