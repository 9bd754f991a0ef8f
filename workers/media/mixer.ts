/**
 * All channels to one. Pure.
 *
 * What a recording needs depends on the recording, so the mix is decided from the sound itself, and it is decided in a
 * way that depends on nothing else: sound is measured in blocks that lie on an absolute grid (every half second from the
 * file's zero), each block's weights follow from the blocks up to `REACH` before and behind it, and between the middles
 * of two blocks the weights are interpolated linearly, sample by sample. So there are no clicks, no state that could
 * depend on where decoding began, and how the input was cut into chunks changes no bit of the output. The price is that
 * the output is `REACH + 1` blocks late.
 *
 * - One channel, or one that was picked: its mean over three blocks is taken off where it is one (a sound card's DC offset).
 * - A pair: the mean of both sides. It is the sum of both where one side is silent, or the level would be halved; and
 *   the difference where the sum cancels (one side's wires were swapped). Nothing said on either side is lost.
 * - Known layouts of more channels: the weights of ITU-R BS.775-4, annex 4, with the sides of its two-channel downmix
 *   added up and the centre, which has the dialogue, at its full level: C 1, L and R 1/√2, surrounds 1/2, no LFE. A
 *   stretch that could clip is turned down as a whole.
 * - Any other number of channels: each is a microphone, and all are added, divided by the number of those that are not
 *   silent.
 */

/** Seconds of a block. */
const BLOCK_SECONDS = 0.5;
/** Blocks on each side of a block that have a say in its weights. */
const REACH = 2;
/** Samples held at most, all channels together, so that 64 channels at 192 kHz stay in bounds. */
const MOST_HELD = 2 ** 22;
/**
 * A channel this far under the loudest counts as silent, and from the second number on as fully present. Decibels. Choices;
 * between them the weight rises evenly, so that neither bound is heard.
 */
const SILENT_DB = -30;
const PRESENT_DB = -10;
/**
 * The two sides of a pair cancel each other when their sum has less than the first number of the louder side's power and
 * their difference has more power than the sum by the second factor. Two unlike voices give a sum of the same power as the
 * difference, and a voice in the middle one of four times the louder side's. Choices in between.
 */
const CANCELLED = 0.27;
const DIFFERENCE_GAIN = 1.5;

/**
 * A mean of a tenth of the root mean square is no offset yet, one of a fifth is: their squares, as shares of the power.
 * Choices: between them the correction rises evenly, so that neither bound is heard.
 */
const NO_OFFSET = 0.01;
const OFFSET = 0.04;
/** A mean as small as this harms nothing, -34 dBFS. */
const LEAST_OFFSET = 0.02;

const SIDE = Math.SQRT1_2;

/** Order of the channels that WebCodecs decoders give, by their number; LFE has the weight 0. */
const DECODED: Record<number, number[]> = {
  3: [SIDE, SIDE, 1],
  5: [SIDE, SIDE, 1, 0.5, 0.5],
  6: [SIDE, SIDE, 1, 0, 0.5, 0.5],
  7: [SIDE, SIDE, 1, 0, 0.5, 0.5, 0.5],
  8: [SIDE, SIDE, 1, 0, 0.5, 0.5, 0.5, 0.5],
};

/** Weights for sound that a decoder of the browser gave: its order is that of WAVE_FORMAT_EXTENSIBLE. */
export function decodedWeights(channels: number): number[] | null {
  return DECODED[channels] ?? null;
}

/**
 * Weights for a channel mask of WAVE_FORMAT_EXTENSIBLE. Null where it does not name every channel, or has no centre:
 * then nothing is known of what the channels are.
 */
export function maskWeights(mask: number, channels: number): number[] | null {
  const weights: number[] = [];
  for (let bit = 0; bit < 18; bit++) {
    if (!(mask & (1 << bit))) continue;
    // Front left and right, centre, LFE, back left and right, left and right of centre, the rest behind or above.
    weights.push(bit === 2 ? 1 : bit === 3 ? 0 : bit < 2 || bit === 6 || bit === 7 ? SIDE : 0.5);
  }
  return channels > 2 && weights.length === channels && mask & 4 ? weights : null;
}

/** What was measured of one block. Sums are over `count` frames. */
type Block = {
  index: number;
  /** Frames from the block's place on the grid to the first one that is there. */
  offset: number;
  count: number;
  planes: Float32Array[];
  sums: Float64Array;
  squares: Float64Array;
  peaks: Float64Array;
  /** Of the first two channels. */
  cross: number;
};

/** What a block's middle is mixed with: a weight and a mean for each channel. */
type Mix = { weights: Float64Array; means: Float64Array };

/** How much of a channel counts: 0 for a silent one, 1 for a present one. `share`: of the loudest channel's power. */
function presence(share: number): number {
  if (share <= 0) return 0;
  return Math.max(0, Math.min(1, (10 * Math.log10(share) - SILENT_DB) / (PRESENT_DB - SILENT_DB)));
}

/**
 * How much of a mean is an offset, in [0, 1]. The mean of any half second of speech is a few hundredths of its root mean
 * square, and that of a pause is next to nothing: to take those off would change sound that has nothing wrong.
 */
function offsetness(mean: number, power: number): number {
  const ramp = (value: number, from: number, to: number): number =>
    Math.max(0, Math.min(1, (value - from) / (to - from)));
  return ramp(mean ** 2 / power, NO_OFFSET, OFFSET) * ramp(Math.abs(mean), LEAST_OFFSET, 2 * LEAST_OFFSET);
}

export class Mixer {
  readonly #channels: number;
  readonly #fixed: number[] | null;
  readonly #picked: number | null;
  readonly #length: number;
  #position: number;
  #blocks: Block[] = [];
  #mixes = new Map<number, Mix>();

  /**
   * @param rate samples per second
   * @param channels how many will be pushed
   * @param position absolute index of the first frame
   * @param fixed weights of a known layout, one a channel; null: from the sound
   * @param picked index of the one channel to hear, the last one where there are fewer; null: all
   */
  constructor(rate: number, channels: number, position: number, fixed: number[] | null, picked: number | null) {
    this.#channels = channels;
    this.#fixed = fixed;
    this.#picked = picked === null ? null : Math.min(picked, channels - 1);
    const most = Math.floor(MOST_HELD / (2 * REACH + 2) / channels);
    this.#length = Math.max(1, Math.min(Math.round(rate * BLOCK_SECONDS), most));
    this.#position = position;
  }

  /** Takes frames that follow on those before, one array a channel; gives the mono sound that is now certain. */
  push(channels: Float32Array[]): Float32Array<ArrayBuffer> {
    const frames = channels[0]?.length ?? 0;
    const out: Float32Array[] = [];
    for (let used = 0; used < frames;) {
      const block = this.#current();
      const filled = block.offset + block.count;
      const part = Math.min(frames - used, this.#length - filled);
      this.#measure(block, channels, used, part);
      used += part;
      this.#position += part;
      if (filled + part === this.#length) out.push(...this.#ready(block.index - REACH - 1));
    }
    return joined(out);
  }

  /** Gives what is left. Nothing may be pushed after it. */
  finish(): Float32Array<ArrayBuffer> {
    const out = this.#ready(Infinity);
    this.#blocks = [];
    return joined(out);
  }

  #current(): Block {
    const index = Math.floor(this.#position / this.#length);
    const last = this.#blocks.at(-1);
    if (last?.index === index) return last;
    const offset = this.#position - index * this.#length;
    const block: Block = {
      index,
      offset,
      count: 0,
      planes: Array.from({ length: this.#channels }, () => new Float32Array(this.#length - offset)),
      sums: new Float64Array(this.#channels),
      squares: new Float64Array(this.#channels),
      peaks: new Float64Array(this.#channels),
      cross: 0,
    };
    this.#blocks.push(block);
    return block;
  }

  #measure(block: Block, channels: Float32Array[], from: number, frames: number): void {
    for (let c = 0; c < this.#channels; c++) {
      const plane = channels[c].subarray(from, from + frames);
      block.planes[c].set(plane, block.count);
      let sum = block.sums[c];
      let square = block.squares[c];
      let peak = block.peaks[c];
      for (const value of plane) {
        sum += value;
        square += value * value;
        if (value > peak) peak = value;
        else if (-value > peak) peak = -value;
      }
      block.sums[c] = sum;
      block.squares[c] = square;
      block.peaks[c] = peak;
    }
    if (this.#channels === 2) {
      const [left, right] = channels;
      let cross = block.cross;
      for (let i = from; i < from + frames; i++) cross += left[i] * right[i];
      block.cross = cross;
    }
    block.count += frames;
  }

  /** Mixes every block up to `last` and lets go of what is not needed any more. */
  #ready(last: number): Float32Array<ArrayBuffer>[] {
    const out: Float32Array<ArrayBuffer>[] = [];
    for (const block of this.#blocks) {
      if (block.index > last) break;
      if (block.planes.length > 0) out.push(this.#mixed(block));
      block.planes = [];
    }
    while (this.#blocks.length > 0 && this.#blocks[0].index < last - REACH) {
      this.#mixes.delete(this.#blocks[0].index);
      this.#blocks.shift();
    }
    return out;
  }

  #mixed(block: Block): Float32Array<ArrayBuffer> {
    const here = this.#mix(block.index) ?? this.#decide(block.index);
    const before = this.#mix(block.index - 1) ?? here;
    const after = this.#mix(block.index + 1) ?? here;
    const output = new Float32Array(block.count);
    const length = this.#length;
    for (let c = 0; c < this.#channels; c++) {
      const plane = block.planes[c];
      const [w, d] = [here.weights[c], here.means[c]];
      if (w === 0 && before.weights[c] === 0 && after.weights[c] === 0) continue;
      for (let i = 0; i < block.count; i++) {
        const t = (block.offset + i + 0.5) / length - 0.5;
        const other = t < 0 ? before : after;
        const far = t < 0 ? -t : t;
        const weight = w + (other.weights[c] - w) * far;
        const mean = d + (other.means[c] - d) * far;
        output[i] += weight * (plane[i] - mean);
      }
    }
    return output;
  }

  #mix(index: number): Mix | undefined {
    const known = this.#mixes.get(index);
    if (known || !this.#blocks.some((block) => block.index === index)) return known;
    return this.#decide(index);
  }

  #decide(index: number): Mix {
    const mix = { weights: this.#weights(index), means: this.#means(index) };
    this.#mixes.set(index, mix);
    return mix;
  }

  #around(index: number, reach: number): Block[] {
    return this.#blocks.filter((block) => Math.abs(block.index - index) <= reach);
  }

  #means(index: number): Float64Array {
    const means = new Float64Array(this.#channels);
    const near = this.#around(index, 1);
    const count = near.reduce((sum, block) => sum + block.count, 0);
    for (let c = 0; c < this.#channels; c++) {
      const mean = near.reduce((sum, block) => sum + block.sums[c], 0) / count;
      const power = near.reduce((sum, block) => sum + block.squares[c], 0) / count;
      means[c] = power > 0 ? mean * offsetness(mean, power) : 0;
    }
    return means;
  }

  #weights(index: number): Float64Array {
    const weights = new Float64Array(this.#channels);
    if (this.#picked !== null) {
      weights[this.#picked] = 1;
      return weights;
    }
    if (this.#fixed) {
      let loudest = 1;
      for (const { peaks } of this.#around(index, 1)) {
        loudest = Math.max(
          loudest,
          this.#fixed.reduce((sum, weight, c) => sum + weight * peaks[c], 0),
        );
      }
      return weights.map((_, c) => (this.#fixed?.[c] ?? 0) / loudest);
    }
    const near = this.#around(index, REACH);
    const total = (of: (block: Block) => number): number => near.reduce((sum, block) => sum + of(block), 0);
    const count = total((block) => block.count);
    const sums = Array.from(weights, (_, c) => total((block) => block.sums[c]));
    const powers = sums.map((sum, c) => Math.max(0, total((block) => block.squares[c]) - (sum * sum) / count));
    const loudest = Math.max(...powers);
    const present = powers.reduce((sum, power) => sum + (loudest > 0 ? presence(power / loudest) : 1), 0);
    weights.fill(1 / Math.max(1, present));
    if (this.#channels === 2) {
      const cross = total((block) => block.cross) - (sums[0] * sums[1]) / count;
      const sum = powers[0] + powers[1] + 2 * cross;
      const difference = powers[0] + powers[1] - 2 * cross;
      if (sum < CANCELLED * loudest * present * present && difference > DIFFERENCE_GAIN * sum) weights[1] *= -1;
    }
    return weights;
  }
}

function joined(parts: Float32Array[]): Float32Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0] as Float32Array<ArrayBuffer>;
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
