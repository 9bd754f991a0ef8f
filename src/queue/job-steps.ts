/** How a job changes with each step of its way through the engine. Pure. */
import { t } from '../locale/text.ts';
import { languageOf } from './heard-language.ts';
import {
  fault,
  ABORTED,
  type FaultName,
  type JobReport,
  type LoadReport,
  type MediaFacts,
} from '../../workers/protocol.ts';
import { lossWords } from '../faults.ts';
import type { Spell } from '../words/rules.ts';
import {
  editableCuesOf,
  lengthOf,
  newJob,
  resumeSample,
  SIDES,
  stopped,
  withChanges,
  type EditableCue,
  type HeardWindow,
  type Job,
} from './job.ts';
import type { Preview } from './previews.ts';
import type { Part } from './run.ts';

/** Whether the channels of a file are heard one by one: settled when its first window is. */
export function heardByChannel(job: Job, facts: MediaFacts, speakerPerChannel: boolean): boolean {
  return job.windows.length > 0 ? job.sides : speakerPerChannel && facts.channels === SIDES.length;
}

/** What is heard of a file, in this order, each from where it was left. Throws AbortError without a job: it was removed. */
export function partsOf(job: Job | undefined, byChannel: boolean): Part[] {
  if (job === undefined) throw fault(ABORTED);
  return (byChannel ? [...SIDES.keys()] : [null]).map((channel) => {
    const last = job.windows.findLast((window) => window.channel === (channel ?? undefined));
    return {
      choice: { track: job.track, channel },
      fromSample: resumeSample(job.windows, channel ?? undefined),
      heardLanguage: last === undefined ? null : languageOf(last),
      bookmark: last?.bookmark ?? null,
    };
  });
}

/**
 * Another sound track of the file is to be heard, from its beginning. Until it is opened, its length is taken to be that of
 * the track before.
 * @param track its index in the file's own list; null: none is chosen
 */
export function withTrack(job: Job, track: number | null): Job {
  const { facts } = job;
  const anew = { ...newJob(job.id, job.file, job.demo, job.folder), facts };
  if (track === null) return anew;
  const { codec, channels, sampleRate } = facts?.tracks?.[track] ?? facts ?? {};
  return {
    ...anew,
    facts: facts && {
      ...facts,
      codec: codec ?? facts.codec,
      channels: channels ?? facts.channels,
      sampleRate: sampleRate ?? facts.sampleRate,
      track,
    },
    track,
  };
}

/**
 * The person's own spellings in the cues of a window that has just come.
 * @param before the job without it
 */
export function withSpelling(before: Job, job: Job, window: HeardWindow, spell: Spell | null): Job {
  if (spell === null || before === job) return job;
  const changed = editableCuesOf(window).flatMap((cue): [string, EditableCue][] => {
    const spelt = spell(cue);
    return spelt === cue ? [] : [[cue.id, spelt]];
  });
  return changed.length === 0 ? job : withChanges(job, new Map(changed));
}

/** Enough to see whether the settings are right, seconds; and a recording for which that is worth while. */
const TRIAL_SECONDS = 60;
const LONG_SECONDS = 180;

/** Whether a job that is tried first has been heard for long enough with this window. A short one is heard as a whole. */
export function isTried(job: Job | undefined, window: HeardWindow | undefined): boolean {
  if (job === undefined || window === undefined) return false;
  const isLong = (lengthOf(job) ?? Infinity) > LONG_SECONDS;
  return isLong && window.endSample >= TRIAL_SECONDS * (job.load?.sampleRate ?? Infinity);
}

/** The job when it has stopped after its first minute, for a person to decide; itself where less of it is heard. */
export function withTrial(job: Job): Job {
  const last = job.windows.at(-1);
  if (last === undefined || !isTried(job, last)) return job;
  // The newest figure of the engine may not have been drawn any more.
  const heardSeconds = last.endSample / (job.load?.sampleRate ?? Infinity);
  const doneSeconds = Math.max(job.progress.doneSeconds, heardSeconds);
  return { ...job, trial: 'heard', progress: { ...job.progress, doneSeconds } };
}

/** The model is in memory, and this part is heard from now on. Another backend than before leaves a seam. */
export function withLoad(job: Job, load: LoadReport, part: Part): Job {
  const channel = part.choice.channel ?? undefined;
  const seconds = resumeSample(job.windows, channel) / load.sampleRate;
  const last = job.windows.findLast((window) => window.channel === channel);
  const changed = last !== undefined && last.backend !== load.backend;
  const seams = job.seams.filter((old) => old.atSeconds !== seconds);
  return {
    ...job,
    phase: 'transcribing',
    load,
    seams: changed ? [...seams, { atSeconds: seconds, backend: load.backend }] : seams,
    // Of channels that are heard one after the other only the engine's own progress tells how far the file is.
    progress: job.sides ? job.progress : { ...job.progress, doneSeconds: Math.max(job.progress.doneSeconds, seconds) },
  };
}

/** The job with the newest unfinished words and progress. */
export function withPreviews(job: Job, events: readonly Preview[]): Job {
  return events.reduce((drawn, event): Job => {
    if (event.type === 'partial') {
      // Its window may have been finished meanwhile.
      const { channel } = drawn.windows.at(-1) ?? {};
      const heardSeconds = drawn.sides
        ? 0
        : resumeSample(drawn.windows, channel) / (drawn.load?.sampleRate ?? Infinity);
      if (event.start < heardSeconds) return drawn;
      return { ...drawn, partial: { start: event.start, text: event.text } };
    }
    const { doneSeconds, audioSeconds, speed, secondsLeft } = event;
    // Never backwards: after a change of backend the engine counts again from the last finished window.
    const done = Math.max(doneSeconds, drawn.progress.doneSeconds);
    return { ...drawn, progress: { doneSeconds: done, audioSeconds, speed, secondsLeft } };
  }, job);
}

/** The job after it was heard to its end, with a notice where sound is missing or no speech was found. */
export function withReport(job: Job, report: JobReport): Job {
  const seconds = report.audioSeconds;
  const progress = { doneSeconds: seconds, audioSeconds: seconds, speed: 0, secondsLeft: null };
  const done: Job = { ...job, report, phase: 'done', saved: false, partial: null, speech: [], progress };
  if (report.truncated) return { ...done, notice: lossWords(report.loss ?? null, seconds) };
  if (job.cues.length === 0) {
    return { ...done, notice: t('No speech was found. If there is some, turn "Skip silence" off and run it again.') };
  }
  return done;
}

export function withFault(job: Job, name: FaultName, detail: string): Job {
  return { ...stopped(job, 'failed'), fault: { name, detail } };
}

/** The job's file was moved or changed while it was heard. A file of the same name that is added then is meant for it. */
export function lostItsFile({ fault: why, elsewhere }: Job): boolean {
  return !elsewhere && (why?.name === 'FileVanished' || why?.name === 'FileChanged');
}
