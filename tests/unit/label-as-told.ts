/** Cues labelled as the page and its worker do it together. */
import type { Cue, SpeakerTurn } from '../../workers/protocol.ts';
import { labelsOf } from '../../workers/speakers/words.ts';
import { labelledCues as laid, timesOf } from '../../src/speakers/label-cues.ts';

export function labelledCues<C extends Cue>(cues: readonly C[], turns: readonly SpeakerTurn[]): C[] {
  return laid(cues, labelsOf(timesOf(cues), turns));
}
