/**
 * Where the listening of a job stands when a window is closed. A job that goes on behind a window gets this back, and so
 * closes the windows that it would have closed without the break: the detection of speech keeps its memory of the sound,
 * and the packer the sentences that it had not packed yet. Without it the next window begins where the last one ended, and
 * is cut in other places from there on.
 */
import type { Bookmark, JobRequest, MelShape } from '../protocol';
import type { SampleRange } from '../speech/ranges';
import type { EverythingState } from '../speech/speech';
import type { SilenceOutState } from '../speech/vad';
import { within, type AudioWindow, type PackerState } from '../speech/windows';
import type { LanguageState } from '../whisper/language';

/** Plain data, never written to. */
export type Place = {
  /** Sound from here on is needed again. */
  fromSample: number;
  /** Sound up to here was listened to. */
  received: number;
  /** Null: the detector is the finder. */
  finder: EverythingState | null;
  /** Null: nobody looks for speech. */
  detector: SilenceOutState | null;
  packer: PackerState;
  /** Speech found beside a finder that takes everything, as far back as windows still need it. */
  found: readonly SampleRange[];
  /** Windows of which it was not known yet where speech is. */
  waiting: readonly AudioWindow[];
};

/** @param languages of the file, behind the window that the bookmark is for; null: not known */
export type Kept = Place & { languages: LanguageState | null };

/** Another version of the listening, another sound or another choice of a person packs other windows. */
function keyOf({ skipSilence }: JobRequest, { sampleRate, hop, windowSamples }: MelShape): string {
  return ['1', sampleRate, hop, windowSamples, skipSilence].join(' ');
}

export function bookmarkOf(
  request: JobRequest,
  mel: MelShape,
  place: Place,
  languages: LanguageState | null,
): Bookmark {
  return { key: keyOf(request, mel), fromSample: place.fromSample, state: { ...place, languages } satisfies Kept };
}

/** What a job goes on from; null: it has no bookmark, or one that was made with other choices. */
export function placeIn(request: JobRequest, mel: MelShape): Kept | null {
  const { bookmark } = request;
  return bookmark !== null && bookmark.key === keyOf(request, mel) ? (bookmark.state as Kept) : null;
}

/** What of a window lies behind a sample, null where nothing does: no sound is heard twice, and none left out. */
export function behind(window: AudioWindow, sample: number): AudioWindow | null {
  if (window.pieces[0].start >= sample) return window;
  const pieces = within(window.pieces, sample, Infinity);
  return pieces.length === 0
    ? null
    : { ...window, pieces, speech: window.speech && within(window.speech, sample, Infinity) };
}
