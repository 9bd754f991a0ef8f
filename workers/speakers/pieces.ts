/**
 * Cuts speech into pieces of one voice each, at most a second and a half long: at pauses, where the windows say that the
 * voice changes, and around what two say at once. Each piece becomes one voice in the table (table.ts). Cutting finely
 * costs nothing: CAM++ tells even pieces of 0.6 s apart, while the segmentation's own local speakers take several similar
 * voices of a window for one (of 73 s of four readers 30 % went to the wrong one that way, 3 % this way; 2026-11).
 */
import { FRAME_SAMPLES, SEGMENTATION_RATE } from './powerset';
import type { Frames } from './votes';

/** [start, end) in frames. `overlap`: two speak. */
export type Piece = { start: number; end: number; overlap: boolean };

/**
 * Samples from FRAME_SAMPLES * i to the middle of what frame i speaks of. Found with conversations whose turns are known:
 * missed and false alarm together are least here.
 */
const FRAME_CENTRE = 720;

/**
 * From these means on somebody speaks, two do, and the voice changes. Choices: a change is cut at rather once too often,
 * because pieces of one voice are joined again by their sound, while a piece of two voices stays wrong.
 */
const SPEECH = 0.7;
const OVERLAP = 0.5;
const CHANGE = 0.2;
/** Shorter pauses are none: 0.15 s, longer than the closure of a stop consonant (about 0.1 s). Frames. */
const SHORTEST_PAUSE = 9;
/** A shorter burst is no speech, a shorter overlap no overlap: 0.1 s, less than a syllable takes. Frames. */
const SHORTEST_BURST = 6;
/** So far apart two changes must be, and a change from the ends of speech: 0.2 s. Frames. */
const CHANGE_APART = 12;
/** A change is the largest of those so near to it: a quarter of a second. Frames. */
const CHANGE_PEAK = 15;
/** 1.5 s in frames: CAM++ tells even pieces of 0.6 s apart, and a longer one may hide a change of voice. */
const LONGEST_PIECE = 1.5 / (FRAME_SAMPLES / SEGMENTATION_RATE);

/** Where a frame begins in the sound, in samples. */
export function frameStart(frame: number): number {
  return Math.max(0, frame * FRAME_SAMPLES + FRAME_CENTRE - FRAME_SAMPLES / 2);
}

/** Where a frame begins, in seconds. */
export function frameSeconds(frame: number): number {
  return frameStart(frame) / SEGMENTATION_RATE;
}

/**
 * The pieces of a stretch of frames, in order.
 * @param frames that begin and end in a pause, or with the sound
 */
export function piecesOf({ first, speech, overlap, change }: Frames): Piece[] {
  const speaks = smoothed(speech.map((value) => (value > SPEECH ? 1 : 0)));
  const both = overlap.map((value, i) => (value > OVERLAP && speaks[i] ? 1 : 0));
  const pieces: Piece[] = [];
  for (const region of runsOf(speaks, 1)) {
    const overlaps = runsOf(both.subarray(region.start, region.end), 1)
      .map(({ start, end }) => ({ start: region.start + start, end: region.start + end }))
      .filter(({ start, end }) => end - start >= SHORTEST_BURST);
    const cuts = new Set([region.start, ...changesIn(change, region), region.end]);
    for (const { start, end } of overlaps) cuts.add(start).add(end);
    const sorted = [...cuts].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) {
      const [from, to] = [sorted[i - 1], sorted[i]];
      const isOverlap = overlaps.some(({ start, end }) => start <= from && to <= end);
      const parts = Math.ceil((to - from) / LONGEST_PIECE - 1e-9);
      for (let part = 0; part < parts; part++)
        pieces.push({
          start: first + from + Math.round(((to - from) * part) / parts),
          end: first + from + Math.round(((to - from) * (part + 1)) / parts),
          overlap: isOverlap,
        });
    }
  }
  return pieces;
}

/**
 * The last frame before which everything can be cut into pieces without knowing what comes: the end of the last pause,
 * or, where there is none for too long, the frame least likely to be speech.
 * @returns how many of the frames; 0: wait for more
 */
export function cutPoint(speech: Float32Array, longest: number): number {
  let pause = 0;
  for (let i = speech.length - 1; i >= 0; i--) {
    pause = speech[i] > SPEECH ? 0 : pause + 1;
    // Half of the pause stays with what follows, so that either side begins or ends in one.
    if (pause >= 2 * SHORTEST_PAUSE) return i + SHORTEST_PAUSE;
  }
  if (speech.length < longest) return 0;
  let least = Math.floor(speech.length / 2);
  for (let i = least; i < speech.length; i++) if (speech[i] < speech[least]) least = i;
  return least;
}

/** Where the voice changes inside a region. */
function changesIn(change: Float32Array, { start, end }: { start: number; end: number }): number[] {
  const found: number[] = [];
  for (let t = start + CHANGE_APART; t < end - CHANGE_APART; t++) {
    if (change[t] <= CHANGE || t - (found.at(-1) ?? start) < CHANGE_APART) continue;
    const near = change.subarray(Math.max(start, t - CHANGE_PEAK), Math.min(end, t + CHANGE_PEAK + 1));
    if (near.some((value) => value > change[t])) continue;
    found.push(t);
  }
  return found;
}

/** Closes short pauses between speech, then drops short bursts. */
function smoothed(speaks: ArrayLike<number>): Uint8Array {
  const out = Uint8Array.from(speaks);
  for (const { start, end } of runsOf(out, 0))
    if (end - start < SHORTEST_PAUSE && start > 0 && end < out.length) out.fill(1, start, end);
  for (const { start, end } of runsOf(out, 1)) if (end - start < SHORTEST_BURST) out.fill(0, start, end);
  return out;
}

function runsOf(values: ArrayLike<number>, wanted: number): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== wanted) continue;
    const last = runs.at(-1);
    if (last?.end === i) last.end = i + 1;
    else runs.push({ start: i, end: i + 1 });
  }
  return runs;
}
