/** The catalogue's facts, and the ways from a key or a model to a file. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import {
  addressOf,
  catalogue,
  findByKey,
  HUB_URL,
  sessionFiles,
  type CatalogueModel,
} from '../../workers/store/catalogue.ts';
import { needsShared, repository } from '../browser.ts';

const byId = (id: string): CatalogueModel => {
  const model = catalogue.find((one) => one.id === id);
  if (!model) throw new Error(id);
  return model;
};
const base = byId('whisper-base');
const digits = byId('whisper-digits');

test('every file of a bundled model is in public/models with these very bytes', () => {
  const bundled = catalogue.filter((model) => model.source === 'bundled');
  expect(bundled.map((model) => model.id).sort()).toEqual(['whisper-digits', 'whisper-digits-10s']);
  for (const model of bundled) {
    for (const file of model.files) {
      const content = readFileSync(join(repository, 'public/models', model.id, file.path));
      expect([file.path, content.length]).toEqual([file.path, file.bytes]);
      expect(createHash('sha256').update(content).digest('hex')).toBe(file.sha256);
    }
    const encoder = model.files.find((file) => file.path === 'onnx/encoder_model.onnx');
    expect(encoder?.sha256.startsWith(model.revision)).toBe(true);
  }
});

test('both forms of Whisper base are pinned as the facts say', () => {
  type Facts = Record<string, { repo: string; revision: string; files: CatalogueModel['files'] }>;
  const path = needsShared(test, 'models/catalogue.json');
  const facts = (JSON.parse(readFileSync(path, 'utf8')) as Facts)['whisper-base'];
  const pinned = facts.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
  for (const [model, weightBytes] of [
    [base, 206_190_057],
    [byId('whisper-base-q8'), 76_871_875],
  ] as const) {
    expect(model).toMatchObject({ repo: facts.repo, revision: facts.revision });
    for (const file of model.files) expect(pinned).toContainEqual(file);
    const weights = model.files.filter((file) => file.path.endsWith('.onnx'));
    expect(weights.reduce((total, file) => total + file.bytes, 0)).toBe(weightBytes);
  }
});

test('every model has the files that transformers.js asks for, each once', () => {
  for (const model of catalogue) {
    const needed = model.files.filter((file) => !file.optional).map((file) => file.path);
    const settings = ['config', 'generation_config', 'preprocessor_config', 'tokenizer', 'tokenizer_config'];
    const { encoder, decoder } = sessionFiles(model);
    expect(needed.sort()).toEqual([...settings.map((name) => `${name}.json`), encoder, decoder].sort());
    for (const file of model.files) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const files of Object.values(model.sessions))
      for (const path of Object.values(files)) expect(model.files.map((file) => file.path)).toContain(path);
    // 8-bit weights have no WebGPU kernels in ONNX Runtime; the CPU runs everything.
    expect(model.backends).toEqual(model.form === 'q8' ? ['cpu'] : ['gpu', 'cpu']);
  }
});

test('a form that a model does not come in is said, not guessed', () => {
  expect(() => sessionFiles(base, 'fp32')).toThrow('Whisper base does not come in the form fp32.');
});

test('a hub file has one address, at the pinned revision; a mirror keeps the layout', () => {
  const path = `onnx-community/whisper-base_timestamped/resolve/${base.revision}/config.json`;
  expect(addressOf(base, 'config.json', 'https://page.example/', HUB_URL)).toBe(`https://huggingface.co/${path}`);
  for (const mirror of ['https://mirror.example/hub', 'https://mirror.example/hub/']) {
    expect(addressOf(base, 'config.json', 'https://page.example/', mirror)).toBe(`https://mirror.example/hub/${path}`);
  }
});

test('a bundled file lies beside the page, under a sub-path too', () => {
  for (const page of ['https://host.example/a/b', 'https://host.example/a/b/']) {
    expect(addressOf(digits, 'onnx/encoder_model.onnx', page, HUB_URL)).toBe(
      'https://host.example/a/b/models/whisper-digits/onnx/encoder_model.onnx',
    );
  }
});

test.describe('a key of transformers.js', () => {
  const cases: [string, string | null][] = [
    ['/models/whisper-digits/config.json', 'whisper-digits config.json'],
    ['/models/whisper-digits-10s/config.json', 'whisper-digits-10s config.json'],
    ['whisper-digits/config.json', 'whisper-digits config.json'],
    ['/models/whisper-digits/generation_config.json', 'whisper-digits generation_config.json'],
    [
      'https://huggingface.co/whisper-base/resolve/main/onnx/encoder_model.onnx',
      'whisper-base onnx/encoder_model.onnx',
    ],
    [
      'https://huggingface.co/onnx-community/whisper-base_timestamped/resolve/608c49e6/tokenizer.json?download=true',
      'whisper-base tokenizer.json',
    ],
    ['/models/not-whisper-digits/config.json', null],
    ['/models/whisper-digits/onnx/config.json', null],
    ['/models/whisper-digits/../config.json', null],
    ['/models/whisper-base/onnx/encoder_model_fp16.onnx', null],
    ['', null],
  ];
  for (const [key, expected] of cases) {
    test(`${key === '' ? '(empty)' : key} → ${expected ?? 'a miss'}`, () => {
      const found = findByKey(catalogue, key);
      expect(found && `${found.model.id} ${found.file.path}`).toBe(expected);
    });
  }
});
