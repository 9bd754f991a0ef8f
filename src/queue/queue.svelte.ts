/** The files that were given, and their jobs. One job runs at a time; the model stays loaded between them. */
import { phrase } from '../locale/text.ts';
import type { News, Telling } from '../messages/message.ts';
import type { JobReport } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { fetchPart } from '../fetch-part.svelte.ts';
import { messages } from '../messages/messages.svelte.ts';
import { modelFor, needsNoQuestion } from '../settings/model-choice.ts';
import { settings } from '../settings/settings.svelte.ts';
import { Archive } from './archive.svelte.ts';
import {
  isPending,
  isRunning,
  isSameFile,
  newJob,
  stopped,
  withChanges,
  type CueChanges,
  type Job,
  type Speaker,
} from './job.ts';
import { nextTask, SLICE_MS } from '../slices.ts';
import { JobList } from './job-list.svelte.ts';
import { lostItsFile, withFault, withTrack } from './job-steps.ts';
import { LookAhead } from './look-ahead.ts';
import { keyOf, openElsewhereNews, removedNews, unfinishedOf } from './news.ts';
import { Runner } from './runner.svelte.ts';

class Queue {
  readonly #list = new JobList();
  readonly #archive = new Archive(this.#list, () => this.pump());
  readonly #runner = new Runner(this.#list, this.#archive, () => this.pump());
  readonly #lookAhead = new LookAhead({
    unknown: () => this.#list.jobs.filter((job) => isPending(job) && job.facts === null),
    open: (file) => engine.open(file, new AbortController().signal),
    onFacts: (id, facts) => this.#list.change(id, (job) => ({ ...job, facts: job.facts ?? facts })),
    onFault: (id, name, detail) => {
      this.#list.change(id, (job) => (isPending(job) ? withFault(job, name, detail) : job));
      this.#archive.save(id);
    },
  });
  /** What was removed in this visit and can be put back: what is kept of its sound stays until the next one. */
  removed: readonly Job[] = [];
  /** Files that are being put into the list. */
  #adding: Promise<void> = Promise.resolve();

  get jobs(): readonly Job[] {
    return this.#list.jobs;
  }
  /** The one that runs. */
  get current(): Job | null {
    return this.#list.current;
  }
  /** The one whose transcript is shown. */
  get selected(): Job | null {
    return this.#list.selected;
  }
  /** Of the files that were heard to their end in this visit, also of those that are off the list. */
  get reports(): readonly JobReport[] {
    return this.#list.reports;
  }
  /** What an earlier visit left has been read back (or could not be). */
  get restored(): boolean {
    return this.#archive.restored;
  }
  /** Finished windows reach the disk. */
  get keeping(): boolean {
    return this.#archive.keeping;
  }
  /** A write to the disk has been going on for a while. */
  get isWriting(): boolean {
    return this.#archive.isWriting;
  }
  /** The page is about to be left: what waits to be written is written now. */
  hurry(): void {
    this.#archive.hurry();
  }
  /** Resolves when all that was changed so far is on the disk, or could not be brought there. */
  get settled(): Promise<void> {
    return this.#archive.settled;
  }
  /** Seconds until all files are done, at the speed of now. */
  get secondsLeft(): number | null {
    return this.#list.secondsLeft;
  }
  /** The model the next file waits for; null when none does. */
  get missingModel(): string | null {
    return this.jobs.some((job) => job.phase === 'needs-model') ? this.#modelOf(null) : null;
  }

  // ── what comes in ────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Reads back what an earlier visit left. What the browser gives only later is put into the list when it comes.
   * What was not finished is offered to be gone on with.
   * @param choose opens the picker of files
   */
  async restore(choose: () => void): Promise<void> {
    await this.#archive.restore();
    if (unfinishedOf(this.jobs).length === 0) return;
    const say = (tell: Telling | null) => {
      if (tell === null) messages.withdraw('unfinished');
      else messages.sayUntil(phrase('Not now'), tell);
    };
    // Without that part each row still says where it stopped, and takes its file.
    import('./go-on.ts').then(
      ({ offerToGoOn }) => offerToGoOn({ jobs: () => this.jobs, add: this.#addAll, choose, say }),
      (error: unknown) => console.warn('what is unfinished was not offered', error),
    );
  }

  /** A file is on its way (a picker opens, something is dragged over the page): the model gets ready meanwhile. */
  expect(): void {
    this.#runner.expect();
  }

  /**
   * Puts files into the list, in their order and after those that were given before. Many come in slices.
   * @param folders the folder of each file, as "tapes/side b"; empty: the file itself was given
   */
  add(files: readonly File[], folders: readonly string[] = []): void {
    this.#adding = this.#adding.then(async () => {
      let begun = performance.now();
      let fresh: Job[] = [];
      const flush = () => {
        this.#append(fresh);
        fresh = [];
        this.pump();
        void this.#lookAhead.run();
      };
      for (const [index, file] of files.entries()) {
        const known = await this.#knownAs(file);
        const changed = this.jobs.find((job) => lostItsFile(job) && job.name === file.name);
        if (known !== undefined) this.#reunite(known, file);
        else if (changed !== undefined) this.#replace(changed, file);
        else fresh.push(newJob(crypto.randomUUID(), file, false, folders[index]));
        // Reading the size of a file blocks the page for 0.7 ms in Chromium, which asks another process for it (two cores,
        // 25 November 2026).
        if (performance.now() - begun < SLICE_MS) continue;
        flush();
        await nextTask();
        begun = performance.now();
      }
      flush();
    });
    // An error with these files must not keep later ones out of the list.
    this.#adding = this.#adding.catch((error: unknown) => console.error(error));
  }

  /** As `add`; resolves when they are in the list. */
  readonly #addAll = (files: readonly File[]): Promise<void> => {
    this.add(files);
    return this.#adding;
  };

  /** The job of an earlier visit whose file this is. */
  async #knownAs(file: File): Promise<Job | undefined> {
    const alike = this.jobs.filter((job) => job.fileMissing && job.size === file.size);
    if (alike.length === 0) return undefined;
    return import('./file-handles.ts').then(
      ({ jobOf }) => jobOf(file, alike),
      () => alike.find((job) => isSameFile(job, file)),
    );
  }

  /** Puts a job into the list whose words are there already, keeps it and shows it. */
  addFinished(job: Job): void {
    this.#append([job]);
    this.select(job.id);
    this.#archive.save(job.id);
  }

  /** Another form of a job that does not run, kept as it is then. */
  amend(id: string, change: (job: Job) => Job): void {
    this.#list.change(id, change);
    this.select(id);
    this.#archive.save(id);
  }

  /** The bundled clip with the bundled model: shows how it works, without a download. */
  addDemo(): void {
    fetchPart(phrase('The clip'), import('./demo.ts'), ({ demoFile }) =>
      demoFile(
        (file) => {
          this.#append([newJob(crypto.randomUUID(), file, true)]);
          this.pump();
        },
        (tell) => messages.say(tell),
      ),
    );
  }

  // ── what a person does with a job ────────────────────────────────────────────────────────────────────────

  select(id: string): void {
    this.#list.select(id);
  }

  /** Shows a transcript of the library. @returns false: it is not there any more */
  async open(id: string): Promise<boolean> {
    const there = await this.#archive.open(id);
    if (there) this.select(id);
    return there;
  }

  /** @param title empty: it is called as its file */
  rename(id: string, title: string): void {
    this.#list.change(id, (job) => ({ ...job, title }));
    this.#archive.save(id);
  }

  /** Stops the job; its finished windows stay. */
  cancel(id: string): void {
    const job = this.#list.find(id);
    if (job === undefined) return;
    if (id === this.#list.runningId) this.#runner.abort();
    else if (isPending(job)) this.#list.change(id, (old) => stopped(old, 'cancelled'));
  }

  /** Goes on from the last finished window. A finished file without words starts anew, and so does one with `anew`. */
  retry(id: string, anew = this.#list.find(id)?.phase === 'done'): void {
    const job = this.#list.find(id);
    if (job === undefined || job.elsewhere || isRunning(job) || isPending(job)) return;
    if (job.fileMissing) {
      const goOn = () => this.#list.find(id)?.fileMissing || this.retry(id, anew);
      return fetchPart(phrase('What takes files in'), import('./go-on.ts'), ({ bringBack }) =>
        bringBack(job, this.#addAll, (tell) => messages.sayUntil('OK', tell), goOn),
      );
    }
    this.#list.change(id, (old) => ({
      ...(anew ? { ...newJob(old.id, old.file, old.demo, old.folder), facts: old.facts, track: old.track } : old),
      trial: old.trial === 'heard' && !anew ? 'over' : null,
      phase: 'waiting',
      fault: null,
      notice: null,
      report: null,
    }));
    if (anew) this.#archive.startAnew(id);
    this.pump();
  }

  /** Another sound track of the file: what was heard of the one before goes. Not while it runs. */
  hearTrack(id: string, track: number): void {
    const job = this.#list.find(id);
    if (job === undefined || job.elsewhere || job.fileMissing || isRunning(job)) return;
    this.#list.change(id, (old) => withTrack(old, track));
    if (job.windows.length > 0) this.#archive.startAnew(id);
    this.pump();
  }

  /** Removes a job from the list and the disk. One that has words can be put back by the message about it. */
  remove(id: string): void {
    const job = this.#list.find(id);
    if (job === undefined || job.elsewhere) return;
    if (id === this.#list.runningId) this.#runner.abort();
    const index = this.#list.remove(id);
    const putBackTranslation = this.#archive.forget(id);
    messages.withdraw(keyOf(id));
    if (job.cues.length > 0) {
      this.removed = [...this.removed, job];
      const tell = (): News =>
        removedNews(job, () => {
          messages.withdraw(tell().key);
          this.#putBack(job, index);
          putBackTranslation();
        });
      messages.sayUntil(phrase('Dismiss'), tell);
    }
    this.pump();
  }

  /** Another tab has removed it. */
  drop(id: string): void {
    this.#list.remove(id);
  }

  /** What a person has changed in a transcript. */
  change(jobId: string, changes: CueChanges, speakers?: readonly Speaker[]): void {
    if (this.#list.find(jobId)?.elsewhere) return;
    this.#list.change(jobId, (job) => withChanges(job, changes, speakers));
    this.#archive.save(jobId);
  }

  /** Starts the next file whose model is here; the others say what they wait for. */
  pump(): void {
    if (engine.models === null || !this.restored) return;
    const phaseOf = (job: Job) => (needsNoQuestion(engine.model(this.#modelOf(job))) ? 'waiting' : 'needs-model');
    if (this.jobs.some((job) => isPending(job) && job.phase !== phaseOf(job)))
      this.#list.changePending((job) => ({ ...job, phase: phaseOf(job) }));
    if (this.#list.runningId !== null) return;
    const next = this.jobs.find((job) => job.phase === 'waiting');
    if (next !== undefined) void this.#runner.run(next);
  }

  // ── the list ─────────────────────────────────────────────────────────────────────────────────────────────

  #append(jobs: readonly Job[]): void {
    this.#list.append(jobs);
    for (const { id } of jobs) this.#archive.own(id);
    this.#archive.saveNew(jobs);
  }

  /**
   * The file of a transcript from an earlier visit is here again: it can be heard, and goes on if it was cut off. Under
   * another name or date, what it is known by is new, and what it is called is not.
   */
  #reunite(job: Job, file: File): void {
    const { name, lastModified } = file;
    messages.withdraw(keyOf(job.id));
    messages.withdraw('unfinished');
    this.#list.change(job.id, (old) => ({
      ...old,
      ...{ file, fileMissing: false, name, lastModified },
      title: name === old.name ? old.title : old.title || old.name,
      ...((old.phase === 'cancelled' || old.phase === 'failed') && !old.elsewhere
        ? { phase: 'waiting', fault: null }
        : {}),
    }));
    this.select(job.id);
    if (!isSameFile(job, file)) this.#archive.save(job.id);
    if (job.elsewhere) messages.sayUntil('OK', () => openElsewhereNews(job));
  }

  /** A file that was moved or changed is added again. If its contents are others, its words so far are thrown away. */
  #replace(job: Job, file: File): void {
    const same = isSameFile(job, file);
    this.#list.change(job.id, (old) => ({
      ...(same ? old : newJob(old.id, file, old.demo, old.folder)),
      file,
      fileMissing: false,
      phase: 'waiting',
      fault: null,
    }));
    this.#lookAhead.forget(job.id);
    if (!same) this.#archive.startAnew(job.id);
  }

  #putBack(job: Job, index: number): void {
    const back = isRunning(job) || isPending(job) ? stopped(job, 'cancelled') : job;
    this.#list.insert(back, index);
    this.#archive.ownAgain(job.id);
    this.#archive.saveAsIs(back);
  }

  /** The model a job runs with; null: the next file that is added. */
  #modelOf(job: Job | null): string {
    return modelFor(job?.demo === true, settings.current.model, engine.models);
  }
}

export const queue = new Queue();
