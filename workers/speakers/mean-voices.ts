/** One voice for each speaker of a recording, to know them by in another one. */
import type { SpeakerTurn, SpeakerVoice, VoiceTable } from '../protocol';
import { frameSeconds } from './pieces';
import { inBytes, OWN_VOICE, VOICE_SIZE, voiceAt } from './table';

/** Of less than this nobody is known again. Seconds. */
const ENOUGH = 4;

/** The mean of the pieces whose middle lies in a turn of one speaker and of nobody else, by their length. */
export function meanVoices(table: VoiceTable, turns: readonly SpeakerTurn[]): SpeakerVoice[] {
  const sums = new Map<string, { sum: Float32Array; seconds: number }>();
  for (const piece of table.kinds.keys()) {
    if (table.kinds[piece] !== OWN_VOICE) continue;
    const [start, end] = [frameSeconds(table.starts[piece]), frameSeconds(table.ends[piece])];
    const middle = (start + end) / 2;
    const speaking = new Set(
      turns.filter((turn) => turn.start <= middle && middle < turn.end).map((turn) => turn.speaker),
    );
    const [speaker] = speaking;
    if (speaker === undefined || speaking.size > 1) continue;
    const mean = sums.get(speaker) ?? { sum: new Float32Array(VOICE_SIZE), seconds: 0 };
    const voice = voiceAt(table, piece);
    for (let i = 0; i < VOICE_SIZE; i++) mean.sum[i] += voice[i] * (end - start);
    sums.set(speaker, { sum: mean.sum, seconds: mean.seconds + end - start });
  }
  return [...sums]
    .filter(([, { seconds }]) => seconds >= ENOUGH)
    .map(([speaker, { sum, seconds }]) => ({ speaker, voice: inBytes(sum), seconds }));
}
