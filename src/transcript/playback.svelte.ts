/** The sound of one recording: where it is, and the verbs that move it. */
import { untrack } from 'svelte';

export type PlaybackPhase =
  | 'opening' // the element has not read the file's headers yet
  | 'paused'
  | 'playing'
  | 'unplayable'; // the browser has no decoder for it; the transcript does not depend on that

export class Playback {
  #phase = $state<PlaybackPhase>('opening');
  #time = $state(0);
  #duration = $state<number | null>(null);
  #rate = $state(1);
  /** The person has moved or started it: from then on the playhead means something. */
  #used = $state(false);
  #element: HTMLMediaElement | null = null;

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

  /** Takes over a media element; the returned function lets it go. */
  attach = (element: HTMLMediaElement): (() => void) => {
    this.#element = element;
    this.#phase = 'opening';
    this.#time = 0;
    this.#duration = null;
    this.#used = false;
    // An attachment runs again when state it has read changes; a new speed is no new element.
    element.playbackRate = untrack(() => this.#rate);
    const leave = new AbortController();
    const on = (type: string, listen: () => void) => element.addEventListener(type, listen, { signal: leave.signal });
    let frame = 0;
    const read = () => (this.#time = element.currentTime);
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

  toggle(): void {
    if (this.#phase === 'playing') this.pause();
    else this.play();
  }

  /** Seconds, kept inside the recording. */
  seek(seconds: number): void {
    const element = this.#element;
    if (element === null || this.#phase === 'unplayable') return;
    this.#used = true;
    element.currentTime = Math.max(0, Math.min(seconds, this.#duration ?? Infinity));
    this.#time = element.currentTime;
  }

  playFrom(seconds: number): void {
    this.seek(seconds);
    this.play();
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
