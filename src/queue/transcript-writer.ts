/**
 * Writes transcripts to the disk, one write after another. What is on the disk has no holes: windows that a failed write
 * left out go with the next one, so that a reload never resumes behind something that was lost.
 */
import type { CueChanges, HeardWindow, Job } from './job.ts';

/** The disk (src/queue/saved.ts). `added`: milliseconds since 1970, the order of the queue. */
export type Disk = {
  /**
   * The job's record, these windows and these changes of cues, all of them or none.
   * @param onProgress called whenever some more of it was taken
   */
  saveWindows(
    job: Job,
    added: number,
    windows: readonly HeardWindow[],
    edits: CueChanges,
    onProgress: () => void,
  ): Promise<void>;
  /** The job's record, and no window of an earlier run. */
  saveAnew(job: Job, added: number): Promise<void>;
  forget(id: string): Promise<void>;
};

/**
 * A window is a few kilobytes, which a busy disk writes in well under a second. A browser that has said nothing for
 * this long is not waited for again, because finished words are shown only after they were written. One that takes a hundred
 * thousand corrections, some at a time, may need longer in all.
 */
const PATIENCE_MS = 8000;

/** From then on a person is asked before the page is left. */
const LONG_MS = 500;

/** @param onProgress to be called where it goes on after a while: patience begins anew */
type Task = (onProgress: () => void) => Promise<'written' | 'nothing'>;

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
  /** Each begins a task that waits for its turn. */
  readonly #waiting = new Set<() => void>();
  /** The page may be gone in a moment: nothing waits for its turn. */
  #hurried = false;
  /** Milliseconds since the page was opened; null: everything is written. */
  #busySince: number | null = null;
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

  /** Something has been on its way to the disk for a while, such as ten thousand corrections. */
  get isLong(): boolean {
    return this.#busySince !== null && performance.now() - this.#busySince > LONG_MS;
  }

  /**
   * The page is about to be left: what waits begins now, in its order, which the database keeps. A page that is gone hears
   * of no write before it, and would begin none.
   */
  hurry(): void {
    this.#hurried = true;
    for (const begin of this.#waiting) begin();
    // A person may stay.
    setTimeout(() => (this.#hurried = false));
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
  lacks(job: Job): boolean {
    const [windows, edits] = this.#lacking(job);
    return windows.length + edits.size > 0;
  }

  #lacking({ id, windows, edits }: Job): [windows: readonly HeardWindow[], edits: CueChanges] {
    const kept = this.#edits.get(id);
    return [
      windows.slice(this.#written.get(id) ?? 0),
      new Map([...edits].filter(([cue, now]) => kept?.get(cue) !== now)),
    ];
  }

  /**
   * Writes what the disk does not have yet. Never rejects.
   * @param look gives the job as it is when its turn has come; undefined: nothing is written
   * @param added when the job of this id was added, in milliseconds since 1970
   */
  save(look: () => Job | undefined, added: (id: string) => number): Promise<void> {
    return this.inTurn(async (onProgress) => {
      const job = look();
      if (job === undefined) return 'nothing';
      await this.#disk.saveWindows(job, added(job.id), ...this.#lacking(job), onProgress);
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
  inTurn(task: Task): Promise<void> {
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    this.#waiting.add(begin);
    const before = this.#writing;
    void before.then(begin);
    if (this.#hurried) begin();
    this.#busySince ??= performance.now();
    const done = begun.then(() => {
      this.#waiting.delete(begin);
      return this.#try(task);
    });
    const all = Promise.all([before, done]).then(() => {
      if (this.#writing === all) this.#busySince = null;
    });
    this.#writing = all;
    return all;
  }

  async #try(task: Task): Promise<void> {
    if (this.#hangs) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const answer = await new Promise((resolve, reject) => {
        const wait = () => {
          clearTimeout(timer);
          if (this.#hangs) return;
          timer = setTimeout(() => {
            this.pauseUntil(work);
            reject(new Error('the database does not answer'));
          }, this.#patienceMs);
        };
        wait();
        const work = task(wait);
        work.then(resolve, reject);
      });
      if (answer === 'written') this.#onWritten(null);
    } catch (error) {
      this.#onWritten(error instanceof Error ? error : new Error(String(error)));
    } finally {
      clearTimeout(timer);
    }
  }
}
