/**
 * Writes transcripts to the disk, one write after another. What is on the disk has no holes: windows that a failed write
 * left out go with the next one, so that a reload never resumes behind something that was lost.
 */
import type { CueChanges, HeardWindow, Job } from './job.ts';

/** The disk (src/queue/saved.ts). `added`: milliseconds since 1970, the order of the queue. */
export type Disk = {
  /** The job's record, these windows and these changes of cues, all of them or none. */
  saveWindows(job: Job, added: number, windows: readonly HeardWindow[], edits: CueChanges): Promise<void>;
  /** The job's record, and no window of an earlier run. */
  saveAnew(job: Job, added: number): Promise<void>;
  forget(id: string): Promise<void>;
};

/**
 * A window is a few kilobytes, which a busy disk writes in well under a second. A browser that has not answered after
 * this long is not waited for again, because finished words are shown only after they were written.
 */
const PATIENCE_MS = 8000;

export class TranscriptWriter {
  readonly #disk: Disk;
  readonly #onWritten: (fault: Error | null) => void;
  readonly #onAnswer: () => void;
  readonly #patienceMs: number;
  /** How many of a job's windows are on the disk, by the job's id: the first so many. */
  readonly #written = new Map<string, number>();
  /** What of a job's edits is on the disk. */
  readonly #edits = new Map<string, CueChanges>();
  #writing: Promise<void> = Promise.resolve();
  /** The browser has left a write without an answer. */
  #hangs = false;

  /**
   * @param onWritten called after each write: null when it reached the disk, or why it did not
   * @param onAnswer called when a database that did not answer does again: what was asked for meanwhile was not written
   */
  constructor(
    disk: Disk,
    onWritten: (fault: Error | null) => void,
    patienceMs = PATIENCE_MS,
    onAnswer: () => void = () => undefined,
  ) {
    this.#disk = disk;
    this.#onWritten = onWritten;
    this.#onAnswer = onAnswer;
    this.#patienceMs = patienceMs;
  }

  /** Resolves when everything asked for so far was written, or could not be. */
  get settled(): Promise<void> {
    return this.#writing;
  }

  /** This job was read back: its windows are on the disk, and these of its edits. */
  noteRestored(job: Job, edits: CueChanges): void {
    this.#written.set(job.id, job.windows.length);
    this.#edits.set(job.id, edits);
  }

  /** The browser's database does not answer: nothing is written until `answer` settles. */
  pauseUntil(answer: Promise<unknown>): void {
    this.#hangs = true;
    const goOn = () => {
      this.#hangs = false;
      this.#onAnswer();
    };
    answer.then(goOn, goOn);
  }

  /** Something of this job is not on the disk. */
  lacks({ id, windows, edits }: Job): boolean {
    return (
      windows.length > (this.#written.get(id) ?? 0) ||
      [...edits].some(([cue, now]) => this.#edits.get(id)?.get(cue) !== now)
    );
  }

  /**
   * Writes what the disk does not have yet. Never rejects.
   * @param look gives the job as it is when its turn has come; undefined: nothing is written
   * @param added when the job of this id was added, in milliseconds since 1970
   */
  save(look: () => Job | undefined, added: (id: string) => number): Promise<void> {
    return this.inTurn(async () => {
      const job = look();
      if (job === undefined) return 'nothing';
      const missing = job.windows.slice(this.#written.get(job.id) ?? 0);
      const edits = this.#edits.get(job.id);
      const fresh = new Map([...job.edits].filter(([id, cue]) => edits?.get(id) !== cue));
      await this.#disk.saveWindows(job, added(job.id), missing, fresh);
      this.#written.set(job.id, job.windows.length);
      this.#edits.set(job.id, job.edits);
      return 'written';
    });
  }

  /** The job begins again: nothing of its earlier run may be resumed from. Never rejects. */
  startAnew(job: Job, added: number): Promise<void> {
    return this.inTurn(async () => {
      this.#written.delete(job.id);
      this.#edits.delete(job.id);
      await this.#disk.saveAnew(job, added);
      return 'written';
    });
  }

  /** Never rejects. */
  forget(id: string): Promise<void> {
    return this.inTurn(async () => {
      this.#written.delete(id);
      this.#edits.delete(id);
      await this.#disk.forget(id);
      return 'written';
    });
  }

  /** Runs a task between two writes. One that wrote nothing says nothing of the disk. Never rejects. */
  inTurn(task: () => Promise<'written' | 'nothing'>): Promise<void> {
    this.#writing = this.#writing.then(() => this.#try(task));
    return this.#writing;
  }

  async #try(task: () => Promise<'written' | 'nothing'>): Promise<void> {
    if (this.#hangs) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const answer = task();
      const patience = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          this.pauseUntil(answer);
          reject(new Error('the database does not answer'));
        }, this.#patienceMs);
      });
      if ((await Promise.race([answer, patience])) === 'written') this.#onWritten(null);
    } catch (error) {
      this.#onWritten(error instanceof Error ? error : new Error(String(error)));
    } finally {
      clearTimeout(timer);
    }
  }
}
