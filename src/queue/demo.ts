/** The bundled clip, which shows how the page works without a download. No part of the first load. */
import { fault } from '../../workers/protocol.ts';
import { DIGITS } from '../engine/verdict.ts';
import { t } from '../locale/text.ts';
import type { Telling } from '../messages/message.ts';

/**
 * @param use called with the clip as a file
 * @param say called instead where it does not come
 */
export async function demoFile(use: (file: File) => void, say: (tell: Telling) => void): Promise<void> {
  try {
    const answer = await fetch(new URL(DIGITS.sound, document.baseURI));
    if (!answer.ok) throw fault('DownloadFailed', `${answer.status} ${answer.statusText}`);
    use(new File([await answer.blob()], 'Spoken digits.wav', { type: 'audio/wav', lastModified: 0 }));
  } catch (error) {
    say(() => ({
      key: 'demo',
      kind: 'fault',
      sentence: t('The clip could not be fetched.'),
      more: t('Check the network and try again.'),
      detail: error instanceof Error ? error.message : String(error),
    }));
  }
}
