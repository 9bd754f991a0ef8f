/**
 * Tokenizers that somebody else wrote: a Whisper that a person adds by its name on the hub brings its own tokenizer.json, and
 * no hash of ours stands beside it. Hostile in thousands of forms, the same every time (EARSHOT_FUZZ=seed,rounds): the model
 * is refused with a fault, or its words are text and its ids are ids, in time.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { engineFault } from '../../workers/engine-fault.ts';
import { specialId, textCodec } from '../../workers/whisper/text.ts';
import { specialTokens } from '../../workers/whisper/tokens.ts';
import { repository } from '../browser.ts';
import { hostileJson } from './hostile.ts';
import { randomFrom } from './random.ts';

const [SEED, ROUNDS] = (process.env['EARSHOT_FUZZ'] ?? '1,40').split(',').map(Number);
const CASES = Math.ceil((1500 * ROUNDS) / 40);
const MOST_MS = 2000;

type Settings = Record<string, unknown>;
type TokenizerClass = new (
  file: Settings,
  config: Settings,
) => {
  decode(ids: number[], options: object): string;
  encode(text: string, options: object): number[];
  convert_tokens_to_ids(token: string): number | undefined;
};
let Tokenizer: TokenizerClass;

test.beforeAll(async () => {
  // As in mel.spec.ts: it takes a runtime that is offered under this symbol.
  Object.assign(globalThis, { [Symbol.for('onnxruntime')]: await import('onnxruntime-web') });
  Tokenizer = (await import('@huggingface/transformers')).WhisperTokenizer;
});

const folder = join(repository, 'public/models/whisper-digits-10s');
const read = (name: string): Settings => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Settings;
const generation = read('generation_config.json') as unknown as Parameters<typeof specialTokens>[0];

const VOCABULARY = 51_865;

/** The digits model's own, with few enough of its 1,608 special tokens that most changes fall on what matters. */
function small(): { file: Settings; config: Settings; wanted: number[] } {
  const { added_tokens: added, ...file } = read('tokenizer.json') as { added_tokens: { id: number }[] };
  const { model } = file as unknown as { model: { vocab: Record<string, number> } };
  const config = { ...read('tokenizer_config.json'), additional_special_tokens: ['<|startofprev|>', '<|nocaptions|>'] };
  return {
    file: { ...file, added_tokens: added.slice(0, 20) },
    config,
    wanted: Object.values(model.vocab).slice(0, 40),
  };
}

/** Patterns and replacements that go with the square of a text or with its powers, and steps that are none. */
const STEPS: readonly unknown[] = [
  { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false },
  { type: 'Split', pattern: { Regex: '(' }, behavior: 'Removed', invert: true },
  { type: 'Replace', pattern: { String: '' }, content: 'x'.repeat(1000) },
  { type: 'Replace', pattern: { Regex: '.*' }, content: '$&$&' },
  { type: 'Sequence', pretokenizers: [], decoders: [], normalizers: [] },
  { type: 'ByteFallback' },
  { type: 'Nonsense' },
  null,
];

const IDS: readonly unknown[] = [-1, 1.5, 1e20, '7', null, true, [3], 50_363, {}];

test('a hostile tokenizer is refused with a fault, or gives text and ids', () => {
  const random = randomFrom(SEED + 20);
  const good = small();
  const outcomes = { used: 0, refused: 0 };
  const must = (right: boolean, what: string) => {
    if (!right) expect(`${what} (seed ${SEED})`).toBe('right');
  };
  const texts = ['one two three', ' ', '', '<|endoftext|>', '\ud800', 'aaaaaaaaaaaaaaaaaaaaaaa!', 'né – 数 🙂'];
  for (let round = 0; round < CASES; round++) {
    const which = random.whole(0, 9);
    const config = which < 2 ? (hostileJson(random, good.config) as Settings) : good.config;
    const file = which < 2 ? good.file : (hostileJson(random, good.file) as Settings);
    if (which > 6 && typeof file === 'object' && file !== null)
      file[['normalizer', 'pre_tokenizer', 'decoder', 'post_processor'][random.whole(0, 3)]] =
        STEPS[random.whole(0, STEPS.length - 1)];
    const { vocab } = (file as { model?: { vocab?: Settings } } | null)?.model ?? {};
    // The letters of what is asked below.
    if (which === 5 && typeof vocab === 'object' && vocab !== null)
      for (let wounds = 6; wounds > 0; wounds--)
        vocab[[...'onetwhrĠa'][random.whole(0, 8)]] = IDS[random.whole(0, IDS.length - 1)];
    const began = performance.now();
    try {
      const tokenizer = new Tokenizer(file, config);
      const codec = textCodec(tokenizer, generation.eos_token_id);
      const tokens = specialTokens(generation, (token) => specialId(tokenizer, token, VOCABULARY), 0.02);
      for (const id of [tokens.noSpeech, tokens.startOfPrevious])
        must(
          id === null || (Number.isInteger(id) && id >= 0 && id < VOCABULARY),
          `tokenizer ${round}: a special token is ${id}`,
        );
      for (const ids of [good.wanted, [], [0, generation.eos_token_id, 51_000]])
        must(typeof codec.decode(ids) === 'string', `tokenizer ${round}: what is no text`);
      for (const text of texts)
        for (const id of codec.encode(text))
          must(
            Number.isInteger(id) && id >= 0 && id < generation.eos_token_id,
            `tokenizer ${round}: ${JSON.stringify(text)} has the id ${id}`,
          );
      outcomes.used += 1;
    } catch (error) {
      if ((error as Error).message.includes('(seed ')) throw error;
      must(engineFault(error, null, null).name === 'EngineFailed', `tokenizer ${round}: ${(error as Error).stack}`);
      outcomes.refused += 1;
    }
    must(performance.now() - began < MOST_MS, `tokenizer ${round} takes too long`);
  }
  expect(outcomes.used).toBeGreaterThan(CASES / 10);
  expect(outcomes.refused).toBeGreaterThan(CASES / 10);
});
