/**
 * Hears a recording as it streams and keeps a table of its voices. Of the sound only what is not cut into pieces yet is
 * held: some twenty seconds, however long the recording is.
 */
import type { VoiceTable } from '../protocol';
import { createFbank, FBANK_FRAME, FBANK_HOP, FBANK_RATE, subtractMean, type Fbank } from './fbank';
import type { SpeakerNetworks } from './networks';
import { cutPoint, frameStart, piecesOf, type Piece } from './pieces';
import { FRAME_SAMPLES, WINDOW_SAMPLES } from './powerset';
import { TableBuilder } from './table';
import { FrameVotes, STEP_SAMPLES, type Frames } from './votes';

/** Speech without a pause for longer than this is cut anywhere: 20 s in frames. */
const LONGEST_STRETCH = Math.round((20 * FBANK_RATE) / FRAME_SAMPLES);
/** CAM++ makes nothing of less sound: 0.2 s in frames of the segmentation. */
const SHORTEST_VOICE = 12;
/**
 * Of a longer piece CAM++ hears the middle, frames of the filter bank: a second is enough to know a voice by, and the ends are
 * where another one may be heard. That saves a tenth of all work (BENCHMARKS.md).
 */
const LONGEST_HEARD = 100;

export class SpeakerListener {
  readonly #networks: Pick<SpeakerNetworks, 'segment' | 'embed'>;
  readonly #votes = new FrameVotes();
  readonly #builder: TableBuilder;
  /** Frames of the recording before what is heard here; all other positions are counted from there. */
  readonly #before: number;
  /** Samples still to be left out, so that frames lie where they would lie had the recording been heard from its start. */
  #leaveOut: number;
  readonly #fbank: Fbank = createFbank();
  /** Sound from `#kept` on. */
  #sound = new Float32Array(2 * WINDOW_SAMPLES);
  #kept = 0;
  #received = 0;
  /** Where the next window begins. */
  #nextWindow = 0;
  /** Frames that no window will change, not cut into pieces yet. */
  #open: Frames = { first: 0, speech: new Float32Array(0), overlap: new Float32Array(0), change: new Float32Array(0) };

  /**
   * @param fromSample where in the recording the sound begins that will be pushed
   * @param earlier what was heard of it before, to go on with
   */
  constructor(networks: Pick<SpeakerNetworks, 'segment' | 'embed'>, fromSample = 0, earlier: VoiceTable | null = null) {
    this.#networks = networks;
    this.#before = Math.ceil(fromSample / FRAME_SAMPLES);
    this.#leaveOut = this.#before * FRAME_SAMPLES - fromSample;
    this.#builder = new TableBuilder(earlier, this.#before);
  }

  /** Bytes held for the sound, for a test of their bound. */
  get soundBytes(): number {
    return this.#sound.byteLength;
  }

  /** Seconds of sound whose pieces are in the table. */
  get doneSeconds(): number {
    return frameStart(this.#before + this.#open.first) / FBANK_RATE;
  }

  /** Takes the next block: mono, 16 kHz, contiguous. */
  async push(block: Float32Array): Promise<void> {
    const leftOut = Math.min(this.#leaveOut, block.length);
    this.#leaveOut -= leftOut;
    for (let at = leftOut; at < block.length;) {
      // In parts of a window at most, so that a huge block needs no huge buffer.
      const part = block.subarray(at, at + WINDOW_SAMPLES);
      this.#append(part);
      at += part.length;
      while (this.#received >= this.#nextWindow + WINDOW_SAMPLES) await this.#hearWindow();
    }
  }

  /** The sound has ended. @returns the table of the whole recording */
  async finish(): Promise<VoiceTable> {
    if (this.#received > this.#nextWindow || this.#received < WINDOW_SAMPLES) await this.#hearWindow();
    this.#add(this.#votes.rest());
    const inside = Math.max(0, Math.floor(this.#received / FRAME_SAMPLES) - this.#open.first);
    await this.#cut(Math.min(inside, this.#open.speech.length));
    return this.table();
  }

  /** What there is so far, for labels while the recording is still heard and for a run that was stopped. */
  table(): VoiceTable {
    return this.#builder.table(this.#before + this.#open.first);
  }

  async #hearWindow(): Promise<void> {
    const window = new Float32Array(WINDOW_SAMPLES);
    window.set(this.#read(this.#nextWindow, this.#nextWindow + WINDOW_SAMPLES));
    this.#add(this.#votes.add(await this.#networks.segment(window)));
    this.#nextWindow += STEP_SAMPLES;
    await this.#cut(cutPoint(this.#open.speech, LONGEST_STRETCH));
    this.#forget(Math.min(this.#nextWindow, frameStart(this.#open.first)));
  }

  /** Cuts the first `count` open frames into pieces and hears their voices. */
  async #cut(count: number): Promise<void> {
    if (count === 0) return;
    const { first, speech, overlap, change } = this.#open;
    const part = (values: Float32Array): Float32Array => values.slice(0, count);
    const pieces = piecesOf({ first, speech: part(speech), overlap: part(overlap), change: part(change) });
    for (const piece of pieces) {
      const voice = await this.#voiceOf(piece);
      const { start, end, overlap } = piece;
      this.#builder.add({ start: this.#before + start, end: this.#before + end, overlap }, voice);
    }
    this.#open = {
      first: first + count,
      speech: speech.slice(count),
      overlap: overlap.slice(count),
      change: change.slice(count),
    };
  }

  async #voiceOf({ start, end, overlap }: Piece): Promise<Float32Array | null> {
    if (overlap || end - start < SHORTEST_VOICE) return null;
    // Frames of the filter bank whose middle lies in the piece, on a grid that begins with the recording.
    const row = (sample: number): number => Math.max(0, Math.ceil((sample - FBANK_FRAME / 2) / FBANK_HOP));
    const [from, to] = [row(frameStart(start)) * FBANK_HOP, row(frameStart(end)) * FBANK_HOP];
    const left = Math.max(0, Math.floor(((to - from) / FBANK_HOP - LONGEST_HEARD) / 2)) * FBANK_HOP;
    const sound = this.#read(from + left, Math.min(to - left - FBANK_HOP + FBANK_FRAME, this.#received));
    const rows = this.#fbank(sound);
    return rows.length === 0 ? null : this.#networks.embed(subtractMean(rows));
  }

  #add(frames: Frames): void {
    const joined = (before: Float32Array, after: Float32Array): Float32Array => {
      const all = new Float32Array(before.length + after.length);
      all.set(before);
      all.set(after, before.length);
      return all;
    };
    const { first, speech, overlap, change } = this.#open;
    this.#open = {
      first,
      speech: joined(speech, frames.speech),
      overlap: joined(overlap, frames.overlap),
      change: joined(change, frames.change),
    };
  }

  #append(block: Float32Array): void {
    const length = this.#received - this.#kept;
    if (length + block.length > this.#sound.length) {
      const grown = new Float32Array(2 * this.#sound.length);
      grown.set(this.#sound.subarray(0, length));
      this.#sound = grown;
    }
    this.#sound.set(block, length);
    this.#received += block.length;
  }

  #read(from: number, to: number): Float32Array {
    return this.#sound.subarray(from - this.#kept, Math.min(to, this.#received) - this.#kept);
  }

  /** Lets go of sound before `sample`, less what the filter bank's frames reach back. */
  #forget(sample: number): void {
    const keepFrom = Math.max(this.#kept, sample - FBANK_FRAME);
    this.#sound.copyWithin(0, keepFrom - this.#kept, this.#received - this.#kept);
    this.#kept = keepFrom;
  }
}
