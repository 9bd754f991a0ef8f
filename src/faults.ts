/** The faults: which of them the engine survives, and the few words that are needed before any. The others are in fault-words.ts. */
import { ABORTED, type FaultName, type Loss } from '../workers/protocol.ts';
import { clock, duration } from './clock.ts';
import { phrase, t } from './locale/text.ts';

/**
 * What is said of a file some of whose sound is missing.
 * @param loss null: kept by an earlier version, which knew only that the file breaks off
 * @param end where the sound that was heard ends, in seconds
 */
export function lossWords(loss: Loss | null, end: number): string {
  if (loss?.where === 'within') {
    return t('A part of the sound is damaged and could not be read. The words before and after it are here.');
  }
  const lost = loss?.seconds ?? 0;
  const missing = lost >= 1 ? t(' and {time} are missing', { time: duration(lost) }) : '';
  return t('The file breaks off at {time}{missing}. The words up to there are here.', { time: clock(end), missing });
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

export const NO_GPU = phrase('This browser offers no GPU here. The CPU does the work.');
export const SOFTWARE_GPU = phrase(
  'The only GPU here is a program on the CPU, so the CPU does the work itself: that is faster.',
);
