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
import type { Making } from '../making.ts';

export type JobPhase =
  | 'waiting' // another file is running
  | 'needs-model' // the model is not on this device; one question is open
  | 'opening' // the file's headers are read
  | 'loading-model' // the weights go from disk into memory
  | 'transcribing'
  | 'done'
  | 'cancelled' // stopped by the person, or cut off by a reload; the finished windows are kept
  | 'failed'; // `fault` says why; the finished windows are kept

/**
 * A cue with an id, the language of its window (ISO code), and whether a person has edited it. `again`: it was heard a second
 * time, and this is the `at` of how (`Job.made`). `heard`: what it said before the person's own spellings were put in.
 */
export type EditableCue = Cue & {
  id: string;
  edited: boolean;
  language: string;
  again?: number;
  heard?: Pick<Cue, 'text' | 'words'>;
};

/**
 * Somebody who speaks, by the name that cues know them by (`Cue.speaker`), and the name that is shown. `joined`: those whom a
 * person has made one with this one (src/speakers/joins.ts).
 */
export type Speaker = { id: string; name: string; joined?: readonly string[] };

/** By the id of a cue: the cue as it is now; null: it was taken out. */
export type CueChanges = ReadonlyMap<string, EditableCue | null>;

/** What went wrong. It is put into words when it is shown (phase.ts); `detail` is for "Details" only. */
export type JobFault = { name: FaultName; detail: string };

/** Seconds of the file. `speed`: seconds of sound per second of waiting. `audioSeconds` null until known. */
type JobProgress = {
  doneSeconds: number;
  audioSeconds: number | null;
  speed: number;
  secondsLeft: number | null;
};

/** A finished window. `channel`: the one it was heard in; without it all channels were heard together. */
export type HeardWindow = WindowResult & { channel?: number };

/** Who speaks in each channel of a pair, where they are heard one by one. */
export const SIDES = ['Left', 'Right'] as const;

/** From `atSeconds` on another backend did the work. */
export type Seam = { atSeconds: number; backend: Backend };

/** A stretch of the file in which there is speech, in seconds. */
export type Region = { start: number; end: number };

export type Job = {
  id: string;
  /** The bundled clip with the digits model: a demonstration, never general transcription. */
  demo: boolean;
  /** The words of this job were read back from an earlier visit. */
  saved: boolean;
  /** Another tab has the job: in this one it can be read, but neither run nor changed. */
  elsewhere: boolean;
  /** Empty (size 0) with `fileMissing` when the job comes from an earlier visit and the file was not added again. */
  file: File;
  fileMissing: boolean;
  name: string;
  /** What a person calls it; empty: it is called as its file. */
  title: string;
  /** Where it lay in what was given, as "tapes/side b"; empty: the file itself was given. */
  folder: string;
  /** Size in bytes and date of the file, kept so that the same file is recognised when it is added again. */
  size: number;
  lastModified: number;
  /** What its content is known by (src/queue/fingerprint.ts); null: not known. */
  fingerprint: string | null;
  phase: JobPhase;
  facts: MediaFacts | null;
  /** Index of the sound track that is heard, by choice or as the first with speech; null: the first that can be decoded. */
  track: number | null;
  /** Left and right are heard one after the other, each as one speaker. Settled when the first of it is heard. */
  sides: boolean;
  /** Finished windows as the engine gave them, in that order; edits live in `edits` and `cues` only. */
  windows: readonly HeardWindow[];
  /** Every cue that a person has changed, made or taken out. */
  edits: CueChanges;
  /** Names of those who speak. One that is not in it is shown by its id. */
  speakers: readonly Speaker[];
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
  /**
   * Its first minute is to be heard by itself, and then a person decides. `heard`: it was, and nobody has decided; `over`: the
   * person went on; null: not so far.
   */
  trial: 'heard' | 'over' | null;
  /** What it was made with, in the order it was; empty where an earlier version made it, or another program. */
  made: readonly Making[];
  seams: readonly Seam[];
  /** One sentence of news about this file: no speech found, file broke off, another backend. */
  notice: string | null;
  /** Speech found and not heard yet, for the tape. */
  speech: readonly Region[];
};

export function newJob(id: string, file: File, demo = false, folder = ''): Job {
  return {
    id,
    demo,
    saved: false,
    elsewhere: false,
    file,
    fileMissing: false,
    name: file.name,
    title: '',
    folder,
    size: file.size,
    lastModified: file.lastModified,
    fingerprint: null,
    phase: 'waiting',
    facts: null,
    track: null,
    sides: false,
    windows: [],
    edits: new Map(),
    speakers: [],
    cues: [],
    partial: null,
    language: null,
    languageProbability: 0,
    progress: { doneSeconds: 0, audioSeconds: null, speed: 0, secondsLeft: null },
    fault: null,
    report: null,
    load: null,
    trial: null,
    made: [],
    seams: [],
    notice: null,
    speech: [],
  };
}

/** The engine works on it now. */
export function isRunning(job: Pick<Job, 'phase'>): boolean {
  return job.phase === 'opening' || job.phase === 'loading-model' || job.phase === 'transcribing';
}

/** It waits for its turn or for its model. */
export function isPending(job: Job): boolean {
  return job.phase === 'waiting' || job.phase === 'needs-model';
}

export function isSameFile(job: Pick<Job, 'name' | 'size' | 'lastModified'>, file: File): boolean {
  return job.name === file.name && job.size === file.size && job.lastModified === file.lastModified;
}

/** The sound track that is heard, by what its file is known by. */
export function soundOf({ name, size, lastModified, facts }: Pick<Job, 'name' | 'size' | 'lastModified' | 'facts'>) {
  return { name, size, lastModified, track: facts?.track ?? 0 };
}

/** Length of the file in seconds; null: not known yet. */
export function lengthOf(job: Job): number | null {
  return job.progress.audioSeconds ?? job.facts?.seconds ?? null;
}

/** Share of the file that is finished, [0, 1]; null where its length is not known yet. */
export function shareDone(job: Job): number | null {
  const length = lengthOf(job);
  if (length === null || length <= 0) return null;
  return Math.min(1, job.progress.doneSeconds / length);
}

/**
 * Everything before this sample is transcribed and kept.
 * @param channel of the sound, where channels are heard one by one
 */
export function resumeSample(windows: readonly HeardWindow[], channel?: number): number {
  const ofChannel = windows.filter((window) => window.channel === channel);
  return ofChannel.reduce((latest, window) => Math.max(latest, window.endSample), 0);
}

/** The cues of a window with names that stay the same however often it is read back. */
export function editableCuesOf(window: HeardWindow): EditableCue[] {
  const { startSample, language, channel } = window;
  const speaker = channel === undefined ? undefined : SIDES[channel];
  const name = `${speaker ?? ''}${startSample}`;
  return window.cues.map((cue, index) => ({
    ...cue,
    ...(speaker !== undefined && { speaker }),
    id: `${name}-${index}`,
    edited: false,
    language,
  }));
}

/**
 * A job with one more finished window. Only a window that is there already is left out. A window may lie inside another
 * one: a stretch that was heard a second time has words of its own.
 */
export function withWindow(job: Job, window: HeardWindow): Job {
  const isThere = ({ channel, startSample }: HeardWindow) =>
    channel === window.channel && startSample === window.startSample;
  if (job.windows.some(isThere)) return job;
  return {
    ...job,
    windows: [...job.windows, window],
    cues: inOrder([...job.cues, ...editableCuesOf(window)]),
    partial: null,
    // A page that is closed right behind this window tells later how far it came. Two channels are told of by the engine.
    ...(job.load !== null &&
      !job.sides && { progress: { ...job.progress, doneSeconds: doneWith(job, window, job.load) } }),
    // Where the language is detected for each window the engine names none for the file, so the first window's is taken.
    ...(job.language === null && { language: window.language, languageProbability: window.languageProbability }),
  };
}

function doneWith({ progress }: Job, { endSample }: HeardWindow, { sampleRate }: LoadReport): number {
  return Math.max(progress.doneSeconds, endSample / sampleRate);
}

/** Sorted by start. Two channels that were heard one after the other are one conversation. */
export function inOrder(cues: EditableCue[]): EditableCue[] {
  return cues.every((cue, index) => index === 0 || compareCues(cues[index - 1], cue) <= 0)
    ? cues
    : cues.toSorted(compareCues);
}

/** Made once: a comparison that makes its own costs a hundred times as much. */
const NAMES = new Intl.Collator('en', { numeric: true });

/** By start; those that begin together by name, in which the engine counts windows and cues. */
export function compareCues(a: EditableCue, b: EditableCue): number {
  return a.start - b.start || NAMES.compare(a.id, b.id);
}

/** A job with speech that was found ahead of the decoder. Speech that was heard already is dropped: the cues show it. */
export function withSpeech(job: Job, regions: readonly Region[]): Job {
  const ahead = job.speech.filter((region) => region.end > job.progress.doneSeconds);
  return { ...job, speech: [...ahead, ...regions] };
}

/** The languages the words are in, ISO codes, in the order they are first heard. */
export function languagesOf(cues: readonly EditableCue[]): string[] {
  return [...new Set(cues.map((cue) => cue.language))];
}

/** A job with what a person has changed in it. Cues that came meanwhile stay. */
export function withChanges(job: Job, changes: CueChanges, speakers = job.speakers): Job {
  return { ...job, speakers, edits: new Map([...job.edits, ...changes]), cues: changed(job.cues, changes) };
}

/** Cues with these changes in them, sorted. */
export function changed(cues: readonly EditableCue[], changes: CueChanges): EditableCue[] {
  if (changes.size === 0) return [...cues];
  // In their places: what is in order already is not sorted again, though it is a hundred thousand.
  const added = new Map(changes);
  const now = cues.flatMap((cue) => {
    const change = changes.get(cue.id);
    if (change === undefined) return cue;
    added.delete(cue.id);
    return change ?? [];
  });
  for (const cue of added.values()) if (cue !== null) now.push(cue);
  return inOrder(now);
}

/** The job when it stops before its end: without unfinished words, speech found ahead and speed. */
export function stopped(job: Job, phase: 'cancelled' | 'failed'): Job {
  return { ...job, phase, partial: null, speech: [], progress: { ...job.progress, speed: 0, secondsLeft: null } };
}
