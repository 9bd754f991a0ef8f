/** Settings of a Whisper that somebody else wrote: what is used of them, and the sentence for each way to be wrong. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { checkedSettings, whyNoWords, type CheckedSettings } from '../../workers/store/foreign.ts';
import { needsShared, repository } from '../browser.ts';
import { whisperSettings } from '../page/hub.ts';

type Files = ReturnType<typeof whisperSettings>;

function checked(files: Files) {
  const [config, preprocessor, generation] = ['config', 'preprocessor_config', 'generation_config'].map(
    (name) => JSON.parse(files[`${name}.json`].toString()) as unknown,
  );
  return checkedSettings(config, preprocessor, generation);
}

function right(files: Files): CheckedSettings {
  const result = checked(files);
  if (!result.ok) throw new Error(result.why);
  return result.settings;
}

const filesIn = (folder: string): Files =>
  Object.fromEntries(
    ['config.json', 'generation_config.json', 'preprocessor_config.json'].map((name) => [
      name,
      readFileSync(join(folder, name)),
    ]),
  );

test('the settings of a real Whisper base, number by number', () => {
  expect(right(filesIn(needsShared(test, 'models/whisper-base_timestamped')))).toMatchObject({
    ...{ layers: 6, heads: 8, headSize: 64, width: 512, sourcePositions: 1500, targetPositions: 448 },
    ...{ vocabulary: 51865, timeStep: 0.02, medianFilterWidth: 7, multilingual: true },
    mel: { sampleRate: 16000, windowSamples: 480000, hop: 160, fft: 400, bins: 80 },
    ...{ endOfText: 50257, startOfTranscript: 50258, noTimestamps: 50363, noWords: null },
    alignmentHeads: [
      [3, 1],
      [4, 2],
      [4, 3],
      [4, 7],
      [5, 1],
      [5, 2],
      [5, 4],
      [5, 6],
    ],
  });
});

test('a window of ten seconds is as good as one of thirty', () => {
  expect(right(filesIn(join(repository, 'public/models/whisper-digits-10s')))).toMatchObject({
    ...{ sourcePositions: 500, timeStep: 0.02 },
    mel: { windowSamples: 160000 },
  });
  const seconds = { n_samples: undefined, chunk_length: 30 };
  expect(right(whisperSettings({ preprocessor: seconds })).mel.windowSamples).toBe(480000);
});

test('what is allowed to be missing or odd: English only, no suppressed tokens, a filter without a middle, 128 bins', () => {
  const settings = right(
    whisperSettings({
      config: { median_filter_width: 8, num_mel_bins: 128 },
      generation: { lang_to_id: undefined, suppress_tokens: null, begin_suppress_tokens: [-1, 220] },
      preprocessor: { feature_size: 128 },
    }),
  );
  expect(settings).toMatchObject({
    ...{ multilingual: false, suppress: [], suppressAtBegin: [220], medianFilterWidth: 7, maxInitialTimestamp: null },
    mel: { bins: 128 },
  });
  expect(right(whisperSettings({ generation: { max_initial_timestamp_index: 50 } })).maxInitialTimestamp).toBe(50);
});

test('words get no times where the attentions are missing, not named, or named wrongly, and it is said', () => {
  const outputs = Array.from({ length: 6 }, (_, layer) => `cross_attentions.${layer}`);
  const settings = right(whisperSettings());
  expect(whyNoWords(settings, ['logits', ...outputs])).toBeNull();
  expect(whyNoWords(settings, ['logits'])).toContain('exported without its cross-attentions');
  expect(whyNoWords(settings, outputs.slice(1))).toContain('exported without its cross-attentions');
  for (const [heads, words] of [
    [undefined, 'does not say which of its attentions'],
    [[], 'does not say which of its attentions'],
    [[[6, 0]], 'names attentions that it does not have'],
    [[[0, 8]], 'names attentions that it does not have'],
    [[[0]], 'names attentions that it does not have'],
    ['all', 'names attentions that it does not have'],
  ] as const) {
    const found = right(whisperSettings({ generation: { alignment_heads: heads } }));
    expect(found.alignmentHeads).toEqual([]);
    expect(whyNoWords(found, outputs)).toContain(words);
    expect(whyNoWords(found, outputs)).toContain('words get no times of their own.');
  }
});

const wrong: [what: string, Parameters<typeof whisperSettings>[0], words: string][] = [
  ['another network', { config: { model_type: 'bert' } }, 'It is a model of type bert, not a Whisper.'],
  ['no network at all', { config: { model_type: undefined } }, 'It is a model of type undefined, not a Whisper.'],
  ['no layers', { config: { decoder_layers: undefined } }, 'Its settings lack decoder_layers.'],
  ['a layer too few', { config: { decoder_layers: 0 } }, 'Its decoder_layers is 0, and has to be'],
  ['half a layer', { config: { decoder_layers: 2.5 } }, 'Its decoder_layers is 2.5, and has to be'],
  ['a layer in words', { config: { decoder_layers: 'six' } }, 'Its decoder_layers is six, and has to be'],
  ['an absurd width', { config: { d_model: 1e12 } }, 'Its d_model is 1000000000000, and has to be'],
  ['a width that does not divide', { config: { d_model: 500 } }, 'Its width of 500 cannot be shared among 8'],
  ['no positions', { config: { max_target_positions: null } }, 'Its settings lack max_target_positions.'],
  ['a negative vocabulary', { config: { vocab_size: -1 } }, 'Its vocab_size is -1, and has to be'],
  [
    'other mel bins than its encoder',
    { config: { num_mel_bins: 128 } },
    'Its encoder takes 128 mel bins, and its prep',
  ],
  ['an odd n_fft', { preprocessor: { n_fft: 401 } }, 'Its n_fft of 401 is odd'],
  ['no n_fft', { preprocessor: { n_fft: undefined } }, 'Its settings lack n_fft.'],
  ['a hop of nothing', { preprocessor: { hop_length: 0 } }, 'Its hop_length is 0, and has to be'],
  ['a rate from another world', { preprocessor: { sampling_rate: 1 } }, 'Its sampling_rate is 1, and has to be'],
  ['an endless window', { preprocessor: { n_samples: 1e9 } }, 'Its n_samples is 1000000000, and has to be'],
  [
    'a window of another length',
    { preprocessor: { n_samples: 160000 } },
    'Its windows have 1000 frames, and its encod',
  ],
  ['no times', { generation: { no_timestamps_token_id: undefined } }, 'It does not say how it writes times'],
  [
    'times beyond the vocabulary',
    { generation: { no_timestamps_token_id: 51864 } },
    'Its vocabulary has no room for the',
  ],
  ['an end outside the vocabulary', { generation: { eos_token_id: 51865 } }, 'Its eos_token_id is 51865, and has to'],
  ['no start', { generation: { decoder_start_token_id: undefined } }, 'Its settings lack decoder_start_token_id.'],
  ['a language that is no token', { generation: { lang_to_id: { '<|xx|>': -4 } } }, 'Its <|xx|> is -4, and has to be'],
  ['languages that are a list', { generation: { lang_to_id: [] } }, 'Its settings are no settings.'],
  ['suppressed nonsense', { generation: { suppress_tokens: [1.5] } }, 'Its suppress_tokens are no tokens of its voc'],
];
for (const [what, changes, words] of wrong) {
  test(`${what}: said in a sentence`, () => {
    const result = checked(whisperSettings(changes));
    expect(result).toEqual({ ok: false, why: expect.stringContaining(words) });
    expect(result.ok ? '' : result.why).toMatch(/^I.*\.$/);
  });
}

test('settings that are no object, and a value of any length, are said shortly', () => {
  for (const value of [null, 3, 'x', []]) {
    expect(checkedSettings(value, {}, {})).toEqual({ ok: false, why: 'Its settings are no settings.' });
  }
  const long = checkedSettings({ model_type: 'x'.repeat(100_000) }, {}, {});
  expect(long.ok ? '' : long.why.length).toBeLessThan(100);
});
