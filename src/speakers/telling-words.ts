/** What is said of telling speakers apart. Pure. */
import { t } from '../locale/text.ts';
import type { FaultName, StatedSpeakers } from '../../workers/protocol.ts';

/** Why there are no labels, and what to do. */
export function tellingFaultWords(name: FaultName): { sentence: string; next: string } {
  const sentence = t('The speakers were not told apart. The transcript stands without labels.');
  return { sentence, next: nextStep(name) };
}

function nextStep(name: FaultName): string {
  switch (name) {
    case 'ModelMissing':
    case 'DownloadFailed':
    case 'DownloadBlocked':
    case 'HostNotAllowed':
      return t('The networks for it could not be loaded. Check the network, then try again.');
    case 'ModelDamaged':
      return t('The networks for it are damaged on this device. Verify “Telling speakers apart” under Engine, Models.');
    case 'StorageFull':
    case 'StorageRefused':
      return t('The browser has no room for the networks. Delete a model or a file, then try again.');
    case 'EmptyFile':
    case 'UnsupportedFormat':
    case 'NoAudioTrack':
    case 'DamagedFile':
      return t('The sound of this file could not be read again.');
    case 'FileVanished':
    case 'FileChanged':
      return t('The file is not where it was, or has changed. Add it again, then try again.');
    case 'NoGpu':
    case 'GpuLost':
    case 'GpuOutOfMemory':
    case 'WrongResults':
    case 'EngineFailed':
      return t('Try again. If it fails again, reload the page: what is transcribed is kept.');
  }
}

/** "2 speakers", "3 to 5 speakers". */
export function statedWords({ least, most }: StatedSpeakers): string {
  if (least !== most) return t('{least} to {most} speakers', { least, most });
  return t('{n} speaker|{n} speakers', { n: most });
}

/**
 * A number of speakers as a person types it: "2", "3 to 5", "3-5". Null: it is none, or not between 1 and 60.
 */
export function statedIn(typed: string): StatedSpeakers | null {
  const [, first, second] = /^\s*(\d{1,2})\s*(?:(?:to|bis|à|a|–|-)\s*(\d{1,2})\s*)?$/.exec(typed) ?? [];
  if (first === undefined) return null;
  const [a, b] = [Number(first), Number(second ?? first)];
  const stated = { least: Math.min(a, b), most: Math.max(a, b) };
  return stated.least >= 1 && stated.most <= 60 ? stated : null;
}
