/**
 * The rules of openai/whisper on one row of logits (decoding.py, SuppressBlank, SuppressTokens,
 * ApplyTimestampRules, lines 398-516 at c0d2f62), and the choice of a token.
 */
import type { SpecialTokens } from './tokens';

/** A token that must not come. */
const BANNED = -Infinity;

/**
 * Applies every rule in place.
 * @param logits [vocabulary]
 * @param sampled tokens chosen so far after the prompt
 */
export function applyRules(logits: Float32Array, sampled: readonly number[], tokens: SpecialTokens): void {
  const { timestampBegin, endOfText } = tokens;
  for (const id of tokens.suppress) logits[id] = BANNED;
  logits[tokens.noTimestamps] = BANNED;
  const first = sampled.length === 0;
  if (first) for (const id of tokens.suppressAtBegin) logits[id] = BANNED;

  const lastIsTime = !first && sampled[sampled.length - 1] >= timestampBegin;
  const beforeIsTime = sampled.length < 2 || sampled[sampled.length - 2] >= timestampBegin;
  // Times come in pairs, except directly before the end.
  if (lastIsTime && beforeIsTime) logits.fill(BANNED, timestampBegin);
  else if (lastIsTime) logits.fill(BANNED, 0, endOfText);

  const previousTime = sampled.findLast((id) => id >= timestampBegin);
  if (previousTime !== undefined) {
    // Times never go back, and a segment is longer than nothing: this is what stops the endless pair of equal times.
    const earliest = lastIsTime && !beforeIsTime ? previousTime : previousTime + 1;
    logits.fill(BANNED, timestampBegin, Math.min(earliest, logits.length));
  }
  if (first) {
    logits.fill(BANNED, 0, timestampBegin);
    const latest = timestampBegin + tokens.maxInitialTimestamp + 1;
    if (latest < logits.length) logits.fill(BANNED, latest);
  }
  // If all times together are likelier than the likeliest word, it is a time.
  let bestText = BANNED;
  for (let id = 0; id < timestampBegin; id++) if (logits[id] > bestText) bestText = logits[id]!;
  if (logSumExp(logits, timestampBegin, logits.length) > bestText) logits.fill(BANNED, 0, timestampBegin);
}

/** ln Σ exp(x) over [from, to), without overflow; -Infinity for an empty or banned range, NaN for one with a NaN. */
export function logSumExp(x: Float32Array, from: number, to: number): number {
  let top = -Infinity;
  for (let i = from; i < to; i++) if (x[i] > top) top = x[i]!;
  if (top === -Infinity) return x.subarray(from, to).some(Number.isNaN) ? NaN : -Infinity;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const distance = x[i] - top;
    // e^-40 of the largest adds nothing a float could show; most of 51,865 values are there. Not `distance > -40`: what
    // is no number must stay visible, a broken GPU gives it.
    if (!(distance <= -40)) sum += Math.exp(distance);
  }
  return top + Math.log(sum);
}

export type Choice = { id: number; logProbability: number };

/** The likeliest token. Its probability is after the rules, as in decoding.py's GreedyDecoder. */
export function argmax(logits: Float32Array): Choice {
  let id = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[id]) id = i;
  return { id, logProbability: logits[id] - logSumExp(logits, 0, logits.length) };
}

/**
 * Draws a token at a temperature. The log-probability kept is that at temperature 1, as in decoding.py.
 * @param random uniform in [0, 1)
 */
export function sample(logits: Float32Array, temperature: number, random: () => number): Choice {
  let top = -Infinity;
  for (const value of logits) if (value > top) top = value;
  let sum = 0;
  for (const value of logits) sum += Math.exp((value - top) / temperature);
  let rest = random() * sum;
  let id = -1;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] === BANNED) continue;
    rest -= Math.exp((logits[i] - top) / temperature);
    id = i;
    if (rest < 0) break;
  }
  return { id, logProbability: logits[id] - logSumExp(logits, 0, logits.length) };
}

/** Softmax over some ids only. Order as given. */
export function softmaxOver(logits: Float32Array, ids: readonly number[]): number[] {
  const top = Math.max(...ids.map((id) => logits[id]));
  const weights = ids.map((id) => Math.exp(logits[id] - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Probability of one token over the whole row. */
export function probabilityOf(logits: Float32Array, id: number): number {
  return Math.exp(logits[id] - logSumExp(logits, 0, logits.length));
}
