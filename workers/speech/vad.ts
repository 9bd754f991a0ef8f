/**
 * From speech probabilities to regions: the hysteresis of silero-vad (utils_vad.py, get_speech_timestamps). Pure,
 * given the probabilities; `silenceOut` feeds it from the model as the sound comes.
 */
import { SLAB_FRAMES, VAD_FRAME } from './frames';
import type { Silero } from './silero';
import type { ReadSound, SpeechFinder } from './speech';
import { quietestCut, type Span } from './windows';

/** get_speech_timestamps defaults: threshold 0.5, neg_threshold 0.15 below it, min_silence_duration_ms 100. */
const SPEECH = 0.5;
const SILENCE = 0.35;
const MIN_SILENCE_FRAMES = 4;
/**
 * Shorter than this is a click. The reference drops under 250 ms, but a "six" or "oui" said alone is shorter, and a
 * lost word is worse than a window too many (faster-whisper keeps everything).
 */
const MIN_SPEECH_FRAMES = 3;

/** Frames to regions of frames, as they come. */
export class Hysteresis {
  #start: number | null = null;
  /** First frame under the lower threshold since the last one over the upper. */
  #quietFrom: number | null = null;
  #frame = 0;

  /** Frame where the open region began, or null. */
  get open(): number | null {
    return this.#start;
  }

  /** @returns regions that ended: [first frame, end frame) */
  push(probabilities: Float32Array): Span[] {
    const regions: Span[] = [];
    for (const probability of probabilities) {
      const frame = this.#frame++;
      if (probability >= SPEECH) {
        this.#quietFrom = null;
        this.#start ??= frame;
      } else if (probability < SILENCE && this.#start !== null) {
        this.#quietFrom ??= frame;
        if (frame - this.#quietFrom < MIN_SILENCE_FRAMES) continue;
        this.#close(this.#quietFrom, regions);
      }
    }
    return regions;
  }

  /** The region that was open when the sound ended. */
  flush(): Span[] {
    const regions: Span[] = [];
    if (this.#start !== null) this.#close(this.#quietFrom ?? this.#frame, regions);
    return regions;
  }

  #close(end: number, regions: Span[]): void {
    const start = this.#start!;
    if (end - start >= MIN_SPEECH_FRAMES) regions.push({ start, end });
    this.#start = null;
    this.#quietFrom = null;
  }
}

/**
 * Finds speech with Silero; what is not speech never becomes a region. A region that grows longer than a window is
 * cut at its quietest point.
 * @param read the sound that is still buffered, from `neededFrom` on
 */
export function silenceOut(
  silero: Silero,
  windowSamples: number,
  sampleRate: number,
  fromSample: number,
  read: ReadSound,
): SpeechFinder {
  const hysteresis = new Hysteresis();
  /** All positions of the hysteresis are frames after `fromSample`. */
  const sampleOf = (frame: number): number => fromSample + frame * VAD_FRAME;
  let received = fromSample;
  let heardFrames = 0;
  /** Regions already cut off the open one end here. */
  let cutTo = fromSample;

  const listen = silero.listen();

  const hear = async (frames: number): Promise<Span[]> => {
    // Past the end of the sound it is silence.
    const probabilities = await listen(read(sampleOf(heardFrames), sampleOf(heardFrames + frames)));
    heardFrames += frames;
    return hysteresis.push(probabilities).flatMap(settle);
  };

  /** A finished region in samples, in parts no longer than a window. */
  const settle = (region: Span): Span[] => {
    const end = Math.min(sampleOf(region.end), received);
    const parts = cutUpTo(Math.max(cutTo, sampleOf(region.start)), end);
    const start = parts.at(-1)?.end ?? Math.max(cutTo, sampleOf(region.start));
    if (end > start) parts.push({ start, end });
    cutTo = Math.max(cutTo, end);
    return parts;
  };

  /** Cuts windows off [start, end) while it is longer than one. */
  const cutUpTo = (from: number, end: number): Span[] => {
    const parts: Span[] = [];
    let start = from;
    while (end - start > windowSamples) {
      const cut = start + quietestCut(read(start, start + windowSamples), windowSamples, sampleRate);
      parts.push({ start, end: cut });
      start = cut;
      cutTo = cut;
    }
    return parts;
  };

  const spentBefore = silero.spentMs;

  return {
    get spentMs() {
      return silero.spentMs - spentBefore;
    },
    async push(block) {
      received += block.length;
      const regions: Span[] = [];
      while (received >= sampleOf(heardFrames + SLAB_FRAMES)) {
        regions.push(...(await hear(SLAB_FRAMES)));
        const open = hysteresis.open;
        if (open !== null) regions.push(...cutUpTo(Math.max(cutTo, sampleOf(open)), sampleOf(heardFrames)));
      }
      return regions;
    },
    async flush() {
      const rest = Math.ceil((received - sampleOf(heardFrames)) / VAD_FRAME);
      const regions = rest > 0 ? await hear(rest) : [];
      return [...regions, ...hysteresis.flush().flatMap(settle)];
    },
    get neededFrom() {
      const { open } = hysteresis;
      return open === null ? sampleOf(heardFrames) : Math.max(cutTo, sampleOf(open));
    },
  };
}
