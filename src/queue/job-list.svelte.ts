/** The jobs in their order, and which of them are shown and run. Each change gives a new list: a job is never written to. */
import type { JobReport } from '../../workers/protocol.ts';
import { lastShown } from './last-place.ts';
import { isPending, lengthOf, type Job } from './job.ts';

export class JobList {
  #jobs = $state.raw<readonly Job[]>([]);
  #chosenId = $state.raw<string | null>(null);
  #runningId = $state.raw<string | null>(null);
  /** What was on the screen in the visit before, until something happens in this one. */
  #lastShownId = $state.raw(lastShown());
  /** What was heard to its end in this visit, whatever became of it in the list. */
  reports = $state.raw<readonly JobReport[]>([]);
  /** When each job was added, in milliseconds since 1970: the order of what is kept. */
  #added: Readonly<Record<string, number>> = {};

  readonly #current = $derived(this.#jobs.find((job) => job.id === this.#runningId) ?? null);
  readonly #selected = $derived(
    this.#jobs.find((job) => job.id === this.#chosenId) ??
      this.#current ??
      this.#jobs.find((job) => job.id === this.#lastShownId) ??
      this.#jobs.findLast((job) => job.cues.length > 0) ??
      this.#jobs[0] ??
      null,
  );
  readonly #secondsLeft = $derived.by(() => {
    const speed = this.#current?.progress.speed ?? 0;
    if (this.#current === null || speed <= 0) return null;
    let left = this.#current.progress.secondsLeft;
    if (left === null) return null;
    for (const job of this.#jobs) {
      if (!isPending(job)) continue;
      const length = lengthOf(job);
      if (length === null) return null;
      left += (length - job.progress.doneSeconds) / speed;
    }
    return left;
  });

  get jobs(): readonly Job[] {
    return this.#jobs;
  }
  /** Of the one that runs; null: none. */
  get runningId(): string | null {
    return this.#runningId;
  }
  set runningId(id: string | null) {
    if (id !== null) this.#lastShownId = null;
    this.#runningId = id;
  }
  /** The one that runs. */
  get current(): Job | null {
    return this.#current;
  }
  /** The one whose transcript is shown. */
  get selected(): Job | null {
    return this.#selected;
  }
  /** Seconds until all files are done, at the speed of now; null: not known. */
  get secondsLeft(): number | null {
    return this.#secondsLeft;
  }

  find(id: string): Job | undefined {
    return this.#jobs.find((job) => job.id === id);
  }

  /** Milliseconds since 1970. */
  addedAt(id: string): number {
    return this.#added[id] ?? Date.now();
  }

  select(id: string): void {
    this.#chosenId = id;
  }

  change(id: string, change: (job: Job) => Job): void {
    this.#jobs = this.#jobs.map((job) => (job.id === id ? change(job) : job));
  }

  /** As `change`, for each job that waits for its turn or its model. */
  changePending(change: (job: Job) => Job): void {
    this.#jobs = this.#jobs.map((job) => (isPending(job) ? change(job) : job));
  }

  append(jobs: readonly Job[]): void {
    this.#lastShownId = null;
    // Files added in the same millisecond keep their order.
    const first = Math.max(Date.now(), ...Object.values(this.#added).map((last) => last + 1));
    this.#note(jobs.map(({ id }, index) => [id, first + index]));
    this.#jobs = [...this.#jobs, ...jobs];
  }

  /** Before all others: what an earlier visit left. */
  prepend(kept: readonly { job: Job; added: number }[]): void {
    this.#note(kept.map(({ job, added }) => [job.id, added]));
    this.#jobs = [...kept.map(({ job }) => job), ...this.#jobs];
  }

  insert(job: Job, index: number): void {
    this.#jobs = this.#jobs.toSpliced(index, 0, job);
  }

  /** @returns where it was; -1: nowhere */
  remove(id: string): number {
    const index = this.#jobs.findIndex((job) => job.id === id);
    this.#jobs = this.#jobs.filter((job) => job.id !== id);
    if (this.#chosenId === id) this.#chosenId = null;
    return index;
  }

  #note(added: readonly (readonly [id: string, addedAt: number])[]): void {
    this.#added = { ...this.#added, ...Object.fromEntries(added) };
  }
}
