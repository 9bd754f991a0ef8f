/** Between ids and text, over transformers.js' tokenizer. */

export type TextCodec = {
  /** Text of ids below the end-of-text token; specials and times are left out. '' for none. */
  decode(ids: readonly number[]): string;
  /** Ids of plain text, without specials: what looks like one in the text is left out. */
  encode(text: string): number[];
};

/** What is used of transformers.js' tokenizer. */
type Tokenizer = {
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string;
  encode(text: string, options: { add_special_tokens: boolean }): number[];
  convert_tokens_to_ids(token: string): number | undefined;
};

/** A tokenizer that somebody else wrote may give anything for an id. @param below the first number that is none */
function isId(id: unknown, below: number): id is number {
  return Number.isInteger(id) && (id as number) >= 0 && (id as number) < below;
}

export function textCodec(tokenizer: Omit<Tokenizer, 'convert_tokens_to_ids'>, endOfText: number): TextCodec {
  return {
    decode(ids) {
      const words = ids.filter((one) => one < endOfText);
      if (words.length === 0) return '';
      // Whisper's own spaces, as openai's tokenizer gives them: cleaning up would make « Ça va ? » « Ça va? ».
      return tokenizer.decode(words, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
    },
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).filter((one) => isId(one, endOfText)),
  };
}

/** The id of a special token's text; undefined: it has none that is in the model's vocabulary. */
export function specialId(
  tokenizer: Pick<Tokenizer, 'convert_tokens_to_ids'>,
  token: string,
  vocabulary: number,
): number | undefined {
  const id = tokenizer.convert_tokens_to_ids(token);
  return isId(id, vocabulary) ? id : undefined;
}
