/** The words as captions of a picture: those of now and next, so that a correction is seen at once and no list is kept. */
import { speakerName } from '../export/speakers.ts';
import type { EditableCue, Speaker } from '../queue/job.ts';

/**
 * Puts these cues into the track, and no others. A browser reads their text as WebVTT, so what would be markup there is
 * escaped: every character is seen.
 * @param speakers names those who speak, where cues name anyone
 */
export function showCaptions(track: TextTrack, cues: readonly EditableCue[], speakers: readonly Speaker[]): void {
  for (const old of [...(track.cues ?? [])]) track.removeCue(old);
  for (const { start, end, text, speaker } of cues) {
    if (text.trim() === '' || end <= start) continue;
    const name = speaker === undefined ? '' : `${speakerName(speakers, speaker)}: `;
    track.addCue(new VTTCue(start, end, captionText(name + text)));
  }
}

/** WebVTT's own escapes (https://www.w3.org/TR/webvtt1/#webvtt-cue-text-span). */
export function captionText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
