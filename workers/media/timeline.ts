/**
 * Where decoded sound lies on the file's clock: silence for gaps, cuts for overlaps. Pure.
 */

/**
 * Differences below this between a chunk's timestamp and the end of the one before are rounding (Matroska counts whole
 * milliseconds, decoders microseconds), not a gap. Far below the 20 ms steps of Whisper's timestamps.
 */
export const JITTER_SECONDS = 0.005;
/** A jump back of more than this is a clock that started again (joined files, a wrapped counter), not an overlap. */
const MAX_OVERLAP_SECONDS = 1;
/** A clock that starts later than this is that of a longer broadcast the file was cut from. */
export const LATEST_START_SECONDS = 60;
/** A jump ahead of more than this is a broken clock: nobody wants hours of invented silence. */
const MAX_GAP_SECONDS = 3600;

/** What to do with a chunk: first `silence` zeros, then its samples from `skip` on. */
type Placement = { silence: number; skip: number };

/** The clock of one stretch of sound at one rate, in samples of that rate. */
export class Timeline {
  readonly rate: number;
  /** Absolute index of the next sample. */
  position: number;
  /** Added to every timestamp since the source's clock broke, in samples. */
  #shift = 0;

  /**
   * @param rate samples per second
   * @param position absolute index where this stretch begins
   */
  constructor(rate: number, position: number) {
    this.rate = rate;
    this.position = position;
  }

  /**
   * Places the next chunk and moves on.
   * @param timestamp seconds of its first frame on the file's clock; may be negative (priming, dropped)
   * @param frames its length
   */
  place(timestamp: number, frames: number): Placement {
    const at = Math.round(timestamp * this.rate);
    let silence = 0;
    let skip = 0;
    let ahead = at + this.#shift - this.position;
    const started = this.position > 0;
    if (ahead > MAX_GAP_SECONDS * this.rate || (started && ahead < -MAX_OVERLAP_SECONDS * this.rate - frames)) {
      this.#shift = this.position - at;
      ahead = 0;
    }
    if (ahead >= JITTER_SECONDS * this.rate) silence = ahead;
    // Before the clock's zero even one sample counts: there is nothing it could be jitter against.
    else if (ahead <= -JITTER_SECONDS * this.rate || (!started && ahead < 0)) skip = Math.min(-ahead, frames);
    this.position += silence + frames - skip;
    return { silence, skip };
  }
}
