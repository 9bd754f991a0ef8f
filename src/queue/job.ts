/** A file in the queue, as plain data: what is drawn, what is exported, what is saved. */
import type {
  Backend,
  Cue,
  FaultName,
  JobReport,
  LoadReport,
  MediaFacts,
  WindowResult,
} from '../../workers/protocol.ts';

export type JobPhase =
  | 'waiting' // another file is running
  | 'needs-model' // the model is not on this device; one question is open
  | 'opening' // the file's headers are read
  | 'loading-model' // the weights go from disk into memory
  | 'transcribing'
  | 'done'
  | 'cancelled' // stopped by the person, or cut off by a reload; the finished windows are kept
  | 'failed'; // `fault` says why; the finished windows are kept

/** A cue with a name of its own, the language its window was heard in (ISO code), and a mark that a person changed it. */
export type EditableCue = Cue & { id: string; edited: boolean; language: string };

/** What went wrong, in words: one sentence and one next step. `detail` is for "Details" only. */
export type JobFault = { name: FaultName; sentence: string; next: string; detail: string };

/** Seconds of the file. `speed`: seconds of sound per second of waiting. `audioSeconds` null until known. */
export type JobProgress = {
  doneSeconds: number;
  audioSeconds: number | null;
  speed: number;
  secondsLeft: number | null;
};

/** From `atSeconds` on another backend did the work. */
export type Seam = { atSeconds: number; backend: Backend };

/** Seconds. */
export type Span = { start: number; end: number };

export type Job = {
  id: string;
  /** The bundled clip with the digits model: a demonstration, never general transcription. */
  demo: boolean;
  /** Where the words of this job were read back from an earlier visit. */
  saved: boolean;
  /** Another tab has it: here it is read, and neither run nor changed. */
  elsewhere: boolean;
  /** Empty (size 0) with `fileMissing` when the job comes from an earlier visit and the file was not added again. */
  file: File;
  fileMissing: boolean;
  name: string;
  /** Bytes and date of the file, also while the file itself is missing: the same file is known again by them. */
  size: number;
  lastModified: number;
  phase: JobPhase;
  facts: MediaFacts | null;
  /** Finished windows as the engine gave them; edits live in `cues` only. */
  windows: readonly WindowResult[];
  /** What is shown and exported: the windows' cues with the person's edits. Sorted by start. */
  cues: readonly EditableCue[];
  /** The window being decoded: its start in seconds and its text so far. */
  partial: { start: number; text: string } | null;
  language: string | null;
  /** [0, 1]; 1 when the person chose the language. */
  languageProbability: number;
  progress: JobProgress;
  fault: JobFault | null;
  report: JobReport | null;
  load: LoadReport | null;
  seams: readonly Seam[];
  /** One sentence of news about this file: no speech found, file broke off, another backend. */
  notice: string | null;
  /** Speech found so far, for the tape. */
  speech: readonly Span[];
};

export function newJob(id: string, file: File, demo = false): Job {
  return {
    id,
    demo,
    saved: false,
    elsewhere: false,
    file,
    fileMissing: false,
    name: file.name,
    size: file.size,
    lastModified: file.lastModified,
    phase: 'waiting',
    facts: null,
    windows: [],
    cues: [],
    partial: null,
    language: null,
    languageProbability: 0,
    progress: { doneSeconds: 0, audioSeconds: null, speed: 0, secondsLeft: null },
    fault: null,
    report: null,
    load: null,
    seams: [],
    notice: null,
    speech: [],
  };
}

/** On its way through the engine now. */
export function isRunning(job: Job): boolean {
  return job.phase === 'opening' || job.phase === 'loading-model' || job.phase === 'transcribing';
}

/** Would start, when its turn and its model come. */
export function isPending(job: Job): boolean {
  return job.phase === 'waiting' || job.phase === 'needs-model';
}

export function isSameFile(job: Job, file: File): boolean {
  return job.name === file.name && job.size === file.size && job.lastModified === file.lastModified;
}

/** Seconds of the file, as well as they are known. */
export function lengthOf(job: Job): number | null {
  return job.progress.audioSeconds ?? job.facts?.seconds ?? null;
}

/** Everything before this sample is transcribed and kept. */
export function resumeSample(windows: readonly WindowResult[]): number {
  return windows.reduce((latest, window) => Math.max(latest, window.endSample), 0);
}

/** The cues of a window with names that stay the same however often it is read back. */
export function cuesOf(window: WindowResult): EditableCue[] {
  const { startSample, language } = window;
  return window.cues.map((cue, index) => ({ ...cue, id: `${startSample}-${index}`, edited: false, language }));
}

/** A job with one more finished window. Windows come in order; one that is there already is not added twice. */
export function withWindow(job: Job, window: WindowResult): Job {
  if (window.startSample < resumeSample(job.windows)) return job;
  return {
    ...job,
    windows: [...job.windows, window],
    cues: [...job.cues, ...cuesOf(window)],
    partial: null,
    // Where each window has a language of its own the engine names none for the file: it is the first one's.
    ...(job.language === null && { language: window.language, languageProbability: window.languageProbability }),
  };
}

/** The languages the words are in, ISO codes, in the order they are first heard. */
export function languagesOf(cues: readonly EditableCue[]): string[] {
  return [...new Set(cues.map((cue) => cue.language))];
}

/** A job with the person's text in one of its cues. Word times no longer fit a text that was typed. */
export function withEdit(job: Job, cueId: string, text: string): Job {
  return {
    ...job,
    cues: job.cues.map((cue) => {
      if (cue.id !== cueId || cue.text === text) return cue;
      const { words: _, ...rest } = cue;
      return { ...rest, text, edited: true };
    }),
  };
}

/** What is kept when a job stops before its end: no half-heard words, no meter. */
export function stopped(job: Job, phase: 'cancelled' | 'failed'): Job {
  return { ...job, phase, partial: null, progress: { ...job.progress, speed: 0, secondsLeft: null } };
}
