/**
 * Whisper's special tokens by role, from the model's own generation_config.json and tokenizer.json, never by
 * number: ids differ between the multilingual, English-only and large-v3 vocabularies.
 */
export type SpecialTokens = {
  endOfText: number;
  startOfTranscript: number;
  startOfPrevious: number | null;
  noSpeech: number | null;
  noTimestamps: number;
  /** The token of 0.00 s; every id from here on is a time. */
  timestampBegin: number;
  transcribe: number | null;
  translate: number | null;
  /** ISO code to id; empty for an English-only model. */
  languages: Map<string, number>;
  suppress: number[];
  suppressAtBegin: number[];
  /** Steps of the timestamp clock the first one may be late. */
  maxInitialTimestamp: number;
};

export type GenerationConfig = {
  eos_token_id: number;
  decoder_start_token_id: number;
  prev_sot_token_id?: number;
  no_timestamps_token_id: number;
  lang_to_id?: Record<string, number>;
  task_to_id?: Record<string, number>;
  suppress_tokens?: number[];
  begin_suppress_tokens?: number[];
  max_initial_timestamp_index?: number;
  alignment_heads?: [number, number][];
};

/** Seconds: DecodingOptions.max_initial_timestamp of openai/whisper (decoding.py line 108). */
const MAX_INITIAL_TIMESTAMP = 1;

/** The hub's tokenizer calls it nocaptions, openai's nospeech. */
const NO_SPEECH_NAMES = ['<|nospeech|>', '<|nocaptions|>'];

/**
 * @param idOf the tokenizer's id of a special token's text, or undefined
 * @param timeStep seconds per step of the timestamp clock
 */
export function specialTokens(
  config: GenerationConfig,
  idOf: (token: string) => number | undefined,
  timeStep: number,
): SpecialTokens {
  const languages = new Map(
    Object.entries(config.lang_to_id ?? {}).map(([token, id]) => [token.replace(/^<\|(.*)\|>$/, '$1'), id]),
  );
  return {
    endOfText: config.eos_token_id,
    startOfTranscript: config.decoder_start_token_id,
    startOfPrevious: config.prev_sot_token_id ?? idOf('<|startofprev|>') ?? null,
    noSpeech: NO_SPEECH_NAMES.map(idOf).find((id) => id !== undefined) ?? null,
    noTimestamps: config.no_timestamps_token_id,
    timestampBegin: config.no_timestamps_token_id + 1,
    transcribe: config.task_to_id?.transcribe ?? null,
    translate: config.task_to_id?.translate ?? null,
    languages,
    suppress: config.suppress_tokens ?? [],
    suppressAtBegin: config.begin_suppress_tokens ?? [],
    maxInitialTimestamp: config.max_initial_timestamp_index ?? Math.round(MAX_INITIAL_TIMESTAMP / timeStep),
  };
}
