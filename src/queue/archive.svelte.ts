/**
 * The jobs on this device: reads back what an earlier visit left, writes what is heard and changed, and claims the
 * jobs for this tab, so that no other one runs them.
 */
import { messages } from '../messages/messages.svelte.ts';
import type { Job } from './job.ts';
import type { JobList } from './job-list.svelte.ts';
import { keyOf } from './news.ts';
import { leaving, Ownership } from './ownership.ts';
import { forget, readHeaders, readJob, saveAnew, saveNew, saveWindows } from './saved.ts';
import { TranscriptWriter } from './transcript-writer.ts';

/** A browser that takes longer than this to open its database is not waited for: the page is up before three seconds. */
const RESTORE_MS = 2000;

/** Finished transcripts that are in the list again; older ones are opened from the library. */
const MOST_FINISHED = 30;

type Kept = NonNullable<Awaited<ReturnType<typeof readJob>>>;

export class Archive {
  #restored = $state.raw(false);
  /** The last write reached the disk. */
  #keeping = $state.raw(true);
  readonly #list: JobList;
  readonly #onFreed: () => void;
  readonly #ownership = new Ownership();
  /** Removed, and still on the disk for a moment. */
  #leaving: readonly string[] = [];
  readonly #writer = new TranscriptWriter(
    { saveWindows, saveAnew, forget },
    (fault) => this.#noteWrite(fault),
    undefined,
    () => this.#saveLacking(),
  );

  /** @param onFreed called when another tab has let go of a job: it may run here now */
  constructor(list: JobList, onFreed: () => void) {
    this.#list = list;
    this.#onFreed = onFreed;
  }

  /** What an earlier visit left has been read back (or could not be). */
  get restored(): boolean {
    return this.#restored;
  }
  /** Finished windows reach the disk. */
  get keeping(): boolean {
    return this.#keeping;
  }
  /** A write has been going on for a while. */
  get isWriting(): boolean {
    return this.#writer.isLong;
  }
  /** Resolves when everything asked for so far was written, or could not be. */
  get settled(): Promise<void> {
    return this.#writer.settled;
  }

  /** The page is about to be left. */
  hurry(): void {
    this.#writer.hurry();
  }

  /** Puts what an earlier visit left into the list. What the browser gives only later comes when it comes. */
  async restore(): Promise<void> {
    const reading = this.#readKept().then((kept) => this.#takeIn(kept));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#writer.pauseUntil(reading);
        reject(new Error('the database did not open'));
      }, RESTORE_MS);
    });
    try {
      await Promise.race([reading, patience]);
    } catch (error) {
      this.#noteWrite(error instanceof Error ? error : new Error(String(error)));
    }
    clearTimeout(timer);
    this.#restored = true;
  }

  /** Puts a job of the library into the list. @returns false: there is none of this id any more */
  async open(id: string): Promise<boolean> {
    if (this.#list.find(id) !== undefined) return true;
    if (this.#leaving.includes(id)) return false;
    const kept = await this.#readOne(id);
    if (kept === null) return false;
    if (this.#list.find(id) === undefined) this.#takeIn([kept]);
    return true;
  }

  /** A new job is this tab's. */
  own(id: string): void {
    void this.#ownership.take(id);
  }

  /** A job that was removed is put back. Another tab may have waited for it and hold it for a moment. */
  ownAgain(id: string): void {
    void this.#writer.inTurn(() => this.#ownership.take(id).then(() => 'nothing'));
  }

  /**
   * Writes a window that was just heard, and with it what is missing on the disk before it. Resolves when it is there, or
   * cannot be brought there. Never rejects.
   * @param add gives the job with the window
   */
  saveWindow(id: string, add: (job: Job) => Job): Promise<void> {
    return this.#save(() => {
      const job = this.#list.find(id);
      return job && add(job);
    });
  }

  /** Which files wait: a tab that dies in the first of a hundred still knows the others. All of them in one go. */
  saveNew(jobs: readonly Job[]): void {
    const fresh = jobs.filter(({ demo, phase }) => !demo && phase === 'waiting');
    if (fresh.length === 0) return;
    void this.#writer.inTurn(async () => {
      await saveNew(fresh.map((job) => [job, this.#list.addedAt(job.id)]));
      return 'written';
    });
  }

  /** Writes a job that has something worth keeping: words, or a reason why there are none. */
  save(id: string): void {
    void this.#save(() => {
      const job = this.#list.find(id);
      if (job === undefined || job.elsewhere) return undefined;
      return job.windows.length > 0 || job.phase === 'failed' || job.phase === 'done' ? job : undefined;
    });
  }

  /** Writes a job as it is, whatever becomes of it in the list meanwhile. */
  saveAsIs(job: Job): void {
    void this.#save(() => job);
  }

  /** The job begins again: nothing of its earlier run may be resumed from. */
  startAnew(id: string): void {
    const job = this.#list.find(id);
    if (job !== undefined) void this.#writer.startAnew(job, this.#list.addedAt(id));
  }

  /**
   * Takes it off the disk, and leaves it to whichever tab wants it.
   * @returns puts back what is kept beside its words: its translation and its voices
   */
  forget(id: string): () => void {
    let putBack: (() => Promise<void>) | null = null;
    this.#leaving = [...this.#leaving, id];
    const told = this.#ownership.take(leaving(id));
    // The words first: a page that is left at once has no time for more.
    void this.#writer.forget(id).then(async () => {
      this.#leaving = this.#leaving.filter((one) => one !== id);
      this.#ownership.release(id);
      await told;
      this.#ownership.release(leaving(id));
    });
    void this.#writer.inTurn(async () => {
      // Not a part of the first load. What cannot be read cannot be put back either.
      putBack = await import('./beside.ts').then((kept) => kept.takeBeside(id)).catch(() => null);
      return 'nothing';
    });
    return () =>
      void this.#writer.inTurn(async () => {
        await putBack?.();
        return 'nothing';
      });
  }

  #save(look: () => Job | undefined): Promise<void> {
    return this.#writer.save(look, (id) => this.#list.addedAt(id));
  }

  #takeIn(kept: readonly Kept[]): void {
    for (const { job, edits } of kept) this.#writer.noteRestored(job, edits);
    this.#list.prepend(kept);
    for (const { job } of kept) if (job.elsewhere) void this.#awaitOtherTab(job.id);
  }

  /** What is not finished, and the last of what is. */
  async #readKept(): Promise<Kept[]> {
    const headers = await readHeaders();
    const done = headers.filter(({ phase }) => phase === 'done');
    // Sorted by when they were added, and no two were at the same moment.
    const oldest = done.at(-MOST_FINISHED)?.added ?? -Infinity;
    const wanted = headers.filter(({ phase, added }) => phase !== 'done' || added >= oldest);
    const kept = await Promise.all(wanted.map(({ id }) => this.#readOne(id)));
    return kept.filter((one) => one !== null);
  }

  /** A job is claimed before it is read, because another tab that still has it may be changing it. */
  async #readOne(id: string): Promise<Kept | null> {
    const mine = await this.#ownership.tryTake(id);
    const kept = await readJob(id);
    return kept && { ...kept, job: { ...kept.job, elsewhere: !mine } };
  }

  /** Waits until the other tab was closed or has removed the job, then takes what it left on the disk. */
  async #awaitOtherTab(id: string): Promise<void> {
    await this.#ownership.take(id);
    messages.withdraw(keyOf(id));
    const found = await readJob(id).catch(() => null);
    if (found === null) {
      this.#list.remove(id);
      this.#ownership.release(id);
      return;
    }
    const { job: kept, edits } = found;
    this.#writer.noteRestored(kept, edits);
    this.#list.change(id, ({ file, fileMissing }) => ({
      ...kept,
      ...(fileMissing ? {} : { file, fileMissing, phase: kept.phase === 'cancelled' ? 'waiting' : kept.phase }),
    }));
    this.#onFreed();
  }

  #saveLacking(): void {
    for (const job of this.#list.jobs) if (this.#writer.lacks(job)) this.save(job.id);
  }

  /** @param fault null: the last write reached the disk */
  #noteWrite(fault: Error | null): void {
    if (fault === null) {
      if (this.#keeping) return;
      this.#keeping = true;
      messages.withdraw('disk');
      // There is room again: also for what other jobs could not write.
      this.#saveLacking();
      return;
    }
    this.#keeping = false;
    import('./not-kept.ts').then(
      ({ notKeptNews }) =>
        this.#keeping || messages.sayUntil('OK', () => notKeptNews(fault, () => this.#saveLacking())),
      () => messages.sayUntil('OK', () => ({ key: 'disk', sentence: fault.message })),
    );
  }
}
