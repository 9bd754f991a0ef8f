/**
 * All that is kept of a recording to tell its speakers apart: for each piece when it is and a voice of 192 bytes. An hour
 * of talk is about 0.6 MB; the sound itself is not needed again to cut it for another number of speakers.
 */
import type { VoiceTable } from '../protocol';
import type { Piece } from './pieces';

/** Numbers of a voice: CAM++ gives so many. */
export const VOICE_SIZE = 192;

/** A piece that is too short, or of two voices, has no voice of its own. */
const NO_VOICE = 0;
export const OWN_VOICE = 1;
export const TWO_VOICES = 2;

/** Takes pieces in order and gives the table of them. */
export class TableBuilder {
  #count = 0;
  #starts = new Uint32Array(64);
  #ends = new Uint32Array(64);
  #kinds = new Uint8Array(64);
  #voices = new Int8Array(64 * VOICE_SIZE);

  /** @param earlier to go on with: its pieces that end by `before`, a frame */
  constructor(earlier: VoiceTable | null = null, before = 0) {
    if (!earlier) return;
    const count = earlier.ends.reduce((kept, end) => (end <= before ? kept + 1 : kept), 0);
    while (this.#starts.length < count) this.#grow();
    this.#starts.set(earlier.starts.subarray(0, count));
    this.#ends.set(earlier.ends.subarray(0, count));
    this.#kinds.set(earlier.kinds.subarray(0, count));
    this.#voices.set(earlier.voices.subarray(0, count * VOICE_SIZE));
    this.#count = count;
  }

  /** @param voice of length 1; null: none */
  add({ start, end, overlap }: Piece, voice: Float32Array | null): void {
    if (this.#count === this.#starts.length) this.#grow();
    const at = this.#count++;
    this.#starts[at] = start;
    this.#ends[at] = end;
    this.#kinds[at] = overlap ? TWO_VOICES : voice ? OWN_VOICE : NO_VOICE;
    if (!voice || overlap) return;
    this.#voices.set(inBytes(voice), at * VOICE_SIZE);
  }

  /** A copy of what there is so far. @param endFrame where the sound heard so far ends */
  table(endFrame: number): VoiceTable {
    return {
      version: 1,
      endFrame,
      starts: this.#starts.slice(0, this.#count),
      ends: this.#ends.slice(0, this.#count),
      kinds: this.#kinds.slice(0, this.#count),
      voices: this.#voices.slice(0, this.#count * VOICE_SIZE),
    };
  }

  #grow(): void {
    const grown = <T extends Uint8Array | Uint32Array | Int8Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.#starts = grown(this.#starts, new Uint32Array(2 * this.#starts.length));
    this.#ends = grown(this.#ends, new Uint32Array(2 * this.#ends.length));
    this.#kinds = grown(this.#kinds, new Uint8Array(2 * this.#kinds.length));
    this.#voices = grown(this.#voices, new Int8Array(2 * this.#voices.length));
  }
}

/** Voices are compared by their direction, so each may have its own scale. */
export function inBytes(voice: Float32Array): Int8Array {
  let loudest = 1e-9;
  for (const value of voice) loudest = Math.max(loudest, Math.abs(value));
  return Int8Array.from(voice, (value) => Math.round((value / loudest) * 127));
}

/** The voice of a piece, of length 1. */
export function voiceAt({ voices }: VoiceTable, piece: number): Float32Array {
  const voice = new Float32Array(VOICE_SIZE);
  voice.set(voices.subarray(piece * VOICE_SIZE, (piece + 1) * VOICE_SIZE));
  let squares = 0;
  for (let i = 0; i < VOICE_SIZE; i++) squares += voice[i] * voice[i];
  const length = Math.sqrt(squares) || 1;
  for (let i = 0; i < VOICE_SIZE; i++) voice[i] /= length;
  return voice;
}

/** The table with its pieces in the order of time, whatever order they are given in. */
export function inTime(table: VoiceTable): VoiceTable {
  const order = [...table.starts.keys()].sort(
    (a, b) => table.starts[a] - table.starts[b] || table.ends[a] - table.ends[b],
  );
  if (order.every((piece, at) => piece === at)) return table;
  const voices = new Int8Array(table.voices.length);
  for (const [at, piece] of order.entries())
    voices.set(table.voices.subarray(piece * VOICE_SIZE, (piece + 1) * VOICE_SIZE), at * VOICE_SIZE);
  return {
    ...table,
    starts: Uint32Array.from(order, (piece) => table.starts[piece]),
    ends: Uint32Array.from(order, (piece) => table.ends[piece]),
    kinds: Uint8Array.from(order, (piece) => table.kinds[piece]),
    voices,
  };
}
