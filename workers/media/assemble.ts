/** Puts decoded chunks onto the file's clock: silence for gaps, cuts for overlaps, one channel, one rate. Pure. */
import { fault } from '../protocol';
import type { Chunk, Stretch } from './media';
import { Mixer } from './mixer';
import { outputLength, Resampler } from './resample';
import { Timeline } from './timeline';

/** A rate that no recorder has is a damaged header, and a filter for it would need all memory there is. Hz. */
const MOST_HERTZ = 4_000_000;
/** Frames of silence made at once. */
const SILENCE_FRAMES = 1 << 16;

export class Assembly {
  readonly #outRate: number;
  readonly #picked: number | null;
  /** Seconds at which the first chunk may be taken for granted: everything before is already heard. */
  readonly #start: number;
  /** Absolute index of the next sample given out. */
  #next: number;
  #timeline: Timeline | null = null;
  #resampler: Resampler | null = null;
  #mixer: Mixer | null = null;
  #channels = 0;
  #stretch: Stretch | null = null;

  /**
   * @param outRate samples per second wanted
   * @param fromSample absolute index of the first sample wanted
   * @param start seconds on the file's clock from which on chunks come; 0 for all
   * @param picked index of the one channel to hear; null: all
   */
  constructor(outRate: number, fromSample: number, start: number, picked: number | null) {
    this.#outRate = outRate;
    this.#next = fromSample;
    this.#start = Math.max(0, start);
    this.#picked = picked;
  }

  /** Seconds of sound placed so far, from the file's zero; null before the first chunk. */
  get seconds(): number | null {
    return this.#timeline && this.#timeline.position / this.#timeline.rate;
  }

  /** True length at the rate asked for. */
  get totalSamples(): number {
    return this.#timeline ? outputLength(this.#timeline.position, this.#timeline.rate, this.#outRate) : 0;
  }

  /**
   * Takes the next chunk of `stretch`, gives what is certain now: consecutive samples, none twice.
   * @throws DamagedFile where the chunk's rate is none
   */
  *add(chunk: Chunk, stretch: Stretch): Generator<Float32Array> {
    const { rate } = chunk;
    if (!(rate >= 1 && rate <= MOST_HERTZ)) throw fault('DamagedFile', `${rate} samples per second`);
    const { timestamp, channels } = clipped(chunk, stretch);
    const frames = channels[0]?.length ?? 0;
    if (frames === 0) return;
    if (this.#timeline?.rate !== rate) {
      // Broadcasts and joined files change their rate in mid-stream: the next stretch joins where the last one ends.
      yield* this.#settle(true);
      const position: number = this.#timeline
        ? Math.round((this.#timeline.position / this.#timeline.rate) * rate)
        : Math.max(0, Math.min(Math.round(timestamp * rate), Math.ceil(this.#start * rate)));
      this.#timeline = new Timeline(rate, position);
      this.#resampler = new Resampler(rate, this.#outRate, position, this.#next);
    }
    const timeline = this.#timeline;
    const { silence, skip } = timeline.place(timestamp, frames);
    const from = timeline.position - (frames - skip);
    if (silence > 0 || this.#stretch !== stretch || this.#channels !== channels.length) yield* this.#settle(false);
    this.#stretch = stretch;
    for (let left = silence; left > 0; left -= SILENCE_FRAMES) {
      yield* this.#resampled(new Float32Array(Math.min(left, SILENCE_FRAMES)));
    }
    if (skip === frames) return;
    this.#channels = channels.length;
    this.#mixer ??= new Mixer(rate, channels.length, from, stretch.weights(channels.length), this.#picked);
    yield* this.#resampled(this.#mixer.push(channels.map((channel) => channel.subarray(skip))));
  }

  /** Gives the rest. */
  *finish(): Generator<Float32Array> {
    yield* this.#settle(true);
  }

  /** Ends the mix of what came so far, and with `all` its rate as well. */
  *#settle(all: boolean): Generator<Float32Array> {
    if (this.#mixer) yield* this.#resampled(this.#mixer.finish());
    this.#mixer = null;
    if (!all || !this.#resampler) return;
    const rest = this.#resampler.finish();
    this.#resampler = null;
    this.#next += rest.length;
    yield rest;
  }

  /** A second at a time: at 1 Hz, which damaged headers claim, every sample in is thousands out. */
  *#resampled(samples: Float32Array): Generator<Float32Array> {
    const second = this.#timeline?.rate ?? 1;
    for (let at = 0; this.#resampler && at < samples.length; at += second) {
      const out = this.#resampler.push(samples.subarray(at, at + second));
      this.#next += out.length;
      yield out;
    }
  }
}

/** What of a chunk its stretch plays, on the file's clock. */
export function clipped({ timestamp, rate, channels }: Chunk, { at, from, to }: Stretch): Chunk {
  const frames = channels[0]?.length ?? 0;
  // Inwards: not one sample that was cut away is heard. A thousandth of a sample is a float's own error.
  const first = Math.min(frames, Math.max(0, Math.ceil((from - timestamp) * rate - 1e-3)));
  const end = to === Infinity ? frames : Math.max(first, Math.min(frames, Math.floor((to - timestamp) * rate + 1e-3)));
  const place = timestamp + first / rate - from + at;
  if (first === 0 && end === frames) return { timestamp: place, rate, channels };
  return { timestamp: place, rate, channels: channels.map((channel) => channel.subarray(first, end)) };
}
