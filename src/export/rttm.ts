/**
 * Rich Transcription Time Marked: who speaks when, as NIST's diarization scoring reads it ("The 2009 (RT-09) Rich
 * Transcription Meeting Recognition Evaluation Plan", appendix A). Fields are parted by spaces, so that names have none.
 */
import type { Cue } from '../../workers/protocol.ts';
import type { Span } from '../speakers/overlaps.ts';
import { speakerName, type Speaker } from './speakers.ts';

/** Turns of one speaker that are nearer than this are one. Seconds. */
const JOINED_SECONDS = 0.5;

function field(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, '_') || '_';
}

type Turn = Span & { speaker: string };

/**
 * Who speaks while another does has turns, too.
 * @param overlaps where two were heard at once, sorted; null: not known, and a cue with two speakers is whole the turn of both
 */
export function rttm(
  cues: readonly Cue[],
  recording: string,
  speakers?: readonly Speaker[],
  overlaps: readonly Span[] | null = null,
): string {
  const turns: Turn[] = [];
  const others: Turn[] = [];
  for (const { start, end, speaker, alsoSpeaking = [], text } of cues) {
    if (speaker === undefined || text.trim() === '') continue;
    const last = turns.at(-1);
    if (last?.speaker === speaker && start - last.end < JOINED_SECONDS) last.end = Math.max(last.end, end);
    else turns.push({ start, end: Math.max(start, end), speaker });
    if (alsoSpeaking.length === 0) continue;
    for (const span of within({ start, end }, overlaps))
      for (const other of alsoSpeaking) others.push({ ...span, speaker: other });
  }
  return [...turns, ...others]
    .sort((a, b) => a.start - b.start)
    .map(({ start, end, speaker }) => {
      const who = field(speakerName(speakers, speaker));
      return `SPEAKER ${field(recording)} 1 ${start.toFixed(3)} ${(end - start).toFixed(3)} <NA> <NA> ${who} <NA> <NA>\n`;
    })
    .join('');
}

/** The parts of these that are in a cue; where none is, as after a change by hand, the cue. */
function within(cue: Span, overlaps: readonly Span[] | null): Span[] {
  const parts = (overlaps ?? []).flatMap(({ start, end }) => {
    const part = { start: Math.max(start, cue.start), end: Math.min(end, cue.end) };
    return part.start < part.end ? [part] : [];
  });
  return parts.length > 0 ? parts : [cue];
}
