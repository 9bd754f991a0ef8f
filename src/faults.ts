/** What went wrong, in words a person can act on. Each fault has one sentence and one next step, written here once. */
import { ABORTED, type FaultName } from '../workers/protocol.ts';
import { size } from './clock.ts';

/** What is known where the fault happened. */
export type FaultContext = {
  /** Where the finished words end, as a clock; null or missing: nothing is finished. */
  keptUntil?: string | null;
  /** Bytes the model still needs, and bytes the browser has. */
  needBytes?: number;
  freeBytes?: number;
};

export type FaultWords = { sentence: string; next: string };

/** The sentence and the next step. No codes here: those go under "Details". */
export function faultWords(name: FaultName, context: FaultContext = {}): FaultWords {
  const until = context.keptUntil ?? null;
  switch (name) {
    case 'EmptyFile':
      return { sentence: 'This file is empty.', next: 'Choose another one, or save the recording again.' };
    case 'UnsupportedFormat':
      return {
        sentence: "This format can't be opened here.",
        next: 'Convert it to WAV or FLAC, then add it again.',
      };
    case 'NoAudioTrack':
      return { sentence: 'This video has no sound track. Nothing to transcribe.', next: 'Add a file with sound.' };
    case 'DamagedFile':
      return {
        sentence:
          until === null
            ? "This file is damaged and can't be read."
            : `This file is damaged after ${until}. The words up to there are kept.`,
        next: 'Convert it to WAV in another program, then add it again.',
      };
    case 'FileVanished':
      return {
        sentence: "The file can't be read any more.",
        next: until === null ? 'Choose it again.' : `Choose it again to go on from ${until}.`,
      };
    case 'ModelMissing':
      return { sentence: 'The model is not on this device.', next: 'Download it, then the file goes on.' };
    case 'ModelDamaged':
      return { sentence: 'The model arrived damaged and was thrown away.', next: 'Download it again.' };
    case 'DownloadFailed':
      return {
        sentence: 'The download broke off. What has arrived is kept.',
        next: 'Check the network, then download again: it goes on from there.',
      };
    case 'DownloadBlocked':
      return {
        sentence: 'A login page came instead of the model.',
        next: 'Sign in to the network, then download again.',
      };
    case 'StorageFull':
      return {
        sentence:
          context.needBytes === undefined || context.freeBytes === undefined
            ? 'The browser has no room for the model.'
            : `The browser has no room for the model: ${size(context.needBytes)} needed, ${size(context.freeBytes)} free.`,
        next: 'Free some space, then download again.',
      };
    case 'NoGpu':
      return { sentence: 'This browser offers no GPU here.', next: 'Choose the CPU under Backend.' };
    case 'GpuLost':
      return { sentence: 'The GPU stopped answering.', next: goOn(until) };
    case 'GpuOutOfMemory':
      return { sentence: 'The GPU ran out of memory.', next: goOn(until) };
    case 'WrongResults':
      return {
        sentence: 'What came out cannot be right, so it was thrown away.',
        next: 'Retry with another choice under Backend.',
      };
    case 'EngineFailed':
      return { sentence: 'The engine stopped.', next: goOn(until) };
  }
}

function goOn(until: string | null): string {
  return until === null ? 'Retry to start again.' : `Nothing is lost. Retry to go on from ${until}.`;
}

/** Faults of the GPU or of the worker: a fresh worker on the CPU can go on. */
const TAKEN_OVER = ['NoGpu', 'GpuLost', 'GpuOutOfMemory', 'WrongResults', 'EngineFailed'] as const;
export type TakenOver = (typeof TAKEN_OVER)[number];

/** Faults after which the engine worker is still sound: of the file, of the network, of the disk. */
const HARMLESS: ReadonlySet<string> = new Set<FaultName | typeof ABORTED>([
  'EmptyFile',
  'UnsupportedFormat',
  'NoAudioTrack',
  'DamagedFile',
  'FileVanished',
  'ModelMissing',
  'DownloadFailed',
  'DownloadBlocked',
  'StorageFull',
  ABORTED,
]);

export function cpuCanTakeOver(name: string): name is TakenOver {
  return TAKEN_OVER.some((taken) => taken === name);
}

export function isHarmless(name: FaultName | typeof ABORTED): boolean {
  return HARMLESS.has(name);
}

/** Any thrown thing as a fault of the closed union. What is not of it happened inside the engine. */
export function asFault(thrown: unknown): { name: FaultName | typeof ABORTED; detail: string } {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const name = error.name;
  if (isFaultName(name)) return { name, detail: error.message };
  return { name: 'EngineFailed', detail: `${name}: ${error.message}` };
}

function isFaultName(name: string): name is FaultName | typeof ABORTED {
  return HARMLESS.has(name) || cpuCanTakeOver(name) || name === 'ModelDamaged';
}

/** The CPU goes on where the GPU stopped: what happened, and what is safe. */
export function takeoverWords(name: TakenOver, at: string | null, cues: number): FaultWords {
  const where = at === null ? '' : ` at ${at}`;
  const then = at === null ? 'The CPU has taken over.' : 'The CPU has taken over from there.';
  const safe =
    cues === 0
      ? 'It will be slower.'
      : `Nothing is lost: ${cues === 1 ? '1 cue is' : `${cues} cues are`} saved. It will be slower.`;
  switch (name) {
    case 'NoGpu':
      return { sentence: NO_GPU, next: '' };
    case 'GpuOutOfMemory':
      return { sentence: `The GPU ran out of memory${where}. ${then}`, next: safe };
    case 'WrongResults':
      return { sentence: `The GPU gave wrong results${where}. ${then}`, next: safe };
    case 'GpuLost':
      return {
        sentence: `The GPU stopped answering${where}. ${then}`,
        next: `${safe} This usually happens after the screen locks or when another program fills the GPU.`,
      };
    case 'EngineFailed':
      return { sentence: `The GPU could not go on${where}. ${then}`, next: safe };
  }
}

export const NO_GPU = 'This browser offers no GPU here. The CPU does the work.';
export const CPU_MODEL = 'This model runs on the CPU only, so the CPU does the work.';
export const WRONG_GPU = 'Your GPU gives wrong results in the test, so Earshot uses the CPU.';
export const SOFTWARE_GPU =
  'The only GPU here is a program on the CPU, so the CPU does the work itself: that is faster.';
