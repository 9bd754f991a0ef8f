/** What a recording has to tell a person, in words. Each case has one sentence and one next step. Pure. */
import { clock } from '../clock.ts';
import { phrase, t } from '../locale/text.ts';

/** Why nothing is recorded. */
export type NoSound =
  | 'denied'
  | 'dismissed'
  | 'denied-by-system'
  | 'share-refused'
  | 'no-device'
  | 'device-gone'
  | 'device-busy'
  | 'no-shared-sound'
  | 'not-offered'
  | 'other-tab';

/** Why a recording ended that nobody stopped; what there is of it is kept. */
export type CutOff = 'unplugged' | 'share-ended' | 'full' | 'broken';

export type RecordWords = { sentence: string; next: string };

/** A fault with one of the names above as its message. */
export class SoundFault extends Error {
  readonly why: NoSound;
  constructor(why: NoSound) {
    super(why);
    this.why = why;
  }
}

export function noSoundWords(why: NoSound): RecordWords {
  switch (why) {
    case 'denied':
      return {
        sentence: t('This page may not use the microphone.'),
        next: t('Allow it in the browser, beside the page’s address, then record again.'),
      };
    case 'dismissed':
      return {
        sentence: t('The browser’s question about the microphone was closed without an answer.'),
        next: t('Record again, and allow it there.'),
      };
    case 'denied-by-system':
      return {
        sentence: t('The system does not let this browser use the microphone.'),
        next: t('Allow the browser in the system’s settings, under privacy and microphone, then record again.'),
      };
    case 'share-refused':
      return {
        sentence: t('Nothing was shared, so nothing is recorded.'),
        next: t('Record again and choose a tab, a window or the screen.'),
      };
    case 'no-device':
      return {
        sentence: t('No microphone was found.'),
        next: t('Plug one in or choose another one, then record again.'),
      };
    case 'device-gone':
      return {
        sentence: t('The microphone that you chose is not there any more.'),
        next: t('Plug it in again or choose another one, then record again.'),
      };
    case 'device-busy':
      return {
        sentence: t('The microphone does not answer. Another program may be using it.'),
        next: t('Close that program or choose another microphone, then record again.'),
      };
    case 'no-shared-sound':
      return {
        sentence: t('What you shared came without its sound.'),
        next: t('Record again, and turn the sound on in the window in which you choose what to share.'),
      };
    case 'not-offered':
      return {
        sentence: t('This browser gives this page no microphone.'),
        next: t('Open Earshot in an ordinary window, with an address that begins with https.'),
      };
    case 'other-tab':
      return { sentence: t('Another tab of Earshot is recording.'), next: t('Stop it there, then record here.') };
  }
}

/** @param seconds of sound that are kept; 0: nothing is */
export function cutOffWords(why: CutOff, seconds: number): RecordWords {
  if (seconds === 0) {
    return why === 'full'
      ? {
          sentence: t('There is no room on this device, so nothing was recorded.'),
          next: t('Free some space, then record again.'),
        }
      : { sentence: t('The recording ended before anything was kept.'), next: t('Record again.') };
  }
  const at = clock(seconds);
  const next = t('It is kept up to there: transcribe it or save it below.');
  switch (why) {
    case 'unplugged':
      return { sentence: t('The microphone was disconnected at {at}, and the recording ended.', { at }), next };
    case 'share-ended':
      return { sentence: t('The sharing ended at {at}, and the recording with it.', { at }), next };
    case 'full':
      return {
        sentence: t('There is no more room on this device: the recording ended at {at}.', { at }),
        next: t('{next} Free some space before the next one.', { next }),
      };
    case 'broken':
      return { sentence: t('The recording could not go on after {at}.', { at }), next };
  }
}

export const SHARE_ENDED_MICROPHONE_GOES_ON = phrase('The sharing ended. The microphone is recorded on.');
export const NOT_SAFE = phrase(
  'This browser keeps nothing on this device: the recording is only in memory. Save it before you close the tab.',
);
export const NOTHING_HEARD = phrase('Nothing is heard. Is the right microphone chosen, and is it on?');

/**
 * The named fault behind what `getUserMedia` or `getDisplayMedia` threw (Media Capture and Streams, section 10.3). Only
 * Chromium says in the message who has refused; what it does not say is the page's own permission.
 */
export function noSoundOf(error: unknown, shared: boolean): NoSound {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' };
  if (name === 'NotAllowedError' || name === 'SecurityError' || name === 'InvalidStateError') {
    if (shared) return 'share-refused';
    if (/by system/i.test(message)) return 'denied-by-system';
    return /dismissed/i.test(message) ? 'dismissed' : 'denied';
  }
  if (name === 'OverconstrainedError') return shared ? 'no-shared-sound' : 'device-gone';
  if (name === 'NotFoundError') return shared ? 'no-shared-sound' : 'no-device';
  if (name === 'NotReadableError' || name === 'AbortError') return shared ? 'no-shared-sound' : 'device-busy';
  return 'not-offered';
}
