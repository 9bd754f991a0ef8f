/**
 * Word times from cross-attention: one teacher-forced pass over the window's text, the alignment heads only, median
 * filter, dynamic time warping (openai/whisper timing.py, find_alignment and add_word_timestamps; Whisper's decoder
 * looks where it hears).
 */
import type { Tensor } from 'onnxruntime-common';
import { UNSPACED_LANGUAGES } from '../protocol';
import { KeyValueCache } from './cache';
import type { Segment } from './segments';
import { probabilityOf } from './logits';
import type { WhisperModel } from './model';
import type { TextCodec } from './text';

/** Seconds of the window's own clock. `segment`: which of the segments given it belongs to. */
export type TimedWord = {
  text: string;
  /** With the spaces around it, as decoded: joined they give the segment's text. */
  raw: string;
  start: number;
  end: number;
  probability: number;
  segment: number;
};

/**
 * timing.py forces the text without its times. Here the times stay in: they are what the decoder itself wrote, and
 * each pins the words around it, so a pause inside a segment cannot pull them away.
 *
 * @param hidden encoder output of this window, [1, sourcePositions, width]
 * @param prompt the prompt the window was decoded with
 * @param decoded the window's tokens, times included
 * @param segments of `decoded`, in order, from `segmentsOf`
 * @param seconds length of the window's sound
 * @returns words in order; starts and ends do not decrease and lie in [0, seconds]; [] where the model was exported
 *   without cross-attentions or names no alignment heads
 */
export async function wordsOf(
  model: WhisperModel,
  hidden: Tensor,
  prompt: readonly number[],
  decoded: readonly number[],
  segments: readonly Segment[],
  language: string,
  seconds: number,
): Promise<TimedWord[]> {
  const { tokens: special } = model;
  if (segments.length === 0 || model.noWords !== null) return [];
  const forced = [...prompt, ...decoded, special.endOfText].slice(0, model.targetPositions);
  // The row that predicts a token is the one before it.
  const first = prompt.length - 1;
  const rows = forced.length - prompt.length;
  const frames = Math.max(1, Math.min(model.sourcePositions, Math.ceil(seconds / model.timeStep)));
  const { heads, probabilities } = await look(model, hidden, forced, first, rows, frames);
  const matrix = alignmentMatrix(heads, forced.length, frames, model.medianFilterWidth);
  const path = timeWarp(matrix.subarray(first * frames, (first + rows) * frames), rows, frames);
  const firstFrame = new Float64Array(rows + 1).fill(frames);
  for (const { row, column } of path) firstFrame[row] = Math.min(firstFrame[row], column);

  const words: TimedWord[] = [];
  segments.forEach((segment, index) => {
    let at = segment.at;
    let floor = segment.start;
    for (const { text, tokens } of splitWords(segment.tokens, model.text, language)) {
      let probability = 0;
      for (const i of tokens.keys()) probability += probabilities[at + i] / tokens.length;
      const within = (frame: number): number => Math.min(segment.end, Math.max(floor, frame * model.timeStep));
      const start = within(firstFrame[at]);
      at += tokens.length;
      floor = start;
      const end = within(firstFrame[Math.min(at, rows)]);
      floor = end;
      words.push({ text: text.trim(), raw: text, start, end, probability, segment: index });
    }
  });
  return shortened(words);
}

/** Rows of logits read back at once. */
const ROWS_AT_ONCE = 8;

/**
 * The teacher-forced pass. Of its outputs only the alignment heads and the probabilities of the forced tokens are kept.
 * @param first row that predicts the first decoded token
 * @param rows tokens decoded
 * @returns per alignment head [T, frames]; per decoded token its probability among words (timing.py, sampled_logits):
 *   that a time could have come instead is no doubt about the word
 */
async function look(
  model: WhisperModel,
  hidden: Tensor,
  forced: readonly number[],
  first: number,
  rows: number,
  frames: number,
): Promise<{ heads: Float32Array[]; probabilities: number[] }> {
  const { alignmentHeads, tokens: special } = model;
  const layers = [...new Set(alignmentHeads.map(([layer]) => layer))];
  const cache = new KeyValueCache(model, 1);
  let outputs: Record<string, Tensor> = {};
  try {
    outputs = await cache.outputsOf(forced, hidden, ['logits', ...layers.map((layer) => `cross_attentions.${layer}`)]);
    const heads: Float32Array[] = [];
    for (const [layer, head] of alignmentHeads) {
      const attention = outputs[`cross_attentions.${layer}`];
      const [, , length, positions] = attention.dims as [number, number, number, number];
      const size = length * positions;
      const [data] = await cache.read(attention, [head * size], size);
      heads.push(headWeights(data, length, positions, frames));
    }
    const probabilities: number[] = [];
    const vocabulary = outputs['logits'].dims[2];
    for (let at = 0; at < rows; at += ROWS_AT_ONCE) {
      const some = forced.slice(first + 1 + at, first + 1 + Math.min(rows, at + ROWS_AT_ONCE));
      const offsets = some.map((_, i) => (first + at + i) * vocabulary);
      const logits = await cache.read(outputs['logits'], offsets, special.endOfText);
      some.forEach((id, i) => probabilities.push(id < special.endOfText ? probabilityOf(logits[i], id) : 0));
    }
    return { heads, probabilities };
  } finally {
    for (const output of Object.values(outputs)) output.dispose();
    cache.dispose();
  }
}

/** Weights of one head, cropped to the sound and renormalised: softmax over the crop. [T, frames] */
function headWeights(data: Float32Array, length: number, positions: number, frames: number): Float32Array {
  const out = new Float32Array(length * frames);
  for (let t = 0; t < length; t++) {
    const from = t * positions;
    let sum = 0;
    for (let f = 0; f < frames; f++) sum += data[from + f];
    const scale = sum > 0 ? 1 / sum : 0;
    for (let f = 0; f < frames; f++) out[t * frames + f] = data[from + f] * scale;
  }
  return out;
}

/**
 * Normalises each head over the tokens, smooths it over time, and averages the heads.
 * @param heads each [rows, frames]
 * @param width of the median filter, odd
 * @returns [rows, frames]
 */
export function alignmentMatrix(
  heads: readonly Float32Array[],
  rows: number,
  frames: number,
  width: number,
): Float32Array {
  const mean = new Float32Array(rows * frames);
  const column = new Float32Array(rows * frames);
  for (const head of heads) {
    for (let f = 0; f < frames; f++) {
      let sum = 0;
      for (let t = 0; t < rows; t++) sum += head[t * frames + f];
      const average = sum / rows;
      let squares = 0;
      for (let t = 0; t < rows; t++) squares += (head[t * frames + f] - average) ** 2;
      const deviation = Math.sqrt(squares / rows) || 1;
      for (let t = 0; t < rows; t++) column[t * frames + f] = (head[t * frames + f] - average) / deviation;
    }
    for (let t = 0; t < rows; t++) {
      const smooth = medianFilter(column.subarray(t * frames, (t + 1) * frames), width);
      for (let f = 0; f < frames; f++) mean[t * frames + f] += smooth[f] / heads.length;
    }
  }
  return mean;
}

/** Median over `width` values around each, edges reflected (timing.py median_filter). */
export function medianFilter(values: Float32Array, width: number): Float32Array {
  const half = (width - 1) / 2;
  const n = values.length;
  if (n <= half) return values.slice();
  const out = new Float32Array(n);
  const around = new Float32Array(width);
  for (let i = 0; i < n; i++) {
    for (let j = -half; j <= half; j++) {
      let at = i + j;
      if (at < 0) at = -at;
      else if (at >= n) at = 2 * (n - 1) - at;
      around[j + half] = values[at]!;
    }
    around.sort();
    out[i] = around[half]!;
  }
  return out;
}

/**
 * The path through a matrix of similarities from the first cell to the last that gathers most of it, going down,
 * right or both at each step (timing.py dtw_cpu on the negated matrix).
 * @param matrix [rows, columns]
 */
export function timeWarp(matrix: Float32Array, rows: number, columns: number): { row: number; column: number }[] {
  const width = columns + 1;
  const cost = new Float32Array((rows + 1) * width).fill(Infinity);
  const trace = new Uint8Array((rows + 1) * width);
  cost[0] = 0;
  for (let j = 1; j <= columns; j++) {
    for (let i = 1; i <= rows; i++) {
      const both = cost[(i - 1) * width + j - 1];
      const down = cost[(i - 1) * width + j];
      const right = cost[i * width + j - 1];
      let least: number;
      let step: number;
      if (both < down && both < right) [least, step] = [both, 0];
      else if (down < both && down < right) [least, step] = [down, 1];
      else [least, step] = [right, 2];
      cost[i * width + j] = least - matrix[(i - 1) * columns + j - 1];
      trace[i * width + j] = step;
    }
  }
  const path: { row: number; column: number }[] = [];
  for (let i = rows, j = columns; i > 0 || j > 0;) {
    path.push({ row: Math.max(0, i - 1), column: Math.max(0, j - 1) });
    const step = i === 0 ? 2 : j === 0 ? 1 : trace[i * width + j];
    if (step !== 2) i -= 1;
    if (step !== 1) j -= 1;
  }
  return path.reverse();
}

/** Punctuation joins the word it leans on (timing.py, merge_punctuations). */
const LEANS_RIGHT = /^\s*["'“¿([{-]+$/u;
const LEANS_LEFT = /^["'.。,，!！?？:：”)\]}、]+$/u;

/** Tokens to words: whole characters first, then at spaces, then punctuation to its neighbour. */
export function splitWords(
  tokens: readonly number[],
  text: TextCodec,
  language: string,
): { text: string; tokens: number[] }[] {
  const words: { text: string; tokens: number[] }[] = [];
  for (const piece of wholeCharacters(tokens, text)) {
    const last = words[words.length - 1];
    const joins =
      last !== undefined &&
      (LEANS_LEFT.test(piece.text) ||
        LEANS_RIGHT.test(last.text) ||
        (!UNSPACED_LANGUAGES.has(language) && !piece.text.startsWith(' ')));
    if (joins) {
      last.text += piece.text;
      last.tokens.push(...piece.tokens);
    } else {
      words.push(piece);
    }
  }
  return words;
}

function wholeCharacters(tokens: readonly number[], text: TextCodec): { text: string; tokens: number[] }[] {
  const pieces: { text: string; tokens: number[] }[] = [];
  let part: number[] = [];
  for (const id of tokens) {
    part.push(id);
    const decoded = text.decode(part);
    // A character in the middle decodes to U+FFFD at the end. Before the end it is bytes that are no character at all:
    // waiting longer for them would make one word of all that follows.
    if (decoded.endsWith('\uFFFD')) continue;
    pieces.push({ text: decoded, tokens: part });
    part = [];
  }
  if (part.length > 0) pieces.push({ text: text.decode(part), tokens: part });
  return pieces;
}

/** A sentence ends here (timing.py, sentence_end_marks). */
const ENDS_SENTENCE = /[.。!！?？]$/u;

/**
 * The first word of a segment or sentence takes the silence before it: cut one that is much longer than usual
 * (timing.py, add_word_timestamps: over twice the median word, at most 0.7 s of median). Long words elsewhere are long.
 */
function shortened(words: TimedWord[]): TimedWord[] {
  const lengths = words.map((word) => word.end - word.start).filter((length) => length > 0);
  if (lengths.length === 0) return words;
  lengths.sort((a, b) => a - b);
  const longest = 2 * Math.min(0.7, lengths[Math.floor(lengths.length / 2)]);
  return words.map((word, i) => {
    const before = words[i - 1] as TimedWord | undefined;
    const opens = before === undefined || before.segment !== word.segment || ENDS_SENTENCE.test(before.text);
    if (!opens || word.end - word.start <= longest) return word;
    // Attention comes late rather than early: the word's end is the surer one.
    return { ...word, start: word.end - longest };
  });
}
