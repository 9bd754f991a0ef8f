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

/** A cue with a name of its own and a mark that a person changed it. */
export type EditableCue = Cue & { id: string; edited: boolean };

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

export type Span = { start: number; end: number };

export type Job = {
  id: string;
  /** Empty (size 0) with `fileMissing` when the job comes from an earlier visit and the file was not added again. */
  file: File;
  fileMissing: boolean;
  name: string;
  /** Bytes of the file, also while the file itself is missing. */
  size: number;
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
