/** What went wrong, in words a person can act on. Each fault has one sentence and one next step, written here once. */
import { ABORTED, type FaultName, type Loss } from '../workers/protocol.ts';
import { clock, duration, size } from './clock.ts';

/** What is known where the fault happened. */
type FaultContext = {
  /** The time in the recording up to which words are finished ("0:41:10"); null or missing: none are. */
  keptUntil?: string | null;
  /** Bytes the model still needs, and bytes the browser has. */
  needBytes?: number;
  freeBytes?: number;
  /** The name of the file that could not be read, and what the media worker said about it. */
  fileName?: string;
  detail?: string;
};

/** `convertible`: ffmpeg may turn this file into one that opens, so its command line is offered below the sentence. */
export type FaultWords = { sentence: string; next: string; convertible?: true };

/** The sentence and the next step. No codes here: those go under "Details". */
export function faultWords(name: FaultName, context: FaultContext = {}): FaultWords {
  const until = context.keptUntil ?? null;
  switch (name) {
    case 'EmptyFile':
      return { sentence: 'This file is empty.', next: 'Choose another one, or save the recording again.' };
    case 'UnsupportedFormat':
      return closedWords(context);
    case 'NoAudioTrack':
      return { sentence: 'This video has no sound track. Nothing to transcribe.', next: 'Add a file with sound.' };
    case 'DamagedFile':
      if (context.detail?.startsWith('no index: ')) return WITHOUT_INDEX;
      return {
        sentence:
          until === null
            ? "This file is damaged and can't be read."
            : `This file is damaged after ${until}. The words up to there are kept.`,
        next: `Convert it to ${otherFormat(context.fileName, 'WAV')} in another program, then add it again.`,
        ...helped(context),
      };
    case 'FileVanished':
      return {
        sentence: "The file can't be read any more.",
        next: until === null ? 'Choose it again.' : `Choose it again to go on from ${until}.`,
      };
    case 'FileChanged':
      return {
        sentence: 'The file was written to or replaced after it was added.',
        next:
          until === null
            ? 'Add it again when it is finished.'
            : `Add it again when it is finished. The words up to ${until} are kept.`,
      };
    case 'ModelMissing':
      return { sentence: 'The model is not on this device.', next: 'Download it, then the file goes on.' };
    case 'ModelDamaged':
      return { sentence: 'The model arrived damaged and was thrown away.', next: 'Try again: it is fetched anew.' };
    case 'DownloadFailed':
      return {
        sentence: 'The model could not be fetched whole. What has arrived is kept.',
        next: 'Check the network, then try again: it goes on from there.',
      };
    case 'DownloadBlocked':
      return {
        sentence: 'A web page came instead of the model, most likely a login page.',
        next: 'Sign in to the network, then try again.',
      };
    case 'HostNotAllowed':
      return { sentence: 'This page may not ask that server yet.', next: 'Reload the page once, then try again.' };
    case 'StorageFull':
      return {
        sentence:
          context.needBytes === undefined || context.freeBytes === undefined
            ? 'The browser has no room for the model.'
            : `The browser has no room for the model: ${size(context.needBytes)} needed, ${size(context.freeBytes)} free.`,
        next: 'Free some space, then try again.',
      };
    case 'StorageRefused':
      return {
        sentence: "This browser doesn't let Earshot keep models here.",
        next: 'Use the model that comes with the page, or open Earshot in an ordinary window.',
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

/**
 * What is said of a file some of whose sound is missing.
 * @param loss null: kept by an earlier version, which knew only that the file breaks off
 * @param end where the sound that was heard ends, in seconds
 */
export function lossWords(loss: Loss | null, end: number): string {
  if (loss?.where === 'within') {
    return 'A part of the sound is damaged and could not be read. The words before and after it are here.';
  }
  const lost = loss?.seconds ?? 0;
  const missing = lost >= 1 ? ` and ${duration(lost)} are missing` : '';
  return `The file breaks off at ${clock(end)}${missing}. The words up to there are here.`;
}

/** An MP4 whose index was never written, or not copied: no converter can read it either. */
const WITHOUT_INDEX: FaultWords = {
  sentence: 'The index of this file is missing, which stands at its end: without it its sound cannot be found.',
  next: 'Copy the file again from where it came. If the recording itself broke off, a program that repairs recordings may save it.',
};

/** A format to convert the file to: never the one whose ending it already has. */
function otherFormat(fileName: string | undefined, usual: string): string {
  if (/\.wav$/i.test(fileName ?? '')) return 'FLAC';
  return /\.flac$/i.test(fileName ?? '') ? 'WAV' : usual;
}

function helped({ fileName }: FaultContext): { convertible?: true } {
  return fileName === undefined ? {} : { convertible: true };
}

/**
 * What is said of a file that cannot be opened, as the media worker found (workers/media/formats): `holds …`, `locked: …` or
 * `soundless: …`.
 */
function closedWords(context: FaultContext): FaultWords {
  const [, kind, what = ''] = /^(holds |locked: |soundless: )(.+)$/.exec(context.detail ?? '') ?? [];
  if (kind === 'locked: ') {
    const next = 'Add a version of it that any program can play.';
    return { sentence: `This file can't be opened: it is ${what}.`, next };
  }
  if (kind === 'soundless: ') {
    return { sentence: `This is ${what}: there is no sound in it.`, next: 'Add a recording or a film.' };
  }
  if (kind === 'holds ') {
    const help = helped(context);
    const next = help.convertible
      ? 'The program ffmpeg can turn it into one that opens, with this line:'
      : `Convert it to ${otherFormat(context.fileName, 'WAV or FLAC')}, then add it again.`;
    return { sentence: `This file holds ${what}, which can't be opened here.`, next, ...help };
  }
  const next = `Convert it to ${otherFormat(context.fileName, 'WAV or FLAC')}, then add it again.`;
  return { sentence: "This format can't be opened here.", next, ...helped(context) };
}

function goOn(until: string | null): string {
  return until === null ? 'Retry to start again.' : `Nothing is lost. Retry to go on from ${until}.`;
}

/** Faults of the GPU or of the engine worker: a fresh worker on the CPU can finish the file. */
const TAKEN_OVER = ['NoGpu', 'GpuLost', 'GpuOutOfMemory', 'WrongResults', 'EngineFailed'] as const;
export type TakenOver = (typeof TAKEN_OVER)[number];

/** Faults of the file, the network or the disk: the engine worker is still sound after them. */
const HARMLESS: ReadonlySet<string> = new Set<FaultName | typeof ABORTED>([
  'EmptyFile',
  'UnsupportedFormat',
  'NoAudioTrack',
  'DamagedFile',
  'FileVanished',
  'FileChanged',
  'ModelMissing',
  'DownloadFailed',
  'DownloadBlocked',
  'HostNotAllowed',
  'StorageFull',
  'StorageRefused',
  ABORTED,
]);

export function cpuCanTakeOver(name: string): name is TakenOver {
  return TAKEN_OVER.some((taken) => taken === name);
}

export function isHarmless(name: FaultName | typeof ABORTED): boolean {
  return HARMLESS.has(name);
}

/** Any thrown value as one of the named faults. An error with another name was thrown inside the engine. */
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
export const SILENT_GPU = 'Your GPU does not answer in the test, so Earshot uses the CPU.';
export const SLOWER_GPU = 'In the self-test your CPU was faster than your GPU, so Earshot uses the CPU.';
export const SOFTWARE_GPU =
  'The only GPU here is a program on the CPU, so the CPU does the work itself: that is faster.';
