import type { Doubt } from '../../workers/protocol.ts';

/** Why a cue should be looked at again, said beside it. */
export function doubtWords(doubt: Doubt): string {
  switch (doubt) {
    case 'low-probability':
      return 'Doubtful: hard to hear';
    case 'repetition':
      return 'Doubtful: repeats itself';
    case 'maybe-no-speech':
      return 'Doubtful: maybe no speech';
    case 'retried-on-cpu':
      return 'Done again on the CPU';
    case 'unheard':
      return 'Not understood: someone speaks here';
    case 'wrong-output':
      return 'Doubtful: can’t be right';
  }
}
