import { t } from '../locale/text.ts';
import type { Doubt } from '../../workers/protocol.ts';

/** Why a cue should be looked at again, said beside it. */
export function doubtWords(doubt: Doubt): string {
  switch (doubt) {
    case 'low-probability':
      return t('Doubtful: hard to hear');
    case 'repetition':
      return t('Doubtful: repeats itself');
    case 'maybe-no-speech':
      return t('Doubtful: maybe no speech');
    case 'retried-on-cpu':
      return t('Done again on the CPU');
    case 'unheard':
      return t('Not understood: someone speaks here');
    case 'wrong-output':
      return t('Doubtful: can’t be right');
  }
}
