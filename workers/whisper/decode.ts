/**
 * The decoder loop: B windows at once, greedy or at a temperature, with openai/whisper's rules. Rows finish
 * independently and leave the batch; what stays is compacted. The caller owns the encoder output; everything made
 * here is freed here, also on an error or a stop.
 */
import type { Tensor } from 'onnxruntime-common';
import { KeyValueCache } from './cache';
import { applyRules, argmax, probabilityOf, sample, softmaxOver, type Choice } from './logits';
import { LoopWatch } from './loops';
import type { WhisperModel } from './model';

export type DecodeOptions = {
  /** One prompt per row, all of the same length, ending in the task (and language) token. */
  prompts: readonly (readonly number[])[];
  /** 0: greedy. */
  temperature: number;
  /** Per row uniform in [0, 1); only used above temperature 0. One of its own: a draw must not depend on the batch. */
  randoms: readonly (() => number)[];
  /** Stop a row whose words repeat themselves. */
  stopLoops: boolean;
  /** Asked between steps; true ends the loop. What the rows have by then is returned. */
  stopped: () => boolean;
  /**
   * Per row whether its text may end when its last time is `seconds` on the window's clock (0 before the first).
   * Whisper ends its text behind the last whole sentence although speech goes on, because it was trained to be asked
   * again from there. Here no window is asked twice, so the likeliest other token goes on.
   */
  mayEnd?: (row: number, seconds: number) => boolean;
  /**
   * Told the languages that each row's sound was heard to be in, from the very run that takes the prompt in. Gives the
   * prompts to use, of the same length; those that differ are taken in again.
   */
  onLanguages?: (guesses: LanguageGuess[]) => readonly (readonly number[])[];
  /** After every step, per row still running: all tokens so far. */
  onTokens?: (row: number, tokens: readonly number[]) => void;
  onStep?: (rows: number) => void;
};

export type DecodedRow = {
  /** Without prompt and end-of-text. */
  tokens: number[];
  /** Per token its log-probability; behind the last that of the end-of-text, where the row ended with it. */
  logProbabilities: number[];
  /** Mean log-probability per token, end-of-text included (decoding.py line 729). */
  averageLogProbability: number;
  /** Probability of the no-speech token at <|startoftranscript|>, before any rule. 0 where the model has none. */
  noSpeechProbability: number;
  /** Where among the tokens the first one stands that took the place of an end-of-text; null: none did. */
  forcedFrom: number | null;
  /** `end`: end-of-text. `loop`: cut. `length`: no room left. `stopped`: the caller's wish. */
  ended: 'end' | 'loop' | 'length' | 'stopped';
};

type Row = {
  /** Index in the caller's order. */
  index: number;
  tokens: number[];
  logProbabilities: number[];
  noSpeechProbability: number;
  forcedFrom: number | null;
  ended: DecodedRow['ended'] | null;
  loops: LoopWatch;
};

/**
 * @param hidden encoder output [B, sourcePositions, width], on the GPU or the CPU; not disposed here
 * @returns rows in the order of `prompts`
 */
export async function decodeBatch(model: WhisperModel, hidden: Tensor, options: DecodeOptions): Promise<DecodedRow[]> {
  const { temperature, randoms } = options;
  const { tokens: special } = model;
  const promptLength = options.prompts[0].length;
  const longest = Math.min(model.targetPositions / 2, model.targetPositions - promptLength);
  const rows = options.prompts.map((_, index): Row => ({
    index,
    tokens: [],
    logProbabilities: [],
    noSpeechProbability: 0,
    forcedFrom: null,
    ended: null,
    loops: new LoopWatch(),
  }));
  let running = rows;
  let cache = new KeyValueCache(model, rows.length);

  /** Runs the prompts. @returns per row the logits after them; notes what was heard at <|startoftranscript|> */
  const begin = async (
    prompts: DecodeOptions['prompts'],
    onLanguages = options.onLanguages,
  ): Promise<Float32Array[]> => {
    const sotPosition = Math.max(0, prompts[0].indexOf(special.startOfTranscript));
    const logits = await cache.prefill(prompts, hidden, [sotPosition, promptLength - 1]);
    options.onStep?.(rows.length);
    const atStart = rows.map((row) => logits[2 * row.index]);
    for (const row of rows) row.noSpeechProbability = noSpeechIn(atStart[row.index], special);
    const wanted = onLanguages?.(atStart.map((one) => guessFrom(one, special))) ?? prompts;
    if (wanted.every((prompt, row) => prompt.join() === prompts[row].join()))
      return rows.map((row) => logits[2 * row.index + 1]);
    cache.dispose();
    cache = new KeyValueCache(model, rows.length);
    return begin(wanted, () => wanted);
  };

  const choose = (row: Row, logits: Float32Array): void => {
    const pick = (values: Float32Array): Choice => {
      applyRules(values, row.tokens, special);
      return temperature === 0 ? argmax(values) : sample(values, temperature, randoms[row.index]);
    };
    const lastTime = row.tokens.findLast((id) => id >= special.timestampBegin) ?? special.timestampBegin;
    const mayEnd = options.mayEnd?.(row.index, (lastTime - special.timestampBegin) * model.timeStep) ?? true;
    const unruled = mayEnd ? null : logits.slice();
    let choice = pick(logits);
    if (unruled && choice.id === special.endOfText) {
      row.forcedFrom ??= row.tokens.length;
      unruled[special.endOfText] = -Infinity;
      choice = pick(unruled);
    }
    row.logProbabilities.push(choice.logProbability);
    if (choice.id === special.endOfText) {
      row.ended = 'end';
      return;
    }
    row.tokens.push(choice.id);
    if (options.stopLoops && choice.id < special.endOfText && row.loops.push(choice.id)) row.ended = 'loop';
    else if (row.tokens.length >= longest) row.ended = 'length';
  };

  try {
    let logits = await begin(options.prompts);
    for (const row of running) choose(row, logits[row.index]);
    for (;;) {
      for (const row of running) options.onTokens?.(row.index, row.tokens);
      const keep = running.flatMap((row, position) => (row.ended === null ? [position] : []));
      if (keep.length === 0) break;
      if (options.stopped()) {
        for (const position of keep) running[position].ended = 'stopped';
        break;
      }
      if (keep.length < running.length) {
        cache.keepRows(keep);
        running = keep.map((position) => running[position]);
      }
      logits = await cache.step(running.map((row) => row.tokens[row.tokens.length - 1]));
      options.onStep?.(running.length);
      running.forEach((row, position) => choose(row, logits[position]));
    }
  } finally {
    cache.dispose();
  }
  return rows.map(({ tokens, logProbabilities, noSpeechProbability, forcedFrom, ended }) => ({
    tokens,
    logProbabilities,
    averageLogProbability: logProbabilities.reduce((sum, one) => sum + one, 0) / (tokens.length + 1),
    noSpeechProbability,
    forcedFrom,
    ended: ended ?? 'stopped',
  }));
}

export type LanguageGuess = {
  /** ISO code to probability; sums to 1. Order of the model. */
  languages: Map<string, number>;
  noSpeechProbability: number;
};

/** 0 where the model has no such token. */
function noSpeechIn(logits: Float32Array, { noSpeech }: WhisperModel['tokens']): number {
  return noSpeech === null ? 0 : probabilityOf(logits, noSpeech);
}

function guessFrom(logits: Float32Array, special: WhisperModel['tokens']): LanguageGuess {
  const codes = [...special.languages.keys()];
  const shares = softmaxOver(logits, [...special.languages.values()]);
  return {
    languages: new Map(codes.map((code, i) => [code, shares[i]])),
    noSpeechProbability: noSpeechIn(logits, special),
  };
}

/**
 * Language probabilities of each row: one decoder step on <|startoftranscript|>, softmax over the language tokens
 * (decoding.py, detect_language). `decodeBatch` tells them by the way; this is for prompts in which something stands
 * before <|startoftranscript|> that has a language of its own.
 * @param hidden [B, sourcePositions, width]
 */
export async function detectLanguages(model: WhisperModel, hidden: Tensor, rows: number): Promise<LanguageGuess[]> {
  const cache = new KeyValueCache(model, rows);
  try {
    const all = await cache.logitsOnly(Array<number>(rows).fill(model.tokens.startOfTranscript), hidden);
    return all.map((logits) => guessFrom(logits, model.tokens));
  } finally {
    cache.dispose();
  }
}
