/** What is said of telling speakers apart. Pure. */
import type { FaultName, StatedSpeakers } from '../../workers/protocol.ts';

/** Why there are no labels, and what to do. */
export function tellingFaultWords(name: FaultName): { sentence: string; next: string } {
  const sentence = 'The speakers were not told apart. The transcript stands without labels.';
  return { sentence, next: nextStep(name) };
}

function nextStep(name: FaultName): string {
  switch (name) {
    case 'ModelMissing':
    case 'DownloadFailed':
    case 'DownloadBlocked':
    case 'HostNotAllowed':
      return 'The networks for it could not be loaded. Check the network, then try again.';
    case 'ModelDamaged':
      return 'The networks for it are damaged on this device. Verify “Telling speakers apart” under Engine, Models.';
    case 'StorageFull':
    case 'StorageRefused':
      return 'The browser has no room for the networks. Delete a model or a file, then try again.';
    case 'EmptyFile':
    case 'UnsupportedFormat':
    case 'NoAudioTrack':
    case 'DamagedFile':
      return 'The sound of this file could not be read again.';
    case 'FileVanished':
    case 'FileChanged':
      return 'The file is not where it was, or has changed. Add it again, then try again.';
    case 'NoGpu':
    case 'GpuLost':
    case 'GpuOutOfMemory':
    case 'WrongResults':
    case 'EngineFailed':
      return 'Try again. If it fails again, reload the page: what is transcribed is kept.';
  }
}

/** "2 speakers", "3 to 5 speakers". */
export function statedWords({ least, most }: StatedSpeakers): string {
  if (least !== most) return `${least} to ${most} speakers`;
  return most === 1 ? '1 speaker' : `${most} speakers`;
}

/**
 * A number of speakers as a person types it: "2", "3 to 5", "3-5". Null: it is none, or not between 1 and 60.
 */
export function statedIn(typed: string): StatedSpeakers | null {
  const [, first, second] = /^\s*(\d{1,2})\s*(?:(?:to|–|-)\s*(\d{1,2})\s*)?$/.exec(typed) ?? [];
  if (first === undefined) return null;
  const [a, b] = [Number(first), Number(second ?? first)];
  const stated = { least: Math.min(a, b), most: Math.max(a, b) };
  return stated.least >= 1 && stated.most <= 60 ? stated : null;
}
