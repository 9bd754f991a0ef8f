/** The models this page knows: where each file lives, its length and its SHA-256. */
// Written by the script that makes the files, tests/models/compact.py.
import baseWeights from './bundled-base.json' with { type: 'json' };
import type { CatalogueModel, ModelFile, SessionFiles } from './model-files';
import { speakersModel } from './speakers-model';

const ENCODER = 'onnx/encoder_model.onnx';
const Q4: SessionFiles = { encoder: ENCODER, decoder: 'onnx/decoder_model_merged_q4.onnx' };
const FP32: SessionFiles = { encoder: ENCODER, decoder: 'onnx/decoder_model_merged.onnx' };
const Q8: SessionFiles = {
  encoder: 'onnx/encoder_model_quantized.onnx',
  decoder: 'onnx/decoder_model_merged_quantized.onnx',
};
const B8: SessionFiles = { encoder: 'onnx/encoder_model_b8.onnx', decoder: 'onnx/decoder_model_merged_b8.onnx' };

const digits = {
  name: 'Spoken digits',
  source: 'bundled',
  multilingual: true,
  backends: ['gpu', 'cpu'],
  form: 'q4',
  sessions: { q4: Q4, fp32: FP32, q8: Q8 },
  licence: 'CC BY-SA 4.0 (Free Spoken Digit Dataset, Zohar Jackson et al.)',
  unlisted: true,
} satisfies Partial<CatalogueModel>;

/** The files both digits models share byte for byte. */
const digitsFiles: ModelFile[] = [
  {
    path: 'generation_config.json',
    bytes: 2497,
    sha256: '2e627cf0555478d895b01264474da8684117ec87bb532c304c8d8ea4b2d382ed',
  },
  {
    path: 'tokenizer.json',
    bytes: 219951,
    sha256: 'fb4b704f34f9b56509e0764cade174d7e46bfb574b720c3a8cc151614b8d5d59',
  },
  {
    path: 'tokenizer_config.json',
    bytes: 1498,
    sha256: '1f27040b8a08119ebd1499cee2c8ecf964266ab47cef9eec02643cbfb392f3aa',
  },
  {
    path: 'onnx/decoder_model_merged_q4.onnx',
    bytes: 2286119,
    sha256: 'fc6c9996d075f8ed1a4cbad28db7a0b439ecd494f85baca9ecb38e5af7c0919f',
  },
  {
    path: 'onnx/decoder_model_merged.onnx',
    bytes: 4050156,
    sha256: '211d30bd8c6225569a69646640131e30fcc68897fad17c187d241e70a97eb049',
    optional: true,
  },
  {
    path: 'onnx/decoder_model_merged_quantized.onnx',
    bytes: 2495230,
    sha256: '64b058257044e01f5dd3e1c70e62299b07167d6f5b4d6a55e2a4f29639ff8722',
    optional: true,
  },
];

/** The same bytes in every multilingual Whisper of this list. */
const whisperFiles: ModelFile[] = [
  {
    path: 'preprocessor_config.json',
    bytes: 339,
    sha256: 'a6a76d28c93edb273669eb9e0b0636a2bddbb1272c3261e47b7ca6dfdbac1b8d',
  },
  {
    path: 'tokenizer.json',
    bytes: 2480466,
    sha256: '27fc476bfe7f17299480be2273fc0608e4d5a99aba2ab5dec5374b4482d1a566',
  },
];

/** What both forms of the hub's Whisper base come from. */
const base = {
  source: 'hub',
  repo: 'onnx-community/whisper-base_timestamped',
  revision: '608c49e61301901684bc36cac8f74b95ff6b5a8e',
  multilingual: true,
  licence: 'MIT (openai/whisper)',
} satisfies Partial<CatalogueModel>;

/** The files every form of Whisper base shares byte for byte. */
const baseFiles: ModelFile[] = [
  {
    path: 'config.json',
    bytes: 2243,
    sha256: 'f4d0608f7d918166da7edb3e188de5ef1bfe70d9802e785d271fd88111e9cf4b',
  },
  {
    path: 'generation_config.json',
    bytes: 3832,
    sha256: '61070cf8de25b1e9256e8e102ded49d8d24a8369ed36ef84fdf21549e68125a0',
  },
  ...whisperFiles,
  {
    path: 'tokenizer_config.json',
    bytes: 282682,
    sha256: '2e036e4dbacfdeb7242c7d4ec4149f4a16e86026048f94d1637e3a8ee9c6a573',
  },
];

/** OpenAI's notice: it goes wherever the weights go, an exported archive included. */
const baseNotice: ModelFile = {
  path: 'LICENSE',
  bytes: 1063,
  sha256: 'b5d65a59060e68c4ff940e1eddfa6f94b2d68fdf58ed7f4dd57721c997e35e9d',
};

/**
 * Tiny and small come from an older export: of the newer one's files no two public manifests could be found that agree
 * on every hash; of these, four and more do (2026-11).
 */
const xenova = {
  source: 'hub',
  multilingual: true,
  licence: 'MIT (openai/whisper), Apache-2.0 (ONNX export by Xenova)',
} satisfies Partial<CatalogueModel>;

const xenovaFiles: ModelFile[] = [
  ...whisperFiles,
  {
    path: 'tokenizer_config.json',
    bytes: 282683,
    sha256: '2a4c4281cf9f51ac6ccc406fdc711a087afe6530f671fa7b80953edc498275ce',
  },
];

export const catalogue: CatalogueModel[] = [
  {
    id: 'whisper-base',
    name: 'Whisper base',
    source: 'bundled',
    repo: 'whisper-base',
    revision: baseWeights.map(({ sha256 }) => sha256.slice(0, 4)).join(''),
    // Before Whisper base came with the page, its id meant the hub's, whose files still lie under that name.
    shelf: 'whisper-base-bundled',
    multilingual: true,
    backends: ['gpu', 'cpu'],
    form: 'b8',
    sessions: { b8: B8 },
    licence: 'MIT, Copyright (c) 2022 OpenAI',
    files: [...baseFiles, baseNotice, ...baseWeights],
  },
  {
    ...base,
    id: 'whisper-base-hub',
    name: 'Whisper base, from the hub',
    shelf: 'whisper-base',
    backends: ['gpu', 'cpu'],
    form: 'q4',
    sessions: { q4: Q4 },
    note: 'The same model in the form published on the hub: an encoder in full precision and a 4-bit decoder.',
    // fp32 encoder and q4 decoder: the one pair that works on the GPU and on the CPU. 206,190,057 bytes of weights,
    // 208,959,619 with the JSON files.
    files: [
      ...baseFiles,
      {
        path: 'onnx/encoder_model.onnx',
        bytes: 82451730,
        sha256: '7fcea817bb2be4d86729b521e5a7fcbec28fa743edfed67e882b33ff15852540',
      },
      {
        path: 'onnx/decoder_model_merged_q4.onnx',
        bytes: 123738327,
        sha256: 'fc1902ce2e42c69b2346d8e2a98898c60c01da1e6a64ae90f41d22350ac7db13',
      },
    ],
  },
  {
    ...base,
    id: 'whisper-base-q8',
    name: 'Whisper base, 8-bit, from the hub',
    backends: ['cpu'],
    form: 'q8',
    sessions: { q8: Q8 },
    note: 'The same model with 8-bit weights as published on the hub, on the CPU only.',
    files: [
      ...baseFiles,
      {
        path: 'onnx/encoder_model_quantized.onnx',
        bytes: 23159167,
        sha256: '2714484ebe1bae7c1646e8eadb768bb9d415cf11763466d21f23039a29c62e6f',
      },
      {
        path: 'onnx/decoder_model_merged_quantized.onnx',
        bytes: 53712708,
        sha256: 'cf9a8d5bcddc0917a0078135b484cedcaf44f28909cd91910abd29dced9171db',
      },
    ],
  },
  {
    ...xenova,
    id: 'whisper-tiny',
    name: 'Whisper tiny',
    repo: 'Xenova/whisper-tiny',
    revision: '5332fcc35e32a33b86612b9a57a89be7906102b1',
    backends: ['gpu', 'cpu'],
    form: 'q4',
    sessions: { q4: Q4 },
    note: 'The smallest Whisper: quicker than base, with more mistakes.',
    files: [
      {
        path: 'config.json',
        bytes: 2248,
        sha256: '2b2e4e519084e0ea028b19b153f95202735a971870d6844aa26e559edd292e94',
      },
      {
        path: 'generation_config.json',
        bytes: 3716,
        sha256: '68ac791fcb4999461a313472125042934656240ba1cba7d1c2627fcbb19ac24c',
      },
      ...xenovaFiles,
      {
        path: 'onnx/encoder_model.onnx',
        bytes: 32909539,
        sha256: '39e81b6c86a5b2b4beda1bb3145486a769d594801f780a66cad1ae72c7ad2c5e',
      },
      {
        path: 'onnx/decoder_model_merged_q4.onnx',
        bytes: 86739474,
        sha256: '462a65ea8459402cded5e6f22a378ac410ec7e0aad9367ebb08431906c237660',
      },
    ],
  },
  {
    ...xenova,
    id: 'whisper-small-q8',
    name: 'Whisper small, compact',
    repo: 'Xenova/whisper-small',
    revision: '2d67713f236afa48a18992566e7647f6ca848e13',
    backends: ['cpu'],
    form: 'q8',
    sessions: { q8: Q8 },
    note: 'Larger than base, with fewer mistakes, and slower. 8-bit weights, on the CPU only.',
    files: [
      {
        path: 'config.json',
        bytes: 2232,
        sha256: '5a6429d21d7a3379dd0861b74510f9f7076f32b563bffc9fcb072482d55ab3be',
      },
      {
        path: 'generation_config.json',
        bytes: 3837,
        sha256: '0b7407a4e53a677f826e03c75d409e6f830663932bf43dda3b08c5efa2223279',
      },
      ...xenovaFiles,
      {
        path: 'onnx/encoder_model_quantized.onnx',
        bytes: 92324809,
        sha256: '969f5ac12974340386bf7a02ea6626003e5e2dee396ffc6ab0eec282bf55ba06',
      },
      {
        path: 'onnx/decoder_model_merged_quantized.onnx',
        bytes: 156780950,
        sha256: 'fcfc6100dc7339e7507e10f8b274350be7c4f8d8b575f0293f94cc0e156d6d24',
      },
    ],
  },
  {
    ...digits,
    id: 'whisper-digits-10s',
    repo: 'whisper-digits-10s',
    revision: '1a42e7dc',
    note: 'Hears only the spoken digits zero to nine, in English, German, French and Spanish. For trying things out.',
    files: [
      {
        path: 'config.json',
        bytes: 721,
        sha256: '562e82778500bc9a81860f265ea8c3e059285ceaaf61b77159a087ad27395464',
      },
      {
        path: 'preprocessor_config.json',
        bytes: 326,
        sha256: '0982bb88e2420fcd72b0ee8830689bc1fccd22401c2e2c55a213441dfb8907b2',
      },
      {
        path: 'onnx/encoder_model.onnx',
        bytes: 2985839,
        sha256: '1a42e7dcdf163ca7c54b555893a5d522fa6aefe072443184075bcd5e8857e85b',
      },
      {
        path: 'onnx/encoder_model_quantized.onnx',
        bytes: 1225195,
        sha256: '9e573720f3ebe6eec1f14268e280396d92a6df11ab0d339d76ee254779dce8e0',
        optional: true,
      },
      ...digitsFiles,
    ],
  },
  {
    ...digits,
    id: 'whisper-digits',
    repo: 'whisper-digits',
    name: 'Spoken digits, 30 s windows',
    revision: '43246bbc',
    note: 'The same digits model with the window length of Whisper. Less accurate than the ten-second form.',
    files: [
      {
        path: 'config.json',
        bytes: 722,
        sha256: '84ba6c679236efce8e5dbeac1180386edd96194d11a273669601c1d0cf57a34d',
      },
      {
        path: 'preprocessor_config.json',
        bytes: 326,
        sha256: '2ab39e8f0bd3cf732022b07c3e3292ffafb203b01c491fd91797ce9516a03b0e',
      },
      {
        path: 'onnx/encoder_model.onnx',
        bytes: 3497839,
        sha256: '43246bbcc4f07654643921beaa0ad50cd8f24f8c3d27dcb1f5ad4cf83013ff5d',
      },
      {
        path: 'onnx/encoder_model_quantized.onnx',
        bytes: 1737195,
        sha256: '4e70abd9f5810d3ef8f925b05fb6801a95cbcca969a01b759f707a5e22998aec',
        optional: true,
      },
      ...digitsFiles,
    ],
  },
  speakersModel,
];
