/**
 * A Whisper that hears nothing: its decoder's answers are written down by a test. Its tensors are onnxruntime's own, and
 * each one it gives away is counted until it is disposed of.
 */
import { Tensor } from 'onnxruntime-common';
import type { WhisperModel } from '../../workers/whisper/model.ts';
import type { TextCodec } from '../../workers/whisper/text.ts';
import type { SpecialTokens } from '../../workers/whisper/tokens.ts';

export const END = 40;
export const START = 41;
export const EN = 42;
export const DE = 43;
export const TRANSLATE = 44;
export const TRANSCRIBE = 45;
export const PREVIOUS = 46;
export const NO_SPEECH = 47;
const NO_TIMESTAMPS = 48;
const ZERO = 49;
/** Steps of a window, whatever its length: of 0.02 s where it is one second. */
export const STEPS = 50;
export const VOCABULARY = ZERO + STEPS + 1;

/** The token of a time on the window's clock, in steps. */
export const time = (step: number): number => ZERO + step;

export const special: SpecialTokens = {
  endOfText: END,
  startOfTranscript: START,
  startOfPrevious: PREVIOUS,
  noSpeech: NO_SPEECH,
  noTimestamps: NO_TIMESTAMPS,
  timestampBegin: ZERO,
  transcribe: TRANSCRIBE,
  translate: TRANSLATE,
  languages: new Map([
    ['en', EN],
    ['de', DE],
  ]),
  suppress: [START, TRANSLATE, TRANSCRIBE, PREVIOUS, NO_SPEECH],
  suppressAtBegin: [END],
  maxInitialTimestamp: STEPS,
};

/** Token n is the word " wn"; letters a to z in a text are tokens 0 to 25. */
export const forgedText: TextCodec = {
  decode: (ids) =>
    ids
      .filter((id) => id < END)
      .map((id) => ` w${id}`)
      .join(''),
  encode: (text) => [...text].filter((letter) => /[a-z]/.test(letter)).map((letter) => letter.charCodeAt(0) - 97),
};

/** Counts what is given away and what comes back. A second dispose of the same tensor throws in onnxruntime itself. */
export class Ledger {
  made = 0;
  freed = 0;

  get alive(): number {
    return this.made - this.freed;
  }

  readonly give = (values: Float32Array, dims: number[]): Tensor => {
    const tensor = new Tensor('float32', values, dims);
    this.made += 1;
    const dispose = tensor.dispose.bind(tensor);
    tensor.dispose = () => {
      dispose();
      this.freed += 1;
    };
    return tensor;
  };
}

/** One row of logits: these ids likely in this degree, all others not. */
export function logitsOf(likely: Record<number, number>, low = -20): Float32Array {
  const row = new Float32Array(VOCABULARY).fill(low);
  for (const [id, value] of Object.entries(likely)) row[Number(id)] = value;
  return row;
}

/** What the decoder is asked about one row at one step. */
export type Asked = {
  /** Which window it is: the number at the start of its encoder output. */
  window: number;
  /** Tokens of the row so far, prompt included, as its own K/V remember them. */
  tokens: number[];
  /** The last of them is the position answered for. */
  position: number;
};

export type Forged = {
  model: WhisperModel;
  ledger: Ledger;
  /** Feeds of every decoder run: rows and whether it had a past. */
  runs: { rows: number; past: boolean; ids: number[]; hiddenFrames: number }[];
  encoded: number;
};

const HEAD_SIZE = 64;
const WIDTH = 4;
const POSITIONS = STEPS;

/**
 * The K/V of the decoder hold each row's tokens and the cross K/V its window: what a row is told apart by. A row mixed up
 * with another when finished ones leave thus answers as the wrong window.
 * @param answer logits for one position
 */
export function forgedModel(
  answer: (asked: Asked) => Float32Array,
  {
    layers = 2,
    backend = 'cpu',
    seconds = 1,
    beforeRun = () => undefined,
    window = (mel: Float32Array) => mel[0],
  }: {
    layers?: number;
    backend?: 'cpu' | 'gpu';
    /** Length of a window. */
    seconds?: number;
    /** Throws to break a run. @param run counted from 1 */
    beforeRun?: (run: number) => void | Promise<void>;
    /** The window's number, from its mel. */
    window?: (mel: Float32Array) => number;
  } = {},
): Forged {
  const ledger = new Ledger();
  const made: Forged['runs'] = [];
  const forged: Forged = {
    ledger,
    runs: made,
    encoded: 0,
    model: {
      id: 'forged',
      backend,
      decoderForm: 'fp32',
      runtime: 'wasm',
      threads: 1,
      ort: { Tensor: counting(ledger) } as unknown as WhisperModel['ort'],
      device: null,
      tokens: special,
      text: forgedText,
      mel: { sampleRate: 16000, windowSamples: seconds * 16000, hop: 160, fft: 400, bins: 80 },
      layers,
      heads: 1,
      headSize: HEAD_SIZE,
      width: WIDTH,
      sourcePositions: POSITIONS,
      targetPositions: 64,
      timeStep: seconds / STEPS,
      alignmentHeads: [],
      medianFilterWidth: 7,
      weightBytes: 0,
      memoryForm: 'fp32',
      noWords: null,
      encode: async (feeds) => {
        forged.encoded += 1;
        const number = window(feeds['input_features'].data as Float32Array);
        return ledger.give(new Float32Array(POSITIONS * WIDTH).fill(number), [1, POSITIONS, WIDTH]);
      },
      decode: async (feeds, outputs) => {
        const ids = [...(feeds['input_ids'].data as BigInt64Array)].map(Number);
        const [rows, length] = feeds['input_ids'].dims as [number, number];
        const past = (feeds['use_cache_branch'].data as Uint8Array)[0] === 1;
        const hidden = feeds['encoder_hidden_states'];
        made.push({ rows, past, ids, hiddenFrames: hidden.dims[1] });
        await beforeRun(made.length);
        if (hidden.dims[0] !== rows) throw new Error(`${hidden.dims[0]} rows of encoder output for ${rows} of tokens`);
        const before = Array.from({ length: rows }, (_, row) => remembered(feeds, row, past, layers));
        const windows = Array.from({ length: rows }, (_, row) =>
          past ? crossed(feeds, row, layers) : (hidden.data as Float32Array)[(row * hidden.data.length) / rows],
        );
        const all = before.map((tokens, row) => [...tokens, ...ids.slice(row * length, (row + 1) * length)]);
        const logits = new Float32Array(rows * length * VOCABULARY);
        for (let row = 0; row < rows; row++) {
          for (let t = 0; t < length; t++) {
            const position = before[row].length + t;
            const tokens = all[row].slice(0, position + 1);
            logits.set(answer({ window: windows[row], tokens, position }), (row * length + t) * VOCABULARY);
          }
        }
        const result: Record<string, Tensor> = { logits: new Tensor('float32', logits, [rows, length, VOCABULARY]) };
        for (const name of outputs) {
          if (name === 'logits') continue;
          if (name.includes('.encoder.')) {
            // The with-past branch gives an empty constant (optimum, merge_decoders).
            result[name] = past
              ? ledger.give(new Float32Array(0), [0, 1, 1, HEAD_SIZE])
              : ledger.give(Float32Array.from(windows.flatMap((one) => Array<number>(HEAD_SIZE).fill(one))), [
                  rows,
                  1,
                  1,
                  HEAD_SIZE,
                ]);
          } else {
            const memory = Float32Array.from(
              all.flatMap((row) => row.flatMap((id) => Array<number>(HEAD_SIZE).fill(id))),
            );
            result[name] = ledger.give(memory, [rows, 1, all[0].length, HEAD_SIZE]);
          }
        }
        return result;
      },
      dispose: () => Promise.resolve(),
    },
  };
  return forged;
}

/** onnxruntime's Tensor; K/V and encoder output that the engine puts together itself are in the ledger too. */
function counting(ledger: Ledger): typeof Tensor {
  return new Proxy(Tensor, {
    construct(target, args: [string, unknown, number[]]) {
      const [type, values, dims] = args;
      const keys = dims.length === 4 && dims[2] > 0;
      const hidden = dims.length === 3 && dims[1] === POSITIONS;
      if (type === 'float32' && (keys || hidden)) return ledger.give(values as Float32Array, dims);
      return Reflect.construct(target, args) as object;
    },
  });
}

/** Every layer's keys and values must remember the same. */
function remembered(feeds: Record<string, Tensor>, row: number, past: boolean, layers: number): number[] {
  if (!past) return [];
  const views = Array.from({ length: layers }, (_, layer) =>
    ['key', 'value'].map((part) => `${layer}.decoder.${part}`),
  );
  const memories = views.flat().map((name) => {
    const tensor = feeds[`past_key_values.${name}`];
    const [, , length, size] = tensor.dims;
    const values = tensor.data as Float32Array;
    return Array.from({ length }, (_, t) => values[(row * length + t) * size]);
  });
  if (new Set(memories.map((memory) => memory.join())).size !== 1) throw new Error('layers remember different rows');
  return memories[0];
}

function crossed(feeds: Record<string, Tensor>, row: number, layers: number): number {
  const windows = Array.from({ length: layers }, (_, layer) =>
    ['key', 'value'].map((part) => {
      const tensor = feeds[`past_key_values.${layer}.encoder.${part}`];
      return (tensor.data as Float32Array)[(row * tensor.data.length) / tensor.dims[0]];
    }),
  ).flat();
  if (new Set(windows).size !== 1) throw new Error('layers look at different windows');
  return windows[0];
}
