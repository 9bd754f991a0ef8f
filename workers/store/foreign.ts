/**
 * The settings of a Whisper that somebody else wrote, checked before any of its numbers is used: each would otherwise
 * become a length, an index or a divisor somewhere. Pure.
 */
import type { MelShape } from '../protocol';

/** What the three files say, in the units and with the bounds that the engine counts on. */
export type CheckedSettings = {
  /** Decoder: layers, heads of a layer, size of a head; width of the encoder's output. */
  layers: number;
  heads: number;
  headSize: number;
  width: number;
  /**
   * Positions of the encoder's output per window (1500 for 30 s), of the decoder with its prompt (448); rows of the
   * logits.
   */
  sourcePositions: number;
  targetPositions: number;
  vocabulary: number;
  mel: MelShape;
  /** Seconds per step of the timestamp clock (0.02). */
  timeStep: number;
  /** Odd. */
  medianFilterWidth: number;
  /** Each within `layers` and `heads`; empty: `noWords` says why. */
  alignmentHeads: [layer: number, head: number][];
  /** False: English only. */
  multilingual: boolean;
  endOfText: number;
  startOfTranscript: number;
  noTimestamps: number;
  /** Within the vocabulary. */
  suppress: number[];
  suppressAtBegin: number[];
  /** Steps of the timestamp clock; null: not said. */
  maxInitialTimestamp: number | null;
  /** A sentence for the person: words get no times of their own, and why; null: they do, as far as the settings say. */
  noWords: string | null;
};

type Checked = { ok: true; settings: CheckedSettings } | { ok: false; why: string };

/** A sentence about the model, its subject left out: "It ..." or "Its ...". */
class Wrong extends Error {}

type Json = Record<string, unknown>;

const NO_HEADS =
  'This model does not say which of its attentions follow the sound, so words get no times of their own.';
const WRONG_HEADS = 'This model names attentions that it does not have, so words get no times of their own.';
const NO_ATTENTIONS =
  'This model was exported without its cross-attentions, so words get no times of their own. Lines keep theirs.';

/**
 * @param config config.json, parsed
 * @param preprocessor preprocessor_config.json
 * @param generation generation_config.json
 * @returns `why`: a sentence for the person, about the first thing that is wrong
 */
export function checkedSettings(config: unknown, preprocessor: unknown, generation: unknown): Checked {
  try {
    return { ok: true, settings: check(object(config), object(preprocessor), object(generation)) };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, why: error.message };
    throw error;
  }
}

/**
 * Why words get no times of their own, in a sentence; null: they do.
 * @param decoderOutputs names of the decoder's outputs, which only its graph tells
 */
export function whyNoWords(
  { layers, noWords }: Pick<CheckedSettings, 'layers' | 'noWords'>,
  decoderOutputs: readonly string[],
): string | null {
  const names = Array.from({ length: layers }, (_, layer) => `cross_attentions.${layer}`);
  return names.every((name) => decoderOutputs.includes(name)) ? noWords : NO_ATTENTIONS;
}

function check(config: Json, preprocessor: Json, generation: Json): CheckedSettings {
  if (config.model_type !== 'whisper')
    throw new Wrong(`It is a model of type ${shown(config.model_type)}, not a Whisper.`);
  // Whisper large has 32 layers, 20 heads and a width of 1280; the bounds leave room for larger ones.
  const layers = whole(config, 'decoder_layers', 1, 128);
  const heads = whole(config, 'decoder_attention_heads', 1, 128);
  const width = whole(config, 'd_model', 1, 16_384);
  if (width % heads !== 0) throw new Wrong(`Its width of ${width} cannot be shared among ${heads} attention heads.`);
  const sourcePositions = whole(config, 'max_source_positions', 1, 10_000);
  const targetPositions = whole(config, 'max_target_positions', 8, 10_000);
  const vocabulary = whole(config, 'vocab_size', 2, 1_000_000);
  const mel = melShape(config, preprocessor, sourcePositions);
  const token = (from: Json, name: string) => whole(from, name, 0, vocabulary - 1);
  const timeStep = mel.windowSamples / mel.sampleRate / sourcePositions;
  const noTimestamps = timesOf(generation, vocabulary, sourcePositions);
  const alignmentHeads = headsOf(generation.alignment_heads, layers, heads);
  const languages = generation.lang_to_id;
  if (languages !== undefined && languages !== null) {
    for (const name of Object.keys(object(languages))) token(object(languages), name);
  }
  return {
    ...{ layers, heads, headSize: width / heads, width, sourcePositions, targetPositions, vocabulary, mel, timeStep },
    medianFilterWidth: oddOr(config.median_filter_width, 7),
    alignmentHeads: alignmentHeads ?? [],
    multilingual: languages !== undefined && languages !== null,
    endOfText: token(generation, 'eos_token_id'),
    startOfTranscript: token(generation, 'decoder_start_token_id'),
    noTimestamps,
    suppress: tokensOf(generation, 'suppress_tokens', vocabulary),
    suppressAtBegin: tokensOf(generation, 'begin_suppress_tokens', vocabulary),
    maxInitialTimestamp:
      typeof generation.max_initial_timestamp_index === 'number'
        ? whole(generation, 'max_initial_timestamp_index', 0, vocabulary)
        : null,
    noWords: alignmentHeads === null ? WRONG_HEADS : alignmentHeads.length === 0 ? NO_HEADS : null,
  };
}

function melShape(config: Json, preprocessor: Json, sourcePositions: number): MelShape {
  const sampleRate = whole(preprocessor, 'sampling_rate', 8000, 48_000);
  const hop = whole(preprocessor, 'hop_length', 1, 8192);
  const fft = whole(preprocessor, 'n_fft', 16, 8192);
  if (fft % 2 !== 0) throw new Wrong(`Its n_fft of ${fft} is odd, and only even frames can be transformed here.`);
  const bins = whole(preprocessor, 'feature_size', 1, 1024);
  const encoderBins = config.num_mel_bins === undefined ? bins : whole(config, 'num_mel_bins', 1, 1024);
  if (bins !== encoderBins)
    throw new Wrong(`Its encoder takes ${encoderBins} mel bins, and its preprocessor makes ${bins}.`);
  // Some files give the window in seconds only.
  const windowSamples =
    preprocessor.n_samples === undefined
      ? whole(preprocessor, 'chunk_length', 1, 60) * sampleRate
      : whole(preprocessor, 'n_samples', hop, 60 * sampleRate);
  // The encoder's second convolution halves the frames.
  const frames = Math.floor(windowSamples / hop);
  if (frames !== 2 * sourcePositions)
    throw new Wrong(`Its windows have ${frames} frames, and its encoder takes ${2 * sourcePositions}.`);
  return { sampleRate, windowSamples, hop, fft, bins };
}

/** The token before the times. A time is a token of its own for every step of a window, and one for its end. */
function timesOf(generation: Json, vocabulary: number, sourcePositions: number): number {
  const id = generation.no_timestamps_token_id;
  if (id === undefined || id === null) throw new Wrong('It does not say how it writes times, which this page needs.');
  const noTimestamps = whole(generation, 'no_timestamps_token_id', 0, vocabulary - 1);
  if (vocabulary - (noTimestamps + 1) < sourcePositions + 1)
    throw new Wrong('Its vocabulary has no room for the times of a whole window, so it was trained without them.');
  return noTimestamps;
}

/** Null: some are named that there are not. */
function headsOf(value: unknown, layers: number, heads: number): [number, number][] | null {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return null;
  const inside = (n: unknown, end: number) => Number.isInteger(n) && Number(n) >= 0 && Number(n) < end;
  const right = value.every(
    (pair) => Array.isArray(pair) && pair.length === 2 && inside(pair[0], layers) && inside(pair[1], heads),
  );
  return right ? (value as [number, number][]) : null;
}

/** transformers writes -1 for "none of the usual ones". */
function tokensOf(from: Json, name: string, vocabulary: number): number[] {
  const value = from[name];
  if (value === undefined || value === null) return [];
  const right = Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= -1 && id < vocabulary);
  if (!right) throw new Wrong(`Its ${name} are no tokens of its vocabulary.`);
  return (value as number[]).filter((id) => id >= 0);
}

function whole(from: Json, name: string, least: number, most: number): number {
  const value = from[name];
  if (value === undefined || value === null) throw new Wrong(`Its settings lack ${name}.`);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new Wrong(`Its ${name} is ${shown(value)}, and has to be a whole number from ${least} to ${most}.`);
  return value;
}

/** A filter needs a middle. What is none is the usual one. */
function oddOr(value: unknown, usual: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value % 2 === 1 && value > 0 && value < 100
    ? value
    : usual;
}

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Wrong('Its settings are no settings.');
  return value as Json;
}

/** Short, whatever it is. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
