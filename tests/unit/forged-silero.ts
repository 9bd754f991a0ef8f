/** A voice activity detection that reads its probabilities out of the sound itself, and what feeds it. */
import { VAD_FRAME } from '../../workers/speech/frames.ts';
import type { ListenerState, Silero } from '../../workers/speech/silero.ts';
import type { SpeechFinder } from '../../workers/speech/speech.ts';
import type { SampleRange } from '../../workers/speech/ranges.ts';

/** Sound that comes in blocks and is forgotten: reading what was forgotten throws. Past its end it is silence. */
export class Ring {
  #blocks: { start: number; samples: Float32Array }[] = [];
  #forgotten: number;
  #kept = 0;
  most = 0;

  constructor(from: number) {
    this.#forgotten = from;
  }

  add(start: number, samples: Float32Array): void {
    this.#blocks.push({ start, samples });
    this.#kept += samples.length;
    this.most = Math.max(this.most, this.#kept);
  }

  forget(sample: number): void {
    if (sample < this.#forgotten) throw new Error('what was needed moved back');
    this.#forgotten = sample;
    while (this.#blocks.length > 0 && this.#blocks[0].start + this.#blocks[0].samples.length <= sample) {
      this.#kept -= this.#blocks.shift()!.samples.length;
    }
  }

  readonly read = (start: number, end: number): Float32Array => {
    if (start < this.#forgotten) throw new Error(`${start} was forgotten, ${this.#forgotten} is the first sample kept`);
    const out = new Float32Array(end - start);
    for (const block of this.#blocks) {
      const from = Math.max(start, block.start);
      const to = Math.min(end, block.start + block.samples.length);
      if (from < to) out.set(block.samples.subarray(from - block.start, to - block.start), from - start);
    }
    return out;
  };
}

export const QUARTER = VAD_FRAME / 4;
/** Places in a quarter of a frame where a click can be; none at its very beginning, which a high-pass starts from. */
const PLACES = 64;
/** Steps that a probability is told in: by the places of two clicks. */
const LEVELS = PLACES ** 2;
const CLICKS = 4;

/** The nearest probability that a frame can tell. */
export const told = (probability: number): number => Math.min(LEVELS - 1, Math.round(probability * LEVELS)) / LEVELS;

/**
 * A frame has a click in each quarter: their places are its probability and its number, which no change of level and no
 * direct current can move.
 */
export function soundOf(probabilities: Float32Array, samples: number): Float32Array {
  const pcm = new Float32Array(samples);
  for (let frame = 0; frame * VAD_FRAME < samples; frame++) {
    const level = told(probabilities[frame]) * LEVELS;
    const places = [Math.floor(level / PLACES), level % PLACES, Math.floor(frame / PLACES), frame % PLACES];
    for (const [quarter, place] of places.entries()) {
      const at = frame * VAD_FRAME + quarter * QUARTER + 1 + place;
      if (at < samples) pcm[at] = 0.5;
    }
  }
  return pcm;
}

/** Where the clicks of a frame are; null for one that is missing. */
function clicksOf(pcm: Float32Array, frame: number): (number | null)[] {
  return Array.from({ length: CLICKS }, (_, quarter) => {
    const from = frame * VAD_FRAME + quarter * QUARTER;
    let loudest = from;
    for (let i = from; i < from + QUARTER; i++) if (pcm[i] > pcm[loudest]) loudest = i;
    return pcm[loudest] > 0.1 ? loudest - from - 1 : null;
  });
}

/** Gives back the probabilities in the sound, and says whether every frame came once and in order. */
export function forgedSilero(): Silero & { complaints: string[]; frames: number } {
  const silero = {
    complaints: [] as string[],
    frames: 0,
    listen: (earlier?: ListenerState | null) => {
      if (earlier) silero.frames = earlier.context[0];
      const hear = (pcm: Float32Array) => {
        const { complaints } = silero;
        if (pcm.length % VAD_FRAME !== 0) complaints.push('no whole frames');
        const count = pcm.length / VAD_FRAME;
        const heard = Array.from({ length: count }, (_, frame) => clicksOf(pcm, frame));
        for (const [frame, [high, low, hundreds, ones]] of heard.entries()) {
          const expected = silero.frames + frame;
          if (high === null || low === null) complaints.push(`${expected} says nothing`);
          // The end of the last frame may be missing.
          if ((hundreds === null || ones === null) && frame === count - 1) continue;
          const number = hundreds! * PLACES + ones!;
          if (number !== expected) complaints.push(`${number}, not ${expected}`);
        }
        silero.frames += count;
        return Promise.resolve(Float32Array.from(heard, ([high, low]) => (high! * PLACES + low!) / LEVELS));
      };
      const nothing = new Float32Array();
      return Object.assign(hear, {
        state: () => ({ h: nothing, c: nothing, context: Float32Array.of(silero.frames) }),
      });
    },
    spentMs: 0,
    dispose: () => Promise.resolve(),
  };
  return silero;
}

/** Feeds sound in blocks and forgets what is not needed, as the job does. */
export async function find(
  finder: SpeechFinder,
  ring: Ring,
  pcm: Float32Array,
  from: number,
  blockLength: () => number,
): Promise<SampleRange[]> {
  const regions: SampleRange[] = [];
  for (let at = 0; at < pcm.length;) {
    const block = pcm.subarray(at, at + blockLength());
    ring.add(from + at, block);
    regions.push(...(await finder.push(block)));
    ring.forget(finder.neededFrom);
    at += block.length;
  }
  regions.push(...(await finder.flush()));
  return regions;
}

/** Joins regions that touch: what was cut out of one. */
export function joined(regions: readonly SampleRange[]): SampleRange[] {
  const out: SampleRange[] = [];
  for (const region of regions) {
    const last = out.at(-1);
    if (last?.end === region.start) last.end = region.end;
    else out.push({ ...region });
  }
  return out;
}
