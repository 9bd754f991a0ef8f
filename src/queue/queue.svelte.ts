/** The files and what became of them. One runs at a time; the model stays loaded between them. */
import { ABORTED, fault, type FaultName, type JobEvent, type WindowResult } from '../../workers/protocol.ts';
import { clock, duration } from '../clock.ts';
import { engine } from '../engine.svelte.ts';
import { asFault, CPU_MODEL, faultWords, NO_GPU, SOFTWARE_GPU, takeoverWords, WRONG_GPU } from '../faults.ts';
import { messages } from '../messages/messages.svelte.ts';
import { ledger } from '../network/ledger.svelte.ts';
import { DEFAULT_CHOICES, DEFAULT_MODEL, DEMO_MODEL, requestOf } from '../settings/choices.ts';
import { languageName } from '../settings/languages.ts';
import { settings } from '../settings/settings.svelte.ts';
import { sleepAgain, stayAwake } from './awake.ts';
import {
  isPending,
  isRunning,
  isSameFile,
  lengthOf,
  newJob,
  resumeSample,
  stopped,
  withEdit,
  withWindow,
  type Job,
} from './job.ts';
import { Ownership } from './ownership.ts';
import { Previews, type Preview } from './previews.ts';
import { TEST_CLIP } from '../self-test/verdict.ts';
import { languageOf, runJob, type Step, type WhyCpu } from './run.ts';
import { forget, keptIds, readSaved, saveHeader, saveWhole, saveWindow } from './saved.ts';

/** Half-heard words and figures are drawn this often at most; finished windows at once. */
const DRAW_MS = 100;
/** A browser that takes longer than this to open its database is not waited for. */
const RESTORE_MS = 3000;
const WHY_CPU: Record<WhyCpu, string> = {
  'cpu-model': CPU_MODEL,
  'no-gpu': NO_GPU,
  'software-gpu': SOFTWARE_GPU,
  'wrong-results': WRONG_GPU,
};

class Queue {
  #jobs = $state.raw<readonly Job[]>([]);
  #chosen = $state.raw<string | null>(null);
  #runningId = $state.raw<string | null>(null);
  #restored = $state.raw(false);
  /** The fate of the last write to the disk. */
  #keeping = $state.raw(true);

  /** When each job was added; the order of what is kept. */
  readonly #added = new Map<string, number>();
  /** The jobs that are this tab's, not another's. */
  readonly #ownership = new Ownership();
  /** What is written to the disk goes one after another. */
  #writing: Promise<void> = Promise.resolve();
  #stop: AbortController | null = null;
  /** The running job is to start again at once, on the GPU. */
  #again = false;
  /** Files whose headers were read, or could not be, before their turn. */
  readonly #lookedAt = new Set<string>();
  #looking = false;
  /** What has become of the files since the queue last stood still. */
  #batch = { files: 0, soundSeconds: 0, startMs: 0 };
  /** Each said once a visit. */
  readonly #toldOfCpu = new Set<WhyCpu>();

  readonly #current = $derived(this.#jobs.find((job) => job.id === this.#runningId) ?? null);
  readonly #selected = $derived(
    this.#jobs.find((job) => job.id === this.#chosen) ??
      this.#current ??
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
  /** The one that runs. */
  get current(): Job | null {
    return this.#current;
  }
  /** The one whose transcript is shown. */
  get selected(): Job | null {
    return this.#selected;
  }
  /** What an earlier visit left has been read back (or could not be). */
  get restored(): boolean {
    return this.#restored;
  }
  /** Finished windows reach the disk. */
  get keeping(): boolean {
    return this.#keeping;
  }
  /** Seconds until all files are done, at the speed of now. */
  get secondsLeft(): number | null {
    return this.#secondsLeft;
  }
  /** The model the next file waits for; null when none does. */
  get missingModel(): string | null {
    return this.#jobs.some((job) => job.phase === 'needs-model') ? this.#modelOf(null) : null;
  }

  // ── verbs ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reads back what an earlier visit left. */
  async restore(): Promise<void> {
    const patience = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error('the database did not open')), RESTORE_MS),
    );
    try {
      const kept = await Promise.race([this.#readKept(), patience]);
      for (const { job, added } of kept) this.#added.set(job.id, added);
      this.#jobs = [...kept.map(({ job }) => job), ...this.#jobs];
      for (const { job } of kept) if (job.elsewhere) void this.#awaitOther(job.id);
    } catch (error) {
      this.#cannotKeep(error);
    }
    this.#restored = true;
  }

  /** Claimed before it is read: what another tab has not let go of may still change under its hands. */
  async #readKept(): ReturnType<typeof readSaved> {
    const ids = await keptIds();
    const mine = new Map(await Promise.all(ids.map(async (id) => [id, await this.#ownership.tryTake(id)] as const)));
    const kept = await readSaved();
    return kept
      .filter(({ job }) => mine.has(job.id))
      .map(({ job, added }) => ({ job: { ...job, elsewhere: mine.get(job.id) === false }, added }));
  }

  /** The other tab was closed, or took the job off the list: what it left on the disk is this tab's now. */
  async #awaitOther(id: string): Promise<void> {
    await this.#ownership.take(id);
    messages.withdraw(`file ${id}`);
    const left = await readSaved().catch(() => []);
    const kept = left.find(({ job }) => job.id === id)?.job;
    if (kept === undefined) {
      this.#jobs = this.#jobs.filter((job) => job.id !== id);
      this.#ownership.release(id);
      return;
    }
    this.#patch(id, ({ file, fileMissing }) => ({
      ...kept,
      ...(fileMissing ? {} : { file, fileMissing, phase: kept.phase === 'cancelled' ? 'waiting' : kept.phase }),
    }));
    this.pump();
  }

  add(files: readonly File[]): void {
    for (const file of files) {
      const known = this.#jobs.find((job) => job.fileMissing && isSameFile(job, file));
      if (known !== undefined) this.#reunite(known, file);
      else this.#append(newJob(crypto.randomUUID(), file));
    }
    this.pump();
    void this.#lookAhead();
  }

  /** A file is on its way (a picker opens, something is dragged over the page): the model gets ready meanwhile. */
  expect(): void {
    const { model: modelId, backend: choice } = settings.current;
    if (this.#runningId !== null || engine.status.phase !== 'off' || engine.model(modelId)?.ready !== true) return;
    const { signal } = new AbortController();
    engine
      .inTurn(async () => {
        const { backend } = await engine.backendFor(choice, modelId);
        await engine.prepare({ modelId, backend }, signal);
      })
      // The file that comes meets the same fault, and then it is said.
      .catch(() => undefined);
  }

  /** The bundled clip with the bundled model: shows how it works, without a download. */
  async addDemo(): Promise<void> {
    try {
      const answer = await fetch(new URL(TEST_CLIP, document.baseURI));
      if (!answer.ok) throw fault('DownloadFailed', `${answer.status} ${answer.statusText}`);
      const file = new File([await answer.blob()], 'Spoken digits.wav', { type: 'audio/wav', lastModified: 0 });
      this.#append(newJob(crypto.randomUUID(), file, true));
      this.pump();
    } catch (error) {
      messages.say({
        key: 'demo',
        kind: 'fault',
        sentence: 'The clip could not be fetched.',
        more: 'Check the network and try again.',
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }

  select(id: string): void {
    this.#chosen = id;
  }

  /** Stops softly; what is finished stays. */
  cancel(id: string): void {
    const job = this.#find(id);
    if (job === undefined) return;
    if (id === this.#runningId) this.#stop?.abort();
    else if (isPending(job)) this.#patch(id, (old) => stopped(old, 'cancelled'));
  }

  /** Goes on from the last finished window. A finished file without words starts anew. */
  retry(id: string): void {
    const job = this.#find(id);
    if (job === undefined || job.elsewhere || isRunning(job) || isPending(job)) return;
    if (job.fileMissing) {
      messages.say({
        key: `file ${id}`,
        sentence: `Earshot doesn't keep your files. Add ${job.name} again to go on.`,
        actions: [{ label: 'OK', run: () => messages.withdraw(`file ${id}`) }],
      });
      return;
    }
    const anew = job.phase === 'done';
    this.#patch(id, (old) => ({
      ...(anew ? { ...newJob(old.id, old.file, old.demo), facts: old.facts } : old),
      phase: 'waiting',
      fault: null,
      notice: null,
      report: null,
    }));
    this.pump();
  }

  /** Takes it off the list and off the disk; an undo brings back what had words. */
  remove(id: string): void {
    const index = this.#jobs.findIndex((job) => job.id === id);
    const job = this.#jobs[index];
    if (job === undefined || job.elsewhere) return;
    if (id === this.#runningId) this.#stop?.abort();
    this.#jobs = this.#jobs.filter((other) => other.id !== id);
    if (this.#chosen === id) this.#chosen = null;
    this.#write(() => forget(id).finally(() => this.#ownership.release(id)));
    messages.withdraw(`file ${id}`);
    if (job.cues.length > 0) {
      const key = `removed ${id}`;
      messages.say({
        key,
        sentence: `${job.name} and its transcript are off the list.`,
        actions: [
          { label: 'Undo', run: () => this.#putBack(job, index, key) },
          { label: 'Dismiss', run: () => messages.withdraw(key) },
        ],
      });
    }
    this.pump();
  }

  editCue(jobId: string, cueId: string, text: string): void {
    if (this.#find(jobId)?.elsewhere) return;
    this.#patch(jobId, (job) => withEdit(job, cueId, text));
    this.#keep(jobId);
  }

  /** Starts the next file whose model is here; the others say what they wait for. */
  pump(): void {
    if (engine.models === null || !this.#restored) return;
    for (const job of this.#jobs) {
      if (!isPending(job)) continue;
      const phase = this.#isHere(this.#modelOf(job)) ? 'waiting' : 'needs-model';
      if (job.phase !== phase) this.#patch(job.id, (old) => ({ ...old, phase }));
    }
    if (this.#runningId !== null) return;
    const next = this.#jobs.find((job) => job.phase === 'waiting');
    if (next !== undefined) void this.#run(next.id);
  }

  /** The person believes in the GPU again: a job that fell to the CPU goes over from its last finished window. */
  tryGpuAgain(): void {
    engine.forgiveGpu();
    messages.withdraw('gpu');
    if (this.#runningId !== null && this.#stop !== null) {
      this.#again = true;
      this.#stop.abort();
    }
  }

  // ── running ──────────────────────────────────────────────────────────────────────────────────────────────

  async #run(id: string): Promise<void> {
    const job = this.#find(id);
    if (job === undefined) return;
    const stop = new AbortController();
    this.#runningId = id;
    this.#stop = stop;
    if (this.#batch.startMs === 0) this.#batch.startMs = performance.now();
    messages.withdraw('all-done');
    this.#patch(id, (old) => ({ ...old, phase: old.facts === null ? 'opening' : 'loading-model' }));
    void stayAwake();
    ledger.beginJob();
    const last = job.windows.at(-1);
    const choices = job.demo ? { ...DEFAULT_CHOICES, backend: settings.current.backend } : settings.current;
    const preview = new Previews(DRAW_MS, (events) => this.#draw(id, events));
    try {
      const report = await engine.inTurn(
        () =>
          runJob(
            engine,
            {
              file: job.file,
              facts: job.facts,
              modelId: this.#modelOf(job),
              backend: choices.backend,
              request: {
                ...requestOf(choices),
                fromSample: resumeSample(job.windows),
                heardLanguage: last === undefined ? null : languageOf(last),
              },
            },
            (step) => this.#take(id, step, preview),
            stop.signal,
          ),
        stop.signal,
      );
      preview.end();
      await this.#writing;
      if (report.outcome === 'cancelled') throw fault(ABORTED);
      this.#patch(id, (old) => finished({ ...old, report }));
      this.#batch.files += 1;
      this.#batch.soundSeconds += report.audioSeconds;
    } catch (error) {
      preview.end();
      await this.#writing;
      await this.#fail(id, error);
    }
    this.#keep(id);
    ledger.endJob();
    this.#runningId = null;
    this.#stop = null;
    this.#again = false;
    if (!this.#jobs.some((other) => other.phase === 'waiting')) {
      void sleepAgain();
      this.#sayAllDone();
    }
    this.pump();
  }

  #take(id: string, step: Step, preview: Previews): void {
    switch (step.type) {
      case 'opening':
        return this.#patch(id, (job) => ({ ...job, phase: 'opening' }));
      case 'opened':
        return this.#patch(id, (job) => ({ ...job, facts: step.facts }));
      case 'loading':
        return this.#patch(id, (job) => ({ ...job, phase: 'loading-model', partial: null }));
      case 'loaded':
        return this.#patch(id, (job) => {
          const seconds = resumeSample(job.windows) / step.load.sampleRate;
          const last = job.windows.at(-1);
          const changed = last !== undefined && last.backend !== step.load.backend;
          const seam = { atSeconds: seconds, backend: step.load.backend };
          const seams = job.seams.filter((old) => old.atSeconds !== seconds);
          return {
            ...job,
            phase: 'transcribing',
            load: step.load,
            seams: changed ? [...seams, seam] : seams,
            progress: { ...job.progress, doneSeconds: Math.max(job.progress.doneSeconds, seconds) },
          };
        });
      case 'no-gpu':
        if (this.#toldOfCpu.has(step.why)) return;
        this.#toldOfCpu.add(step.why);
        messages.say({
          key: 'gpu',
          sentence: WHY_CPU[step.why],
          actions: [{ label: 'OK', run: () => messages.withdraw('gpu') }],
        });
        return;
      case 'took-over':
        return this.#tookOver(id, step);
      case 'language-unknown':
        return this.#patch(id, (job) => ({
          ...job,
          notice: `This model doesn't know ${languageName(step.language)}. It listens for the language itself.`,
        }));
      case 'event':
        return this.#hear(id, step.event, preview);
    }
  }

  #hear(id: string, event: JobEvent, preview: Previews): void {
    switch (event.type) {
      case 'facts':
        return this.#patch(id, (job) => ({ ...job, facts: event.facts }));
      case 'language':
        return this.#patch(id, (job) => ({
          ...job,
          language: event.language,
          languageProbability: event.probability,
        }));
      case 'speech':
        return this.#patch(id, (job) => ({ ...job, speech: [...job.speech, ...event.regions] }));
      case 'partial':
      case 'progress':
        return preview.push(event);
      case 'window':
        return this.#finish(id, event.window);
    }
  }

  /** On the disk first, then on the screen: what a person has read is never lost. */
  #finish(id: string, window: WindowResult): void {
    this.#write(async () => {
      const job = this.#find(id);
      if (job === undefined) return;
      try {
        await saveWindow(job, this.#addedAt(id), window);
      } finally {
        this.#patch(id, (old) => withWindow(old, window));
      }
    });
  }

  #draw(id: string, events: readonly Preview[]): void {
    this.#patch(id, (job) =>
      events.reduce((drawn, event): Job => {
        if (event.type === 'partial') {
          // Its window may have been finished meanwhile.
          const heardSeconds = resumeSample(drawn.windows) / (drawn.load?.sampleRate ?? Infinity);
          if (event.start < heardSeconds) return drawn;
          return { ...drawn, partial: { start: event.start, text: event.text } };
        }
        const { doneSeconds, audioSeconds, speed, secondsLeft } = event;
        // Never backwards: after a change of backend the engine counts again from the last finished window.
        const done = Math.max(doneSeconds, drawn.progress.doneSeconds);
        return { ...drawn, progress: { doneSeconds: done, audioSeconds, speed, secondsLeft } };
      }, job),
    );
  }

  #tookOver(id: string, step: Extract<Step, { type: 'took-over' }>): void {
    const job = this.#find(id);
    if (job === undefined) return;
    const at = step.atSeconds > 0 ? clock(step.atSeconds, lengthOf(job) ?? 0) : null;
    const words = takeoverWords(step.name, at, job.cues.length);
    messages.say({
      key: 'gpu',
      kind: step.name === 'NoGpu' ? 'news' : 'fault',
      sentence: words.sentence,
      more: words.next,
      detail: step.detail,
      actions: [
        { label: 'Try the GPU again', primary: true, run: () => this.tryGpuAgain() },
        { label: 'Dismiss', run: () => messages.withdraw('gpu') },
      ],
    });
  }

  async #fail(id: string, error: unknown): Promise<void> {
    const { name, detail } = asFault(error);
    if (name === ABORTED) {
      const again = this.#again;
      this.#patch(id, (old) => ({ ...stopped(old, 'cancelled'), ...(again && { phase: 'waiting' as const }) }));
      return;
    }
    if (name === 'ModelMissing' || name === 'ModelDamaged') {
      await engine.refreshModels().catch(() => {});
      const job = this.#find(id);
      if (job !== undefined && !this.#isHere(this.#modelOf(job))) {
        if (name === 'ModelDamaged') messages.say({ key: 'model', kind: 'fault', ...said(name), detail });
        this.#patch(id, (old) => ({ ...stopped(old, 'cancelled'), phase: 'needs-model' }));
        return;
      }
    }
    this.#patch(id, (old) => withFault(old, name, detail));
  }

  /** Reads the headers of files that wait: how long they are, and which can't be opened at all, is known early. */
  async #lookAhead(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const never = new AbortController().signal;
    for (;;) {
      const job = this.#jobs.find((other) => isPending(other) && other.facts === null && !this.#lookedAt.has(other.id));
      if (job === undefined) break;
      this.#lookedAt.add(job.id);
      try {
        const facts = await engine.open(job.file, never);
        this.#patch(job.id, (old) => ({ ...old, facts: old.facts ?? facts }));
      } catch (error) {
        const { name, detail } = asFault(error);
        // Anything else may be the doing of another file; this one gets its turn.
        if (name === 'EmptyFile' || name === 'UnsupportedFormat' || name === 'NoAudioTrack') {
          this.#patch(job.id, (old) => (isPending(old) ? withFault(old, name, detail) : old));
        }
      }
    }
    this.#looking = false;
  }

  // ── the list ─────────────────────────────────────────────────────────────────────────────────────────────

  #append(job: Job): void {
    // Two files added in the same millisecond keep their order.
    this.#added.set(job.id, Math.max(Date.now(), ...[...this.#added.values()].map((at) => at + 1)));
    this.#jobs = [...this.#jobs, job];
    void this.#ownership.take(job.id);
  }

  /** The file of a transcript from an earlier visit is here again: it can be heard, and goes on if it was cut off. */
  #reunite(job: Job, file: File): void {
    messages.withdraw(`file ${job.id}`);
    this.#patch(job.id, (old) => ({
      ...old,
      file,
      fileMissing: false,
      phase: old.phase === 'cancelled' && !old.elsewhere ? 'waiting' : old.phase,
    }));
    this.#chosen = job.id;
    if (job.elsewhere) {
      messages.say({
        key: `file ${job.id}`,
        sentence: `${job.name} is open in another tab, so it is not transcribed a second time.`,
        more: 'Go on in that tab, or close it: then it goes on here.',
        actions: [{ label: 'OK', run: () => messages.withdraw(`file ${job.id}`) }],
      });
    }
  }

  #putBack(job: Job, index: number, key: string): void {
    messages.withdraw(key);
    const back = isRunning(job) || isPending(job) ? stopped(job, 'cancelled') : job;
    this.#jobs = this.#jobs.toSpliced(index, 0, back);
    this.#write(async () => {
      // Another tab may be just finding out that it was gone.
      await this.#ownership.take(job.id);
      await saveWhole(back, this.#addedAt(job.id));
    });
  }

  #find(id: string): Job | undefined {
    return this.#jobs.find((job) => job.id === id);
  }

  #patch(id: string, change: (job: Job) => Job): void {
    this.#jobs = this.#jobs.map((job) => (job.id === id ? change(job) : job));
  }

  #addedAt(id: string): number {
    return this.#added.get(id) ?? Date.now();
  }

  /** The model a job runs with; of none: what the settings say. An unknown one falls to the first there is. */
  #modelOf(job: Job | null): string {
    const wanted = job?.demo === true ? DEMO_MODEL : settings.current.model;
    if (engine.model(wanted) !== undefined) return wanted;
    return engine.model(DEFAULT_MODEL)?.id ?? engine.models?.[0]?.id ?? DEFAULT_MODEL;
  }

  /** Bundled ones come with the page: nobody is asked about them. */
  #isHere(modelId: string): boolean {
    const model = engine.model(modelId);
    return model !== undefined && (model.ready || model.source === 'bundled');
  }

  // ── the disk ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Keeps the record of a job that has something worth keeping. */
  #keep(id: string): void {
    this.#write(async () => {
      const job = this.#find(id);
      if (job !== undefined && job.windows.length > 0) await saveHeader(job, this.#addedAt(id));
    });
  }

  #write(task: () => Promise<void>): void {
    this.#writing = this.#writing.then(task).then(
      () => {
        if (this.#keeping) return;
        this.#keeping = true;
        messages.withdraw('disk');
      },
      (error: unknown) => this.#cannotKeep(error),
    );
  }

  #cannotKeep(error: unknown): void {
    this.#keeping = false;
    messages.say({
      key: 'disk',
      sentence: "This browser doesn't let Earshot keep transcripts here.",
      more: 'They stay until you close the tab. Export them before you do.',
      detail: error instanceof Error ? error.message : String(error),
      actions: [{ label: 'OK', run: () => messages.withdraw('disk') }],
    });
  }

  /** One file says itself that it is done; for several there is a sum. */
  #sayAllDone(): void {
    const { files, soundSeconds, startMs } = this.#batch;
    this.#batch = { files: 0, soundSeconds: 0, startMs: 0 };
    if (files < 2) return;
    const took = duration((performance.now() - startMs) / 1000);
    messages.say({
      key: 'all-done',
      kind: 'ok',
      sentence: `${files} files are done: ${duration(soundSeconds)} of sound in ${took}.`,
      actions: [{ label: 'Dismiss', run: () => messages.withdraw('all-done') }],
    });
  }
}

function said(name: FaultName): { sentence: string; more: string } {
  const { sentence, next } = faultWords(name);
  return { sentence, more: next };
}

function withFault(job: Job, name: FaultName, detail: string): Job {
  const kept = job.windows.length > 0 ? clock(job.progress.doneSeconds, lengthOf(job) ?? 0) : null;
  const { sentence, next } = faultWords(name, { keptUntil: kept });
  return { ...stopped(job, 'failed'), fault: { name, sentence, next, detail } };
}

/** A job whose report has come: what there is to say about it. */
function finished(job: Job): Job {
  const seconds = job.report?.audioSeconds ?? job.progress.doneSeconds;
  const length = { doneSeconds: seconds, audioSeconds: seconds, speed: 0, secondsLeft: null };
  const done: Job = { ...job, phase: 'done', saved: false, partial: null, progress: length };
  if (job.report?.truncated) {
    return { ...done, notice: `The file breaks off at ${clock(seconds)}. The words up to there are here.` };
  }
  if (job.cues.length === 0) {
    return { ...done, notice: 'No speech was found. If there is some, turn "Skip silence" off and run it again.' };
  }
  return done;
}

export const queue = new Queue();
