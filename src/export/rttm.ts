/**
 * Rich Transcription Time Marked: who speaks when, as NIST's diarization scoring reads it ("The 2009 (RT-09) Rich
 * Transcription Meeting Recognition Evaluation Plan", appendix A). Fields are parted by spaces, so that names have none.
 */
import type { Cue } from '../../workers/protocol.ts';
import { speakerName, type Speaker } from './speakers.ts';

/** Turns of one speaker that are nearer than this are one. Seconds. */
const JOINED_SECONDS = 0.5;

function field(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, '_') || '_';
}

export function rttm(cues: readonly Cue[], recording: string, speakers?: readonly Speaker[]): string {
  const turns: { start: number; end: number; speaker: string }[] = [];
  for (const { start, end, speaker, text } of cues) {
    if (speaker === undefined || text.trim() === '') continue;
    const last = turns.findLast((turn) => turn.speaker === speaker);
    if (last !== undefined && last === turns.at(-1) && start - last.end < JOINED_SECONDS) {
      last.end = Math.max(last.end, end);
    } else turns.push({ start, end: Math.max(start, end), speaker });
  }
  return turns
    .map(({ start, end, speaker }) => {
      const who = field(speakerName(speakers, speaker));
      return `SPEAKER ${field(recording)} 1 ${start.toFixed(3)} ${(end - start).toFixed(3)} <NA> <NA> ${who} <NA> <NA>\n`;
    })
    .join('');
}
