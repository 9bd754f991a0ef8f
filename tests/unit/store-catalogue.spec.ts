/** The catalogue's facts, and the ways from a key or a model to a file. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { catalogue } from '../../workers/store/catalogue.ts';
import {
  addressOf,
  findByKey,
  HUB_URL,
  sessionFiles,
  shelfOf,
  type CatalogueModel,
} from '../../workers/store/model-files.ts';
import { SPEAKERS_FILES, SPEAKERS_MODEL } from '../../workers/store/speakers-model.ts';
import { keyOf } from '../../workers/store/shelf.ts';
import { size } from '../../src/clock.ts';
import { noticeOf } from '../../src/models/notices.ts';
import { needsShared, repository } from '../browser.ts';

const byId = (id: string): CatalogueModel => {
  const model = catalogue.find((one) => one.id === id);
  if (!model) throw new Error(id);
  return model;
};
const base = byId('whisper-base');
const hubBase = byId('whisper-base-hub');
const digits = byId('whisper-digits');

test('every file of a bundled model is in public/models with these very bytes', () => {
  const bundled = catalogue.filter((model) => model.source === 'bundled');
  expect(bundled.map((model) => model.id).sort()).toEqual([
    'speakers',
    'whisper-base',
    'whisper-digits',
    'whisper-digits-10s',
  ]);
  for (const model of bundled) {
    for (const file of model.files) {
      const content = readFileSync(join(repository, 'public/models', model.id, file.path));
      expect([file.path, content.length]).toEqual([file.path, file.bytes]);
      expect(createHash('sha256').update(content).digest('hex'), file.path).toBe(file.sha256);
      // What a git host takes without large-file storage, and with room to spare.
      expect(file.bytes).toBeLessThan(95_000_000);
    }
  }
});

test('new weights of a bundled model get new keys on the disk', () => {
  const sums = (model: CatalogueModel) =>
    Object.values(sessionFiles(model)).map((path) => model.files.find((file) => file.path === path)!.sha256);
  expect(base.revision).toBe(
    sums(base)
      .map((sum) => sum.slice(0, 4))
      .join(''),
  );
  for (const model of [digits, byId('whisper-digits-10s')])
    expect(sums(model)[0].startsWith(model.revision)).toBe(true);
});

test('Whisper base that comes with the page is what people are offered first, with OpenAI’s notice', () => {
  expect(catalogue[0]).toBe(base);
  expect(base).toMatchObject({ source: 'bundled', form: 'b8', licence: 'MIT, Copyright (c) 2022 OpenAI' });
  expect(catalogue.filter((model) => !model.unlisted).map((model) => model.id)).toEqual([
    'whisper-base',
    'whisper-base-hub',
    'whisper-base-q8',
    'whisper-tiny',
    'whisper-small-q8',
  ]);
  const notice = readFileSync(join(repository, 'public/models/whisper-base/LICENSE'), 'utf8');
  expect(notice).toContain('Copyright (c) 2022 OpenAI');
  expect(noticeOf('whisper-base')).toBe(notice);
  expect(base.files.map((file) => file.path)).toContain('LICENSE');
});

test('the README says the sizes that the catalogue says', () => {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const total = base.files.reduce((sum, file) => sum + file.bytes, 0);
  expect(readme).toContain(`loads Whisper base once (${size(total)}, 8-bit weights)`);
  expect(readme).toContain(`decoder, ${size(Math.max(...base.files.map((file) => file.bytes)))}:`);
});

test('the files of the hub’s Whisper base lie on the disk where earlier versions of the page put them', () => {
  expect(keyOf(hubBase, 'config.json')).toBe('whisper-base@608c49e61301901684bc36cac8f74b95ff6b5a8e/config.json');
  const shelves = catalogue.map(shelfOf);
  expect(new Set(shelves).size).toBe(shelves.length);
});

test('both forms of the hub’s Whisper base are pinned as the facts say', () => {
  type Facts = Record<string, { repo: string; revision: string; files: CatalogueModel['files'] }>;
  const path = needsShared(test, 'models/catalogue.json');
  const facts = (JSON.parse(readFileSync(path, 'utf8')) as Facts)['whisper-base'];
  const pinned = facts.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
  for (const [model, weightBytes] of [
    [hubBase, 206_190_057],
    [byId('whisper-base-q8'), 76_871_875],
  ] as const) {
    expect(model).toMatchObject({ repo: facts.repo, revision: facts.revision });
    for (const file of model.files) expect(pinned).toContainEqual(file);
    const weights = model.files.filter((file) => file.path.endsWith('.onnx'));
    expect(weights.reduce((total, file) => total + file.bytes, 0)).toBe(weightBytes);
  }
});

test('every model has the files that transformers.js asks for, each once', () => {
  for (const model of catalogue.filter(({ id }) => id !== 'speakers')) {
    const needed = model.files.filter((file) => !file.optional).map((file) => file.path);
    const settings = ['config', 'generation_config', 'preprocessor_config', 'tokenizer', 'tokenizer_config'];
    const { encoder, decoder } = sessionFiles(model);
    const notice = model.id === 'whisper-base' ? ['LICENSE'] : [];
    expect(needed.sort()).toEqual([...settings.map((name) => `${name}.json`), encoder, decoder, ...notice].sort());
    for (const file of model.files) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const files of Object.values(model.sessions))
      for (const path of Object.values(files)) expect(model.files.map((file) => file.path)).toContain(path);
    // 8-bit weights have no WebGPU kernels in ONNX Runtime; the CPU runs everything.
    expect(model.backends).toEqual(model.form === 'q8' ? ['cpu'] : ['gpu', 'cpu']);
  }
});

test('the networks that tell speakers apart come with both notices and cannot be asked to transcribe', () => {
  const speakers = byId(SPEAKERS_MODEL);
  expect(speakers).toMatchObject({ source: 'bundled', unlisted: true });
  expect(speakers.files.map(({ path }) => path).sort()).toEqual([...Object.values(SPEAKERS_FILES), 'LICENSE'].sort());
  const notice = readFileSync(join(repository, 'public/models/speakers/LICENSE'), 'utf8');
  expect(notice).toContain('Copyright (c) 2023 CNRS');
  expect(notice).toContain('Apache License');
  expect(noticeOf(SPEAKERS_MODEL)).toBe(notice);
  expect(() => sessionFiles(speakers)).toThrow('does not come in the form');
});

test('a form that a model does not come in is said, not guessed', () => {
  expect(() => sessionFiles(base, 'fp32')).toThrow('Whisper base does not come in the form fp32.');
});

test('a hub file has one address, at the pinned revision; a mirror keeps the layout', () => {
  const path = `onnx-community/whisper-base_timestamped/resolve/${hubBase.revision}/config.json`;
  expect(addressOf(hubBase, 'config.json', 'https://page.example/', HUB_URL)).toBe(`https://huggingface.co/${path}`);
  for (const mirror of ['https://mirror.example/hub', 'https://mirror.example/hub/']) {
    expect(addressOf(hubBase, 'config.json', 'https://page.example/', mirror)).toBe(
      `https://mirror.example/hub/${path}`,
    );
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
  const own = { ...hubBase, id: 'someone/whisper-base', repo: 'someone/whisper-base', shelf: 'someone/whisper-base' };
  const cases: [string, string | null][] = [
    ['/models/whisper-digits/config.json', 'whisper-digits config.json'],
    ['/models/whisper-digits-10s/config.json', 'whisper-digits-10s config.json'],
    ['/models/whisper-digits/generation_config.json', 'whisper-digits generation_config.json'],
    ['/models/whisper-base/tokenizer.json?download=true', 'whisper-base tokenizer.json'],
    [
      'https://huggingface.co/whisper-base-hub/resolve/main/onnx/encoder_model.onnx',
      'whisper-base-hub onnx/encoder_model.onnx',
    ],
    // Another person's model of the same name is another model.
    ['/models/someone/whisper-base/tokenizer.json', 'someone/whisper-base tokenizer.json'],
    ['https://huggingface.co/someone/whisper-base/resolve/main/config.json', 'someone/whisper-base config.json'],
    ['/models/nobody/whisper-base/tokenizer.json', null],
    ['https://huggingface.co/nobody/whisper-base/resolve/main/tokenizer.json', null],
    ['https://huggingface.co/someone/whisper-base/tokenizer.json', null],
    ['https://elsewhere.example/whisper-base/resolve/main/tokenizer.json', null],
    ['whisper-digits/config.json', null],
    ['/models/not-whisper-digits/config.json', null],
    ['/models/whisper-digits/onnx/config.json', null],
    ['/models/whisper-digits/../config.json', null],
    ['/models/whisper-base/onnx/encoder_model_fp16.onnx', null],
    ['', null],
  ];
  for (const [key, expected] of cases) {
    test(`${key === '' ? '(empty)' : key} → ${expected ?? 'a miss'}`, () => {
      const found = findByKey([...catalogue, own], key);
      expect(found && `${found.model.id} ${found.file.path}`).toBe(expected);
    });
  }
});
