/**
 * From speech probabilities to regions: the hysteresis of silero-vad (utils_vad.py, get_speech_timestamps). Pure,
 * given the probabilities; `silenceOut` feeds it from the model as the sound comes.
 */
import { SLAB_FRAMES, VAD_FRAME } from './frames';
import { createLevel, type LevelState } from './level';
import type { ListenerState, Silero } from './silero';
import type { SampleRange } from './ranges';
import type { FinderState, ReadSound, SpeechFinder } from './speech';
import { quietestCut } from './windows';

/** get_speech_timestamps defaults: threshold 0.5, neg_threshold 0.15 below it, min_silence_duration_ms 100. */
const SPEECH = 0.5;
const SILENCE = 0.35;
const MIN_SILENCE_FRAMES = 4;
/**
 * Shorter than this is a click. The reference drops under 250 ms, but a "six" or "oui" said alone is shorter, and a
 * lost word is worse than a window too many (faster-whisper keeps everything).
 */
const MIN_SPEECH_FRAMES = 3;

/** In frames of the detection, [start, end). */
type FrameRange = { start: number; end: number };

type HysteresisState = { start: number | null; quietFrom: number | null; frame: number };

/** Frames to regions of frames, as they come. */
export class Hysteresis {
  #start: number | null;
  /** First frame under the lower threshold since the last one over the upper. */
  #quietFrom: number | null;
  #frame: number;

  constructor({ start, quietFrom, frame }: HysteresisState = { start: null, quietFrom: null, frame: 0 }) {
    this.#start = start;
    this.#quietFrom = quietFrom;
    this.#frame = frame;
  }

  get state(): HysteresisState {
    return { start: this.#start, quietFrom: this.#quietFrom, frame: this.#frame };
  }

  /** Frame where the open region began, or null. */
  get open(): number | null {
    return this.#start;
  }

  /** @returns regions that ended */
  push(probabilities: Float32Array): FrameRange[] {
    const regions: FrameRange[] = [];
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
  flush(): FrameRange[] {
    const regions: FrameRange[] = [];
    if (this.#start !== null) this.#close(this.#quietFrom ?? this.#frame, regions);
    return regions;
  }

  #close(end: number, regions: FrameRange[]): void {
    const start = this.#start!;
    if (end - start >= MIN_SPEECH_FRAMES) regions.push({ start, end });
    this.#start = null;
    this.#quietFrom = null;
  }
}

/** `from`: the sample that frames are counted from. */
export type SilenceOutState = FinderState & {
  from: number;
  heardFrames: number;
  cutTo: number;
  hysteresis: HysteresisState;
  listener: ListenerState;
  level: LevelState;
};

/**
 * Finds speech with Silero; what is not speech never becomes a region. A region that grows longer than a window is
 * cut at its quietest point.
 * @param read the sound that is still buffered, from `neededFrom` on
 * @param earlier another finder's state to go on from, `fromSample` then counts for nothing
 */
export function silenceOut(
  silero: Silero,
  windowSamples: number,
  sampleRate: number,
  fromSample: number,
  read: ReadSound,
  earlier: SilenceOutState | null = null,
): SpeechFinder {
  const hysteresis = new Hysteresis(earlier?.hysteresis);
  const from = earlier?.from ?? fromSample;
  /** All positions of the hysteresis are frames after `from`. */
  const sampleOf = (frame: number): number => from + frame * VAD_FRAME;
  let received = earlier?.received ?? fromSample;
  let heardFrames = earlier?.heardFrames ?? 0;
  /** Regions already cut off the open one end here. */
  let cutTo = earlier?.cutTo ?? fromSample;

  const listen = silero.listen(earlier?.listener);
  const level = createLevel(sampleRate, earlier?.level);

  const hear = async (frames: number): Promise<SampleRange[]> => {
    // Past the end of the sound it is silence.
    const probabilities = await listen(level(read(sampleOf(heardFrames), sampleOf(heardFrames + frames))));
    heardFrames += frames;
    return hysteresis.push(probabilities).flatMap(inSamples);
  };

  /** A finished region in samples, in parts no longer than a window. */
  const inSamples = (region: FrameRange): SampleRange[] => {
    const end = Math.min(sampleOf(region.end), received);
    const parts = cutUpTo(Math.max(cutTo, sampleOf(region.start)), end);
    const start = parts.at(-1)?.end ?? Math.max(cutTo, sampleOf(region.start));
    if (end > start) parts.push({ start, end });
    cutTo = Math.max(cutTo, end);
    return parts;
  };

  /** Cuts windows off [start, end) while it is longer than one. */
  const cutUpTo = (begin: number, end: number): SampleRange[] => {
    const parts: SampleRange[] = [];
    let start = begin;
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
      const regions: SampleRange[] = [];
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
      return [...regions, ...hysteresis.flush().flatMap(inSamples)];
    },
    get neededFrom() {
      return this.openFrom ?? sampleOf(heardFrames);
    },
    get knownTo() {
      return Math.min(received, sampleOf(heardFrames));
    },
    get openFrom() {
      const { open } = hysteresis;
      return open === null ? null : Math.max(cutTo, sampleOf(open));
    },
    get state(): SilenceOutState {
      const states = { hysteresis: hysteresis.state, listener: listen.state(), level: level.state() };
      return { from, received, heardFrames, cutTo, ...states };
    },
  };
}
