/**
 * What overlapping windows say together of each frame: whether somebody speaks, whether two do, and whether the voice
 * changes. The local speakers of a window mean nothing outside it, so nothing of them is carried from window to window but
 * what all windows can agree on. Streaming: what no later window can change is handed out and forgotten.
 */
import { FRAME_SAMPLES, LOCAL_SPEAKERS, POWERSET, WINDOW_FRAMES } from './powerset';

/** Frames from one window's start to the next: 2.53 s, so that nearly all frames are heard by four windows (BENCHMARKS.md has others). */
export const STEP_FRAMES = 150;
export const STEP_SAMPLES = STEP_FRAMES * FRAME_SAMPLES;

/** Frames before and after a point whose speakers are compared: half a second each. */
const CHANGE_SPAN = 30;
/** Nearer to the edge of a window than this it knows too little of one side. Frames. */
const CHANGE_EDGE = 20;

/** Means over the windows that heard a frame, one number a frame from `first` on. */
export type Frames = {
  /** Number of the first frame; frame i is the one FRAME_SAMPLES * i samples into the sound. */
  first: number;
  /** Probability that anybody speaks. */
  speech: Float32Array;
  /** Probability that two speak. */
  overlap: Float32Array;
  /** How different the speakers of the half second before the frame are from those of the half second after it, [0, 1]. */
  change: Float32Array;
};

export class FrameVotes {
  #first = 0;
  readonly #speech = new Float64Array(WINDOW_FRAMES);
  readonly #overlap = new Float64Array(WINDOW_FRAMES);
  readonly #heard = new Uint16Array(WINDOW_FRAMES);
  readonly #change = new Float64Array(WINDOW_FRAMES);
  readonly #compared = new Uint16Array(WINDOW_FRAMES);

  /**
   * Takes the next window; it begins STEP_FRAMES after the one before.
   * @param logits [589, 7]
   * @returns the frames that no later window hears
   */
  add(logits: Float32Array): Frames {
    const speakers = new Float64Array((WINDOW_FRAMES + 1) * LOCAL_SPEAKERS); // sums up to each frame
    for (let t = 0; t < WINDOW_FRAMES; t++) {
      const at = t * LOCAL_SPEAKERS;
      for (let i = 0; i < LOCAL_SPEAKERS; i++) speakers[at + LOCAL_SPEAKERS + i] = speakers[at + i];
      for (const [c, set] of POWERSET.entries()) {
        const probability = Math.exp(logits[t * POWERSET.length + c]);
        if (set === 0) this.#speech[t] += 1 - probability;
        let size = 0;
        for (let i = 0; i < LOCAL_SPEAKERS; i++) {
          if (!(set & (1 << i))) continue;
          size += 1;
          speakers[at + LOCAL_SPEAKERS + i] += probability;
        }
        if (size > 1) this.#overlap[t] += probability;
      }
      this.#heard[t] += 1;
    }
    for (let t = CHANGE_EDGE; t < WINDOW_FRAMES - CHANGE_EDGE; t++) {
      this.#change[t] += difference(speakers, t);
      this.#compared[t] += 1;
    }
    return this.#take(STEP_FRAMES);
  }

  /** The frames that are left when the last window has been added. */
  rest(): Frames {
    return this.#take(WINDOW_FRAMES - STEP_FRAMES);
  }

  #take(count: number): Frames {
    const mean = (sums: Float64Array, counts: Uint16Array): Float32Array =>
      Float32Array.from({ length: count }, (_, t) => sums[t] / Math.max(1, counts[t]));
    const frames = {
      first: this.#first,
      speech: mean(this.#speech, this.#heard),
      overlap: mean(this.#overlap, this.#heard),
      change: mean(this.#change, this.#compared),
    };
    for (const values of [this.#speech, this.#overlap, this.#heard, this.#change, this.#compared]) {
      values.copyWithin(0, count);
      values.fill(0, WINDOW_FRAMES - count);
    }
    this.#first += count;
    return frames;
  }
}

/** 1 less the cosine of the local speakers' activity before frame t and from it on. @param sums up to each frame */
function difference(sums: Float64Array, t: number): number {
  const from = Math.max(0, t - CHANGE_SPAN) * LOCAL_SPEAKERS;
  const here = t * LOCAL_SPEAKERS;
  const to = Math.min(WINDOW_FRAMES, t + CHANGE_SPAN) * LOCAL_SPEAKERS;
  let [product, before, after] = [0, 0, 0];
  for (let i = 0; i < LOCAL_SPEAKERS; i++) {
    const a = sums[here + i] - sums[from + i];
    const b = sums[to + i] - sums[here + i];
    product += a * b;
    before += a * a;
    after += b * b;
  }
  return 1 - product / Math.max(1e-9, Math.sqrt(before * after));
}
