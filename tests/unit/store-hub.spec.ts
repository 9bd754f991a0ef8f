/** Models and mirrors that a person names: what is taken, and the words for what is not. */
import { expect, test } from 'playwright/test';
import { chooseWeights, hubIdOf, lookUp, type Listing } from '../../workers/store/hub.ts';
import { mirrorAddress } from '../../workers/store/sources.ts';
import { listingOf, noise, sha256, whisperSettings } from '../page/hub.ts';

const ID = 'someone/whisper-own';
const SHA = '5'.repeat(40);
const Q4 = 'onnx/decoder_model_merged_q4.onnx';
const named = (...paths: string[]) => paths.map((path) => ({ rfilename: `onnx/${path}` }));

test.describe('the name of a model', () => {
  for (const typed of [ID, ` ${ID} `, `https://huggingface.co/${ID}`, `https://huggingface.co/${ID}/tree/main?x=1#y`]) {
    test(`"${typed}" is taken`, () => expect(hubIdOf(typed)).toBe(ID));
  }
  for (const typed of [
    ...[
      '',
      'whisper',
      'a/b/c',
      '/b',
      'a/',
      '../b',
      'a/..',
      'a/b..c',
      'a b/c',
      '.a/b',
      'ä/b',
      'a/b?c',
      'javascript:a/b',
    ],
    ...['https://elsewhere.example/a/b', 'https://huggingface.co/', `a/${'b'.repeat(97)}`],
  ]) {
    test(`"${typed}" is refused before anything is asked`, () =>
      expect(() => hubIdOf(typed)).toThrow('A model of the hub is called owner/name'));
  }
});

test.describe('the weights taken of a repository', () => {
  const all = [
    'encoder_model.onnx',
    'encoder_model_fp16.onnx',
    'encoder_model_q4.onnx',
    'encoder_model_quantized.onnx',
  ];
  const decoders = ['decoder_model_merged_q4.onnx', 'decoder_model_merged.onnx', 'decoder_model_merged_quantized.onnx'];
  const cases: [name: string, files: string[], encoder: string, decoder: string, form: string, gpu: boolean][] = [
    ['everything', [...all, ...decoders], all[0], decoders[0], 'q4', true],
    ['no q4 decoder', [...all, ...decoders.slice(1)], all[0], decoders[1], 'fp32', true],
    ['8-bit alone', [all[3], decoders[2]], all[3], decoders[2], 'q8', false],
    ['an 8-bit encoder', [all[3], decoders[0]], all[3], decoders[0], 'q4', false],
    ['a large encoder in two files', [...all, `${all[0]}_data`, ...decoders], all[2], decoders[0], 'q4', true],
  ];
  for (const [name, files, encoder, decoder, form, gpu] of cases) {
    test(name, () =>
      expect(chooseWeights(ID, named(...files))).toEqual({
        form,
        files: { encoder: `onnx/${encoder}`, decoder: `onnx/${decoder}` },
        backends: gpu ? ['gpu', 'cpu'] : ['cpu'],
      }),
    );
  }
  test('none: said why', () => {
    expect(() => chooseWeights(ID, [{ rfilename: 'model.safetensors' }])).toThrow('holds no weights in ONNX format');
    expect(() => chooseWeights(ID, named('model.onnx'))).toThrow('no encoder and merged decoder of a Whisper');
    expect(() => chooseWeights(ID, named(all[0], `${all[0]}_data`, decoders[0]))).toThrow('spread over more files');
  });
});

test.describe('asking the hub', () => {
  const whisper: Record<string, Buffer> = {
    ...whisperSettings(),
    'tokenizer.json': Buffer.from('{ }'),
    'tokenizer_config.json': Buffer.from('{  }'),
    'onnx/encoder_model.onnx': noise(100, 1),
    [Q4]: noise(200, 2),
  };

  /** `changes`: what the hub says and serves instead; undefined bytes: the file is not there. */
  async function asked(changes: {
    listing?: Partial<Listing>;
    files?: Record<string, Buffer>;
    served?: typeof whisper;
  }) {
    const files = { ...whisper, ...changes.files };
    const listing = { ...listingOf(SHA, files), ...changes.listing };
    const requests: string[] = [];
    const get = (address: string, mostBytes: number) => {
      // Room for the largest tokenizer there is, and a bound.
      expect(mostBytes).toBeGreaterThanOrEqual(5_000_000);
      expect(mostBytes).toBeLessThanOrEqual(20_000_000);
      requests.push(address);
      const path = address.split(`/resolve/${SHA}/`)[1];
      const bytes = path === undefined ? Buffer.from(JSON.stringify(listing)) : { ...files, ...changes.served }[path];
      return Promise.resolve({ found: true, blob: new Blob([new Uint8Array(bytes)]) });
    };
    return { ...(await lookUp({ hubUrl: 'https://mirror.example/hub/', get }, ID)), requests };
  }

  test('a Whisper becomes an entry pinned to its commit, each file with length and SHA-256', async () => {
    const { model, settings, requests } = await asked({});
    expect(model).toMatchObject({ id: ID, repo: ID, revision: SHA, form: 'q4', multilingual: true, added: true });
    expect(model.files).toEqual(
      Object.entries(whisper).map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
    );
    expect(settings.map(({ path }) => path)).toEqual(Object.keys(whisper).filter((path) => path.endsWith('.json')));
    // The weights wait until they are asked for.
    expect(requests.filter((address) => address.endsWith('.onnx'))).toEqual([]);
    expect(requests[0]).toBe(`https://mirror.example/hub/api/models/${ID}/revision/main?blobs=true`);
  });

  test('English only is said', async () => {
    const { model } = await asked({ files: whisperSettings({ generation: { lang_to_id: undefined } }) });
    expect(model).toMatchObject({ multilingual: false, note: expect.stringContaining('English only') });
  });

  test('words without times of their own are said when it is added', async () => {
    const { model } = await asked({ files: whisperSettings({ generation: { alignment_heads: undefined } }) });
    expect(model.note).toContain('so words get no times of their own.');
  });

  const without = (path: string) => ({
    siblings: listingOf(SHA, whisper).siblings.filter((file) => file.rfilename !== path),
  });
  const unhashed = listingOf(SHA, whisper).siblings.map((file) => ({ rfilename: file.rfilename, size: 1 }));
  const refusals: Record<string, [Parameters<typeof asked>[0], name: string, words: string]> = {
    'another network': [
      { files: { 'config.json': Buffer.from('{"model_type":"bert"}') } },
      'EngineFailed',
      'someone/whisper-own cannot be used. It is a model of type bert, not a Whisper.',
    ],
    'no tokenizer': [{ listing: without('tokenizer.json') }, 'EngineFailed', 'lacks tokenizer.json'],
    'only for people who sign in': [{ listing: { gated: 'manual' } }, 'EngineFailed', 'people who sign in'],
    private: [{ listing: { private: true } }, 'EngineFailed', 'people who sign in'],
    'no times': [
      { files: whisperSettings({ generation: { no_timestamps_token_id: undefined } }) },
      'EngineFailed',
      'how it writes times',
    ],
    'a number that cannot be': [
      { files: whisperSettings({ config: { decoder_layers: 1e9 } }) },
      'EngineFailed',
      'Its decoder_layers is 1000000000, and has to be a whole number from 1 to 128.',
    ],
    'no hashes': [{ listing: { siblings: unhashed } }, 'ModelDamaged', 'is not what the hub says it is'],
    'a commit that is none': [{ listing: { sha: 'main' } }, 'DownloadFailed', 'cannot be understood'],
    'other bytes than said': [{ served: { 'tokenizer.json': noise(8, 3) } }, 'ModelDamaged', 'not what the hub says'],
    'settings that are none': [
      { files: { 'config.json': Buffer.from('hello') } },
      'DownloadFailed',
      'config.json of someone/whisper-own cannot be understood',
    ],
  };
  for (const [what, [changes, name, words]] of Object.entries(refusals)) {
    test(`${what}: refused in words`, async () => {
      await expect(asked(changes)).rejects.toMatchObject({ name, message: expect.stringContaining(words) });
    });
  }
});

test.describe('the address of a mirror', () => {
  const page = 'https://page.example/app/';
  const taken: [string, string][] = [
    ['https://mirror.example', 'https://mirror.example/'],
    [' https://mirror.example/hub//?x#y ', 'https://mirror.example/hub/'],
    ['./mirror', 'https://page.example/app/mirror/'],
    ['/mirror/', 'https://page.example/mirror/'],
    ['../mirror', 'https://page.example/mirror/'],
    ['http://localhost:8080/hub', 'http://localhost:8080/hub/'],
    ['http://127.0.0.1:1234', 'http://127.0.0.1:1234/'],
  ];
  for (const [typed, kept] of taken) test(`"${typed}"`, () => expect(mirrorAddress(typed, page)).toBe(kept));
  for (const typed of ['', 'mirror.example', 'http://mirror.example', 'ftp://mirror.example', 'javascript:0', 'data:,'])
    test(`"${typed}" is refused`, () => expect(() => mirrorAddress(typed, page)).toThrow('begins with https://'));
  test('a name and a password are refused', () =>
    expect(() => mirrorAddress('https://me:secret@mirror.example', page)).toThrow('name and a password'));
  test('a page served without TLS has mirrors on its own origin', () =>
    expect(mirrorAddress('./hub', 'http://10.0.0.5/')).toBe('http://10.0.0.5/hub/'));
});
