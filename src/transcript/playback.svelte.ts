/** The sound of one recording: where it is, and the verbs that move it. */
import { untrack } from 'svelte';

type PlaybackPhase =
  | 'opening' // the element has not read the file's headers yet
  | 'paused'
  | 'playing'
  | 'unplayable'; // the browser has no decoder for it; the transcript does not depend on that

/** A stretch of the recording, in seconds. */
export type PlaybackRange = { start: number; end: number };

/** How far one step back or forward goes. */
export const STEP_SECONDS = 2;
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

export class Playback {
  #phase = $state<PlaybackPhase>('opening');
  #time = $state(0);
  #duration = $state<number | null>(null);
  #rate = $state(1);
  /** The person has moved or started it: from then on the playhead means something. */
  #used = $state(false);
  #range = $state.raw<PlaybackRange | null>(null);
  /** Where the sound stops by itself, in seconds; null: at its end. */
  #stopAt: number | null = null;
  #element: HTMLMediaElement | null = null;
  /** Where it was paused, in seconds; null: it was not. */
  #pausedAt: number | null = null;

  get phase(): PlaybackPhase {
    return this.#phase;
  }
  /** Seconds. */
  get time(): number {
    return this.#time;
  }
  /** Seconds; null until known, and for recordings that do not say (a browser's own WebM). */
  get duration(): number | null {
    return this.#duration;
  }
  get rate(): number {
    return this.#rate;
  }
  get used(): boolean {
    return this.#used;
  }
  /** The stretch that a person has chosen, on the waveform or by keys; null: none. */
  get range(): PlaybackRange | null {
    return this.#range;
  }

  /** Chooses a stretch, whichever of the two ends comes first; null, or one without a length: none. */
  choose(range: PlaybackRange | null): void {
    const [start, end] = range === null ? [0, 0] : [Math.min(range.start, range.end), Math.max(range.start, range.end)];
    this.#range = end > start ? { start: Math.max(0, start), end } : null;
  }

  /** Plays the chosen stretch from its start to its end. */
  playRange(): void {
    if (this.#range === null) return;
    this.playFrom(this.#range.start);
    this.#stopAt = this.#range.end;
  }

  /** Takes over a media element; the returned function lets it go. */
  attach = (element: HTMLMediaElement): (() => void) => {
    this.#element = element;
    this.#phase = 'opening';
    this.#time = 0;
    this.#duration = null;
    this.#used = false;
    this.#pausedAt = null;
    this.#stopAt = null;
    this.#range = null;
    // An attachment runs again when state it has read changes; a new speed is no new element.
    element.playbackRate = untrack(() => this.#rate);
    const leave = new AbortController();
    const on = (type: string, listen: () => void) => element.addEventListener(type, listen, { signal: leave.signal });
    let frame = 0;
    const read = () => {
      this.#time = element.currentTime;
      if (this.#stopAt !== null && this.#time >= this.#stopAt) element.pause();
    };
    // timeupdate comes four times a second; words are shorter than that.
    const tick = () => {
      read();
      frame = requestAnimationFrame(tick);
    };
    const length = () => (this.#duration = Number.isFinite(element.duration) ? element.duration : null);
    on('loadedmetadata', () => {
      length();
      if (this.#phase === 'opening') this.#phase = 'paused';
      // A container the browser opens and a sound track it cannot decode: no error event comes for that.
      if (element instanceof HTMLVideoElement && audioTrackMissing(element)) this.#phase = 'unplayable';
    });
    on('durationchange', length);
    on('seeking', read);
    on('timeupdate', read);
    on('play', () => {
      this.#phase = 'playing';
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(tick);
    });
    on('pause', () => {
      cancelAnimationFrame(frame);
      if (this.#phase === 'playing') this.#phase = 'paused';
      this.#pausedAt = element.currentTime;
      this.#stopAt = null;
      read();
    });
    on('error', () => {
      cancelAnimationFrame(frame);
      this.#phase = 'unplayable';
    });
    return () => {
      leave.abort();
      cancelAnimationFrame(frame);
      element.pause();
      // Ends a load that is still under way (HTML, "Best practices for authors using media elements").
      element.removeAttribute('src');
      element.load();
      if (this.#element === element) this.#element = null;
    };
  };

  play(): void {
    const element = this.#element;
    if (element === null || this.#phase === 'unplayable') return;
    this.#used = true;
    element.play().catch((error: unknown) => {
      // A pause before it began, or a browser that wants a click first: pressing again helps, so nothing is said.
      if (error instanceof DOMException && error.name === 'NotSupportedError') this.#phase = 'unplayable';
    });
  }

  pause(): void {
    this.#element?.pause();
  }

  /** @param rewindSeconds how far it goes back where it goes on from where it was paused */
  toggle(rewindSeconds = 0): void {
    if (this.#phase === 'playing') return this.pause();
    const element = this.#element;
    if (element !== null && element.currentTime === this.#pausedAt && !element.ended)
      this.seek(element.currentTime - rewindSeconds);
    this.play();
  }

  /** Seconds, kept inside the recording. */
  seek(seconds: number): void {
    const element = this.#element;
    if (element === null || this.#phase === 'unplayable') return;
    this.#used = true;
    this.#stopAt = null;
    element.currentTime = Math.max(0, Math.min(seconds, this.#duration ?? Infinity));
    this.#time = element.currentTime;
  }

  playFrom(seconds: number): void {
    this.seek(seconds);
    this.play();
  }

  /** The next speed of the list, or the one before. */
  stepRate(by: 1 | -1): void {
    this.setRate(SPEEDS[SPEEDS.indexOf(this.#rate) + by] ?? this.#rate);
  }

  setRate(rate: number): void {
    this.#rate = rate;
    if (this.#element !== null) this.#element.playbackRate = rate;
  }
}

/** Chromium has no `audioTracks`; where it is missing nothing is claimed. */
function audioTrackMissing(element: HTMLVideoElement): boolean {
  const tracks = (element as HTMLVideoElement & { audioTracks?: { length: number } }).audioTracks;
  return tracks !== undefined && tracks.length === 0;
}
