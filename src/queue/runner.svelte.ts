/** Runs one job of the list: tells the engine what to do, and brings what comes of it into the list and to the disk. */
import { phrase, t, type Phrase } from '../locale/text.ts';
import { ABORTED, fault, type JobEvent, type Levels } from '../../workers/protocol.ts';
import type { WhyCpu } from '../engine/backend-answer.ts';
import { engine } from '../engine.svelte.ts';
import { asFault } from '../faults.ts';
import { fetchPart } from '../fetch-part.svelte.ts';
import { version } from '../version.ts';
import type { Spell } from '../words/rules.ts';
import { modelFor, needsNoQuestion } from '../settings/model-choice.ts';
import type { News, Telling } from '../messages/message.ts';
import { messages } from '../messages/messages.svelte.ts';
import { ledger } from '../network/ledger.svelte.ts';
import { DEFAULT_CHOICES, requestOf } from '../settings/choices.ts';
import { languageName } from '../settings/languages.ts';
import { settings } from '../settings/settings.svelte.ts';
import type { Archive } from './archive.svelte.ts';
import { soundOf, stopped, withChanges, withSpeech, withWindow, type HeardWindow, type Job } from './job.ts';
import type { JobList } from './job-list.svelte.ts';
import { makingOf, withMaking } from '../making.ts';
import {
  heardByChannel,
  isTried,
  partsOf,
  withFault,
  withLoad,
  withPreviews,
  withReport,
  withSpelling,
  withTrial,
  withTrack,
} from './job-steps.ts';
import { Previews } from './previews.ts';
import type { Part, Step } from './run.ts';
import type { VoicesBeside } from './voices-beside.ts';

/** Half-heard words and figures are drawn this often at most; finished windows at once. */
const DRAW_MS = 100;

export class Runner {
  readonly #list: JobList;
  readonly #archive: Archive;
  readonly #onIdle: () => void;
  #stop: AbortController | null = null;
  #spell: Spell | null = null;
  /** The running job is to stop after its first minute. */
  #trial = false;
  /** A load that was begun because a file was on its way. */
  #expecting: AbortController | null = null;
  /** The running job is to start again at once, on the GPU. */
  #again = false;
  /** What has become of the files since the queue last stood still. */
  #batch = { files: 0, soundSeconds: 0, startMs: 0 };
  /** Each said once a visit. */
  #toldOfCpu: readonly WhyCpu[] = [];

  /** @param onIdle called when a job is over and the next may run */
  constructor(list: JobList, archive: Archive, onIdle: () => void) {
    this.#list = list;
    this.#archive = archive;
    this.#onIdle = onIdle;
  }

  /** A file is on its way: the model that it will need gets ready meanwhile. */
  expect(): void {
    const { model: modelId, backend: choice } = settings.current;
    if (this.#list.runningId !== null || engine.status.phase !== 'off' || engine.model(modelId)?.ready !== true) return;
    const expecting = new AbortController();
    this.#expecting = expecting;
    const { signal } = expecting;
    engine
      .inTurn(async () => {
        const { backend } = await engine.backendFor(choice, modelId, signal);
        await engine.prepare({ modelId, backend }, signal);
      }, signal)
      // The file that comes meets the same fault, and then it is said.
      .catch(() => undefined);
  }

  /** Stops the running job softly. */
  abort(): void {
    if (this.#list.current?.phase === 'loading-model') engine.doubtLoad();
    this.#stop?.abort();
  }

  /** Resolves when the job is over, however it ended. Never rejects. */
  async run(job: Job): Promise<void> {
    const { id } = job;
    const stop = new AbortController();
    this.#list.runningId = id;
    this.#stop = stop;
    if (this.#batch.startMs === 0) this.#batch.startMs = performance.now();
    messages.withdraw('all-done');
    this.#list.change(id, (old) => ({ ...old, phase: old.facts === null ? 'opening' : 'loading-model' }));
    // The load it began goes on, and is this job's if it is the right one.
    this.#expecting?.abort();
    this.#expecting = null;
    // A comfort: without it the job runs all the same.
    fetchPart(
      phrase('The part that keeps the screen on'),
      import('./awake.ts'),
      ({ stayAwake }) => void stayAwake('job'),
    );
    // A later visit knows the file by it, whatever it is called then.
    fetchPart(phrase('The part that knows a file again'), import('./fingerprint.ts'), async ({ fingerprintOf }) => {
      const fingerprint = await fingerprintOf(job.file);
      this.#list.change(id, (old) => ({ ...old, fingerprint }));
    });
    ledger.beginJob();
    const choices = job.demo ? { ...DEFAULT_CHOICES, backend: settings.current.backend } : settings.current;
    let voices: VoicesBeside | null = null;
    const previews = new Previews(DRAW_MS, (events) => this.#list.change(id, (old) => withPreviews(old, events)));
    try {
      // Fetched with the desk, which the words stand on; without it they stay as they are heard.
      this.#spell = await import('../words/spell.svelte.ts').then(
        ({ spell }) => spell,
        () => null,
      );
      this.#trial = choices.tryFirst && job.trial === null && job.windows.length === 0;
      const order = {
        file: job.file,
        facts: job.facts,
        modelId: modelFor(job.demo, settings.current.model, engine.models),
        backend: choices.backend,
        track: job.track,
        hasWords: job.cues.length > 0,
        changeTrack: (track: number | null) => this.#changeTrack(id, track),
        request: requestOf(choices),
        parts: (facts: NonNullable<Job['facts']>) => {
          const asked = this.#list.find(id);
          const sides = asked !== undefined && heardByChannel(asked, facts, choices.speakerPerChannel);
          if (asked !== undefined && sides !== asked.sides) this.#list.change(id, (old) => ({ ...old, sides }));
          return partsOf(asked, sides);
        },
      };
      const tell = (step: Step) => {
        this.#onStep(id, step, previews);
        if (step.type !== 'loaded') return;
        const making = makingOf(order.request, step.load, { at: Date.now(), version });
        this.#list.change(id, (old) => ({ ...old, made: withMaking(old.made, making) }));
      };
      // No part of the first load: nothing is heard before a file is here.
      const { transcribeFile } = await import('./run.ts');
      if (choices.tellSpeakers) voices = await this.#withVoices(id);
      const report = await engine.inTurn(() => transcribeFile(voices ?? engine, order, tell, stop.signal), stop.signal);
      previews.end();
      await this.#archive.settled;
      if (report.outcome === 'cancelled') throw fault(ABORTED);
      this.#list.change(id, (old) => withReport(old, report));
      this.#list.reports = [...this.#list.reports, report];
      this.#batch.files += 1;
      this.#batch.soundSeconds += report.audioSeconds;
    } catch (error) {
      previews.end();
      await this.#archive.settled;
      await this.#onError(id, error);
    }
    this.#archive.save(id);
    const over = this.#list.find(id);
    if (over !== undefined) void voices?.end(over, over.phase === 'done');
    ledger.endJob();
    this.#list.runningId = null;
    this.#stop = null;
    this.#again = false;
    if (!this.#list.jobs.some((other) => other.phase === 'waiting')) {
      import('./awake.ts').then(({ sleepAgain }) => sleepAgain('job')).catch(() => undefined);
      this.#endBatch();
    }
    this.#onIdle();
  }

  /** The person believes in the GPU again: a job that fell to the CPU goes over from its last finished window. */
  #tryGpuAgain(): void {
    engine.forgiveGpu();
    messages.withdraw('gpu');
    if (this.#list.runningId !== null && this.#stop !== null) {
      this.#again = true;
      this.#stop.abort();
    }
  }

  /** The engine with somebody who tells speakers apart; null: that part of the page could not be fetched. Words go first. */
  async #withVoices(id: string): Promise<VoicesBeside | null> {
    const parts = Promise.all([import('./voices-beside.ts'), import('../speakers/telling.svelte.ts')]);
    const fetched = await parts.catch(() => null);
    if (fetched === null) return null;
    const [beside, { telling }] = fetched;
    const talk = beside.talkOf(id, {
      find: (jobId) => this.#list.find(jobId),
      change: (jobId, changes, speakers) => {
        this.#list.change(jobId, (old) => withChanges(old, changes, speakers));
        this.#archive.save(jobId);
      },
    });
    return new beside.VoicesBeside(telling, engine, talk);
  }

  /** Another track of the file that runs, once all that was heard of the one before is on the disk. */
  async #changeTrack(id: string, track: number | null): Promise<void> {
    await this.#archive.settled;
    const job = this.#list.find(id);
    if (job === undefined) throw fault(ABORTED);
    this.#list.change(id, (old) => ({ ...withTrack(old, track), phase: 'opening' }));
    if (job.windows.length > 0) this.#archive.startAnew(id);
  }

  #onStep(id: string, step: Step, previews: Previews): void {
    const { type } = step;
    switch (type) {
      case 'opening':
        return this.#list.change(id, (job) => ({ ...job, phase: 'opening' }));
      case 'opened':
        return this.#list.change(id, (job) => ({ ...job, facts: step.facts }));
      case 'loading':
        return this.#list.change(id, (job) => ({ ...job, phase: 'loading-model', partial: null }));
      case 'loaded':
        if (!step.load.kept) this.#say('OK', ({ modelNotKeptNews }) => modelNotKeptNews());
        return this.#list.change(id, (job) => withLoad(job, step.load, step.part));
      case 'no-gpu':
        if (this.#toldOfCpu.includes(step.why)) return;
        this.#toldOfCpu = [...this.#toldOfCpu, step.why];
        return this.#say('OK', ({ whyCpuNews }) => whyCpuNews(step.why));
      case 'took-over': {
        const job = this.#list.find(id);
        if (job === undefined) return;
        const again = () => ({ label: t('Try the GPU again'), primary: true, run: () => this.#tryGpuAgain() });
        const say = (tell: Telling) => messages.sayUntil(phrase('Dismiss'), tell);
        return void import('./fault-news.ts').then(
          ({ takeoverNews }) => say(() => takeoverNews(job, step, again())),
          () =>
            say(() => ({
              key: 'gpu',
              sentence: t('The CPU has taken over.'),
              detail: step.detail,
              actions: [again()],
            })),
        );
      }
      case 'language-unknown': {
        const notice = t("This model doesn't know {language}. It listens for the language itself.", {
          language: languageName(step.language),
        });
        return this.#list.change(id, (job) => ({ ...job, notice }));
      }
      case 'event':
        return this.#onEvent(id, step.event, previews, step.part);
    }
  }

  #onEvent(id: string, event: JobEvent, previews: Previews, { choice: { channel } }: Part): void {
    switch (event.type) {
      case 'working':
        return;
      case 'facts':
        return this.#list.change(id, (job) => ({ ...job, facts: event.facts }));
      case 'language': {
        const { language, probability: languageProbability } = event;
        return this.#list.change(id, (job) => ({ ...job, language, languageProbability }));
      }
      case 'speech':
        return this.#list.change(id, (job) => withSpeech(job, event.regions));
      case 'partial':
      case 'progress':
        return previews.push(event);
      case 'levels':
        return this.#onLevels(id, event.levels);
      case 'window':
        if (this.#trial && isTried(this.#list.find(id), event.window)) this.#stop?.abort();
        return this.#onWindow(id, channel === null ? event.window : { ...event.window, channel });
    }
  }

  /** The waveform is no part of the first load. Without it the words are as good. */
  #onLevels(id: string, levels: Levels): void {
    const job = this.#list.find(id);
    if (job === undefined) return;
    import('../waveform/sound-levels.svelte.ts').then(
      ({ levelsOf }) => levelsOf(soundOf(job)).add(levels),
      () => undefined,
    );
  }

  /** On the disk first, then on the screen: what a person has read is never lost. */
  #onWindow(id: string, window: HeardWindow): void {
    const add = (job: Job) => withSpelling(job, withWindow(job, window), window, this.#spell);
    void this.#archive.saveWindow(id, add).then(() => this.#list.change(id, add));
  }

  async #onError(id: string, error: unknown): Promise<void> {
    const { name, detail } = asFault(error);
    if (name === ABORTED) {
      const again = this.#again;
      const trial = this.#trial;
      this.#list.change(id, (job) => ({
        ...stopped(trial ? withTrial(job) : job, 'cancelled'),
        ...(again && { phase: 'waiting' as const }),
      }));
      return;
    }
    if (name === 'ModelMissing' || name === 'ModelDamaged') {
      await engine.refreshModels().catch(() => {});
      const job = this.#list.find(id);
      const modelId = modelFor(job?.demo === true, settings.current.model, engine.models);
      if (job !== undefined && !needsNoQuestion(engine.model(modelId))) {
        if (name === 'ModelDamaged')
          await import('./fault-news.ts').then(
            ({ modelFaultNews }) => messages.say(() => modelFaultNews(name, detail)),
            // The question for the model, which comes now, is as good.
            () => undefined,
          );
        this.#list.change(id, (old) => ({ ...stopped(old, 'cancelled'), phase: 'needs-model' }));
        return;
      }
    }
    this.#list.change(id, (job) => withFault(job, name, detail));
  }

  /** One file says itself that it is done; for several there is a sum. */
  #endBatch(): void {
    const { files, soundSeconds, startMs } = this.#batch;
    this.#batch = { files: 0, soundSeconds: 0, startMs: 0 };
    if (files < 2) return;
    const seconds = (performance.now() - startMs) / 1000;
    this.#say(phrase('Dismiss'), ({ allDoneNews }) => allDoneNews(files, soundSeconds, seconds));
  }

  #say(until: 'OK' | Phrase, news: (words: typeof import('./run-news.ts')) => News): void {
    fetchPart(phrase('A message of the page'), import('./run-news.ts'), (words) =>
      messages.sayUntil(until, () => news(words)),
    );
  }
}
