/**
 * The decoder loop: B windows at once, greedy or at a temperature, with openai/whisper's rules. Rows finish
 * independently and leave the batch; what stays is compacted. The caller owns the encoder output; everything made
 * here is freed here, also on an error or a stop.
 */
import type { Tensor } from 'onnxruntime-common';
import { KeyValueCache } from './cache';
import { applyRules, argmax, probabilityOf, sample, softmaxOver } from './logits';
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
  /** Rows that have heard <|startoftranscript|>, which every prompt then begins with. Taken over, and freed here. */
  begun?: Begun | null;
  /** After every step, per row still running: all tokens so far. */
  onTokens?: (row: number, tokens: readonly number[]) => void;
  onStep?: (rows: number) => void;
};

export type DecodedRow = {
  /** Without prompt and end-of-text. */
  tokens: number[];
  /** Mean log-probability per token, end-of-text included (decoding.py line 729). */
  averageLogProbability: number;
  /** Probability of the no-speech token at <|startoftranscript|>, before any rule. 0 where the model has none. */
  noSpeechProbability: number;
  /** `end`: end-of-text. `loop`: cut. `length`: no room left. `stopped`: the caller's wish. */
  ended: 'end' | 'loop' | 'length' | 'stopped';
};

/** The decoder after its run on <|startoftranscript|>: the cross-attention's keys and values need not be made again. */
export type Begun = {
  cache: KeyValueCache;
  noSpeechProbabilities: number[];
};

type Row = {
  /** Index in the caller's order. */
  index: number;
  tokens: number[];
  sumLogProbability: number;
  noSpeechProbability: number;
  ended: DecodedRow['ended'] | null;
  loops: LoopWatch;
};

/**
 * @param hidden encoder output [B, sourcePositions, width], on the GPU or the CPU; not disposed here
 * @returns rows in the order of `prompts`
 */
export async function decodeBatch(model: WhisperModel, hidden: Tensor, options: DecodeOptions): Promise<DecodedRow[]> {
  const { prompts, temperature, randoms } = options;
  const { tokens: special } = model;
  const promptLength = prompts[0].length;
  const longest = Math.min(model.targetPositions / 2, model.targetPositions - promptLength);
  const rows = prompts.map((_, index): Row => ({
    index,
    tokens: [],
    sumLogProbability: 0,
    noSpeechProbability: 0,
    ended: null,
    loops: new LoopWatch(),
  }));
  let running = rows;
  const { begun } = options;
  const cache = begun?.cache ?? new KeyValueCache(model, prompts.length);

  /** Runs the prompts. @returns per row the logits after them; notes what was heard at <|startoftranscript|> */
  const begin = async (): Promise<Float32Array[]> => {
    if (begun) {
      for (const row of rows) row.noSpeechProbability = begun.noSpeechProbabilities[row.index];
      let logits: Float32Array[] = [];
      for (let at = 1; at < promptLength; at++) {
        logits = await cache.step(prompts.map((prompt) => prompt[at]));
        options.onStep?.(rows.length);
      }
      return logits;
    }
    const sotPosition = Math.max(0, prompts[0].indexOf(special.startOfTranscript));
    const logits = await cache.prefill(prompts, hidden, [sotPosition, promptLength - 1]);
    options.onStep?.(rows.length);
    for (const row of rows) row.noSpeechProbability = noSpeechIn(logits[2 * row.index], special);
    return rows.map((row) => logits[2 * row.index + 1]);
  };

  const choose = (row: Row, logits: Float32Array): void => {
    applyRules(logits, row.tokens, special);
    const choice = temperature === 0 ? argmax(logits) : sample(logits, temperature, randoms[row.index]);
    row.sumLogProbability += choice.logProbability;
    if (choice.id === special.endOfText) {
      row.ended = 'end';
      return;
    }
    row.tokens.push(choice.id);
    if (options.stopLoops && choice.id < special.endOfText && row.loops.push(choice.id)) row.ended = 'loop';
    else if (row.tokens.length >= longest) row.ended = 'length';
  };

  try {
    let logits = await begin();
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
  return rows.map((row) => ({
    tokens: row.tokens,
    averageLogProbability: row.sumLogProbability / (row.tokens.length + 1),
    noSpeechProbability: row.noSpeechProbability,
    ended: row.ended ?? 'stopped',
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

/**
 * Language probabilities of each row: one decoder step on <|startoftranscript|>, softmax over the language tokens
 * (decoding.py, detect_language).
 * @param hidden [B, sourcePositions, width]
 * @param onward whether the rows are decoded from there
 * @returns `begun` for `decodeBatch`, to be disposed of by whoever does not get that far; null unless `onward`
 */
export async function detectLanguages(
  model: WhisperModel,
  hidden: Tensor,
  rows: number,
  onward: boolean,
): Promise<{ guesses: LanguageGuess[]; begun: Begun | null }> {
  const { tokens: special } = model;
  const cache = new KeyValueCache(model, rows);
  try {
    const start = special.startOfTranscript;
    const all = onward
      ? await cache.prefill(
          Array.from({ length: rows }, () => [start]),
          hidden,
          [0],
        )
      : await cache.logitsOnly(Array<number>(rows).fill(start), hidden);
    const codes = [...special.languages.keys()];
    const ids = [...special.languages.values()];
    const guesses = all.map((logits) => {
      const shares = softmaxOver(logits, ids);
      return {
        languages: new Map(codes.map((code, i) => [code, shares[i]])),
        noSpeechProbability: noSpeechIn(logits, special),
      };
    });
    if (!onward) cache.dispose();
    const noSpeechProbabilities = guesses.map((guess) => guess.noSpeechProbability);
    return { guesses, begun: onward ? { cache, noSpeechProbabilities } : null };
  } catch (error) {
    cache.dispose();
    throw error;
  }
}
