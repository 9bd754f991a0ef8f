/**
 * What went wrong, in words a person can act on. Each fault has one sentence and one next step, written here once. No part of
 * the first load.
 */
import type { FaultName } from '../workers/protocol.ts';
import { size } from './clock.ts';
import { NO_GPU, type TakenOver } from './faults.ts';
import { t } from './locale/text.ts';

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
      return { sentence: t('This file is empty.'), next: t('Choose another one, or save the recording again.') };
    case 'UnsupportedFormat':
      return closedWords(context);
    case 'NoAudioTrack':
      return {
        sentence: t('This video has no sound track. Nothing to transcribe.'),
        next: t('Add a file with sound.'),
      };
    case 'DamagedFile':
      if (context.detail?.startsWith('no index: ')) return withoutIndex();
      return {
        sentence:
          until === null
            ? t("This file is damaged and can't be read.")
            : t('This file is damaged after {until}. The words up to there are kept.', { until }),
        next: t('Convert it to {format} in another program, then add it again.', {
          format: otherFormat(context.fileName, 'WAV'),
        }),
        ...helped(context),
      };
    case 'FileVanished':
      return {
        sentence: t("The file can't be read any more."),
        next: until === null ? t('Choose it again.') : t('Choose it again to go on from {until}.', { until }),
      };
    case 'FileChanged':
      return {
        sentence: t('The file was written to or replaced after it was added.'),
        next:
          until === null
            ? t('Add it again when it is finished.')
            : t('Add it again when it is finished. The words up to {until} are kept.', { until }),
      };
    case 'ModelMissing':
      return { sentence: t('The model is not on this device.'), next: t('Download it, then the file goes on.') };
    case 'ModelDamaged':
      return {
        sentence: t('The model arrived damaged and was thrown away.'),
        next: t('Try again: it is fetched anew.'),
      };
    case 'DownloadFailed':
      return {
        sentence: t('The model could not be fetched whole. What has arrived is kept.'),
        next: t('Check the network, then try again: it goes on from there.'),
      };
    case 'DownloadBlocked':
      return {
        sentence: t('A web page came instead of the model, most likely a login page.'),
        next: t('Sign in to the network, then try again.'),
      };
    case 'HostNotAllowed':
      return {
        sentence: t('This page may not ask that server yet.'),
        next: t('Reload the page once, then try again.'),
      };
    case 'StorageFull':
      return {
        sentence:
          context.needBytes === undefined || context.freeBytes === undefined
            ? t('The browser has no room for the model.')
            : t('The browser has no room for the model: {size} needed, {size2} free.', {
                size: size(context.needBytes),
                size2: size(context.freeBytes),
              }),
        next: t('Free some space, then try again.'),
      };
    case 'StorageRefused':
      return {
        sentence: t("This browser doesn't let Earshot keep models here."),
        next: t('Use the model that comes with the page, or open Earshot in an ordinary window.'),
      };
    case 'NoGpu':
      return { sentence: t('This browser offers no GPU here.'), next: t('Choose the CPU under Backend.') };
    case 'GpuLost':
      return { sentence: t('The GPU stopped answering.'), next: goOn(until) };
    case 'GpuOutOfMemory':
      return { sentence: t('The GPU ran out of memory.'), next: goOn(until) };
    case 'WrongResults':
      return {
        sentence: t('What came out cannot be right, so it was thrown away.'),
        next: t('Retry with another choice under Backend.'),
      };
    case 'EngineFailed':
      return { sentence: t('The engine stopped.'), next: goOn(until) };
  }
}

/** An MP4 whose index was never written, or not copied: no converter can read it either. */
function withoutIndex(): FaultWords {
  return {
    sentence: t('The index of this file is missing, which stands at its end: without it its sound cannot be found.'),
    next: t(
      'Copy the file again from where it came. If the recording itself broke off, a program that repairs recordings may save it.',
    ),
  };
}

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
    const next = t('Add a version of it that any program can play.');
    return { sentence: t("This file can't be opened: it is {what}.", { what }), next };
  }
  if (kind === 'soundless: ') {
    return { sentence: t('This is {what}: there is no sound in it.', { what }), next: t('Add a recording or a film.') };
  }
  if (kind === 'holds ') {
    const help = helped(context);
    const next = help.convertible
      ? t('The program ffmpeg can turn it into one that opens, with this line:')
      : t('Convert it to {format}, then add it again.', {
          format: otherFormat(context.fileName, t('WAV or FLAC')),
        });
    return { sentence: t("This file holds {what}, which can't be opened here.", { what }), next, ...help };
  }
  const next = t('Convert it to {format}, then add it again.', {
    format: otherFormat(context.fileName, t('WAV or FLAC')),
  });
  return { sentence: t("This format can't be opened here."), next, ...helped(context) };
}

function goOn(until: string | null): string {
  return until === null ? t('Retry to start again.') : t('Nothing is lost. Retry to go on from {until}.', { until });
}

/** The CPU goes on where the GPU stopped: what happened, and what is safe. */
export function takeoverWords(name: TakenOver, at: string | null, cues: number): FaultWords {
  const where = at === null ? '' : t(' at {at}', { at });
  const then = at === null ? t('The CPU has taken over.') : t('The CPU has taken over from there.');
  const safe =
    cues === 0
      ? t('It will be slower.')
      : t(
          'Nothing is lost: {n} cue is saved. It will be slower.|Nothing is lost: {n} cues are saved. It will be slower.',
          { n: cues },
        );
  switch (name) {
    case 'NoGpu':
      return { sentence: t(NO_GPU), next: '' };
    case 'GpuOutOfMemory':
      return { sentence: t('The GPU ran out of memory{where}. {then}', { where, then }), next: safe };
    case 'WrongResults':
      return { sentence: t('The GPU gave wrong results{where}. {then}', { where, then }), next: safe };
    case 'GpuLost':
      return {
        sentence: t('The GPU stopped answering{where}. {then}', { where, then }),
        next: t('{safe} This usually happens after the screen locks or when another program fills the GPU.', { safe }),
      };
    case 'EngineFailed':
      return { sentence: t('The GPU could not go on{where}. {then}', { where, then }), next: safe };
  }
}
