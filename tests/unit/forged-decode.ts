/** The decoder loop on a forged model: what it is to say, and windows decoded as one batch. */
import { expect } from 'playwright/test';
import { decodeBatch, type DecodedRow, type DecodeOptions } from '../../workers/whisper/decode.ts';
import {
  DE,
  EN,
  END,
  logitsOf,
  START,
  TRANSCRIBE,
  TRANSLATE,
  VOCABULARY,
  type Asked,
  type Forged,
} from './forged-model.ts';
import { randomFrom } from './random.ts';

/** Tokens after the prompt. */
export const sampledOf = ({ tokens }: Asked): number[] =>
  tokens.slice(tokens.findLastIndex((id) => id === TRANSCRIBE || id === TRANSLATE) + 1);
export const atStart = ({ tokens }: Asked): boolean => tokens.at(-1) === START;

/** Says what is written for each window, and then that it is the end. English, speech. */
export function scripted(scripts: Record<number, readonly number[]>, sureness = 10): (asked: Asked) => Float32Array {
  return (asked) => {
    if (atStart(asked)) return logitsOf({ [EN]: 10, [DE]: 2 });
    return logitsOf({ [scripts[asked.window]?.[sampledOf(asked).length] ?? END]: sureness });
  };
}

export const prompt = [START, EN, TRANSCRIBE];

/** Decodes windows as one batch; everything the batch made must be gone after it. */
export async function decode(
  forged: Forged,
  windows: number[],
  options: Partial<DecodeOptions> = {},
): Promise<DecodedRow[]> {
  const { model, ledger } = forged;
  const [positions, width] = [model.sourcePositions, model.width];
  const values = Float32Array.from(windows.flatMap((one) => Array<number>(positions * width).fill(one)));
  const hidden = ledger.give(values, [windows.length, positions, width]);
  try {
    return await decodeBatch(model, hidden, {
      prompts: windows.map(() => prompt),
      temperature: 0,
      stopLoops: true,
      stopped: () => false,
      randoms: windows.map(() => () => 0.5),
      ...options,
    });
  } finally {
    expect(ledger.alive, 'tensors besides the encoder output').toBe(1);
    hidden.dispose();
  }
}

/** Undecided logits, different for every window and position: what is drawn depends on the draw. */
export const undecided = (asked: Asked): Float32Array => {
  const random = randomFrom(asked.window * 1000 + asked.position);
  return Float32Array.from({ length: VOCABULARY }, () => random.normal());
};
