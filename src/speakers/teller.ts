/** The speakers worker as the page uses it: started when it is first needed, and ended when nobody needs it. */
import type {
  Cue,
  ModelState,
  RequestEntry,
  SoundChoice,
  SpeakerTurn,
  SpeakerVoice,
  StatedSpeakers,
  VoiceProgress,
  VoiceReport,
  VoiceTable,
} from '../../workers/protocol.ts';
import { ABORTED, fault } from '../../workers/protocol.ts';
import type { SpeakersConnection } from '../engine/speakers-worker.ts';
import type { MediaConnection } from '../engine/workers.ts';
import { SPEAKERS_MODEL } from '../settings/model-choice.ts';
import { nextTask } from '../slices.ts';
import { hearAfterwards, hearBeside, type Voices } from './hear-voices.ts';
import { labelledCues, timesOf } from './label-cues.ts';
import { withPartIds } from './labels.ts';

/** What this needs of the rest of the page. */
export type TellerHost = {
  startSpeakers(onRequests: (entries: RequestEntry[]) => void): SpeakersConnection;
  startMedia(onRequests: (entries: RequestEntry[]) => void): MediaConnection;
  /** For the list of requests. */
  onRequests(by: 'engine' | 'media', entries: RequestEntry[]): void;
  model(id: string): ModelState | undefined;
  /** Brings it to this device. Rejects with a download fault. */
  fetchModel(id: string): Promise<void>;
};

export class SpeakerTeller {
  readonly #host: TellerHost;
  #connection: SpeakersConnection | null = null;
  /** The hearing under way, or the last one: the worker hears one recording at a time. */
  #hearing: Promise<unknown> = Promise.resolve();

  constructor(host: TellerHost) {
    this.#host = host;
  }

  /** There is a worker. */
  get awake(): boolean {
    return this.#connection?.alive === true;
  }

  /**
   * Brings the networks to this device where they are not, which takes place once. A job that is to be heard does not wait
   * for it: it begins without labels if this rejects. Rejects with a download fault.
   */
  async ready(): Promise<void> {
    if (this.#host.model(SPEAKERS_MODEL)?.ready !== true) await this.#host.fetchModel(SPEAKERS_MODEL);
  }

  /** As in src/speakers/hear-voices.ts. The queue runs one job at a time, and so does the worker. */
  beside(
    onProgress: (progress: VoiceProgress) => void,
    signal: AbortSignal,
    earlier: VoiceTable | null = null,
  ): Voices {
    const voices = hearBeside(this.#worker(), onProgress, signal, earlier);
    this.#hearing = voices.report.catch(() => {});
    return voices;
  }

  /** When what is heard now has ended. As in src/speakers/hear-voices.ts. */
  async afterwards(
    file: File,
    choice: SoundChoice,
    onProgress: (progress: VoiceProgress) => void,
    signal: AbortSignal,
  ): Promise<VoiceReport> {
    const run = this.#hearing.then(async () => {
      if (signal.aborted) throw fault(ABORTED);
      await this.ready();
      // A worker of its own: the queue's decodes the file that is transcribed meanwhile.
      const media = this.#host.startMedia((entries) => this.#host.onRequests('media', entries));
      try {
        return await hearAfterwards({ speakers: this.#worker(), media }, file, choice, onProgress, signal);
      } finally {
        media.end(fault(ABORTED));
      }
    });
    this.#hearing = run.catch(() => {});
    return run;
  }

  /** What was heard so far of the recording that is heard; null: nothing. */
  soFar(): Promise<VoiceTable | null> {
    return this.#worker().call((speakers) => speakers.tableSoFar());
  }

  /** Who speaks when. @param before told earlier: who is in it keeps the name */
  tell(table: VoiceTable, stated: StatedSpeakers | null, before: readonly SpeakerTurn[] = []): Promise<SpeakerTurn[]> {
    return this.#worker().call((speakers) => speakers.tell(table, stated, [...before]));
  }

  /** The cues with their speakers, split where the speaker changes, each with an id of its own. */
  async label<C extends Cue & { id: string }>(cues: readonly C[], turns: readonly SpeakerTurn[]): Promise<C[]> {
    const labels = await this.#worker().call((speakers) => speakers.label(timesOf(cues), [...turns]));
    const labelled = withPartIds(labelledCues(cues, labels));
    await nextTask();
    return labelled;
  }

  /** The voice of each speaker of these turns who has spoken enough to have one. */
  voices(table: VoiceTable, turns: readonly SpeakerTurn[]): Promise<SpeakerVoice[]> {
    return this.#worker().call((speakers) => speakers.voices(table, [...turns]));
  }

  /** Frees what the worker holds; the next call starts a fresh one. Waits for nothing: what is heard is lost. */
  end(): void {
    this.#connection?.end(fault(ABORTED));
    this.#connection = null;
  }

  #worker(): SpeakersConnection {
    if (this.#connection?.alive !== true)
      this.#connection = this.#host.startSpeakers((entries) => this.#host.onRequests('engine', entries));
    return this.#connection;
  }
}
