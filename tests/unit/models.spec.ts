/** What is said of models, and which files are taken for one. */
import { expect, test } from 'playwright/test';
import { checkedWords, placeWords, sizeWords, trustWords } from '../../src/models/model-words.ts';
import { isUnfinished } from '../../src/models/model-state.ts';
import { failedWords, importWords, verifiedWords } from '../../src/models/outcome-words.ts';
import { goesOnWithHub, modelFor, needsNoQuestion, offered } from '../../src/settings/model-choice.ts';
import { sortOut } from '../../src/models/recognise.ts';
import { ABORTED, type ImportReport, type ModelState } from '../../workers/protocol.ts';

const base: ModelState = {
  id: 'whisper-base',
  name: 'Whisper base',
  source: 'hub',
  weightBytes: 206_190_057,
  totalBytes: 208_959_619,
  storedBytes: 0,
  partialBytes: 0,
  ready: false,
  host: 'huggingface.co',
  multilingual: true,
  backends: ['gpu', 'cpu'],
  trust: 'pinned',
  checkedAt: null,
  custom: false,
  licence: 'MIT',
  listed: true,
};
const whole: ModelState = { ...base, storedBytes: base.totalBytes, ready: true };
const nothing: ImportReport = { stored: [], damaged: [], unknown: [], refused: [] };

test('a model says how much of it is where', () => {
  expect(sizeWords(base)).toBe('209 MB to download');
  expect(sizeWords({ ...base, source: 'bundled' })).toBe('209 MB, comes with the page');
  expect(sizeWords(whole)).toBe('209 MB on this device');
  const half = { ...base, storedBytes: 80_000_000, partialBytes: 20_000_000 };
  expect(sizeWords(half)).toBe('100 MB of 209 MB here');
  expect([base, whole, half].map(isUnfinished)).toEqual([false, false, true]);
});

test('a model says what it can be trusted with, and where it runs', () => {
  expect(trustWords(base)).toBe('Checked against a pinned SHA-256');
  expect(trustWords({ ...base, trust: 'hub' })).toBe('Not verified by Earshot');
  expect(placeWords({ ...base, backends: ['cpu'] })).toBe('CPU only');
  expect(placeWords(base)).toBe('GPU or CPU');
  expect(checkedWords(base)).toBe('');
  expect(checkedWords(whole)).toBe('not read again since it came');
  const at = new Date(2026, 10, 23, 14, 6).getTime();
  expect(checkedWords({ ...whole, checkedAt: at })).toBe('last read and checked 23 Nov 2026, 14:06');
});

test('a list without the models of the self-test, unless one was chosen all the same', () => {
  const digits: ModelState = { ...base, id: 'whisper-digits-10s', listed: false };
  const ids = (...chosen: (string | null)[]) => offered([base, digits], chosen).map(({ id }) => id);
  expect(ids('whisper-base', null)).toEqual(['whisper-base']);
  expect(ids('whisper-digits-10s', null)).toEqual(['whisper-base', 'whisper-digits-10s']);
  // Chosen by the address, and another one by hand since then: the way back stays open.
  expect(ids('whisper-base', 'whisper-digits-10s')).toEqual(['whisper-base', 'whisper-digits-10s']);
});

test('a device with the hub’s Whisper base goes on with it, unless the other is here or something else was chosen', () => {
  const bundled: ModelState = { ...base, source: 'bundled' };
  const hub: ModelState = { ...whole, id: 'whisper-base-hub' };
  expect(goesOnWithHub([bundled, hub], null)).toBe(true);
  expect(goesOnWithHub([bundled, hub], 'whisper-base')).toBe(true);
  expect(goesOnWithHub([bundled, hub], 'whisper-tiny')).toBe(false);
  expect(goesOnWithHub([{ ...bundled, storedBytes: 1 }, hub], null)).toBe(false);
  expect(goesOnWithHub([bundled, { ...hub, ready: false }], null)).toBe(false);
  expect(goesOnWithHub([bundled], null)).toBe(false);
});

test('a check says that all is right, or what was mended', () => {
  expect(verifiedWords('Whisper base', [])).toMatchObject({
    kind: 'ok',
    sentence: 'All right: every byte of Whisper base was read again and is the right one.',
  });
  expect(verifiedWords('Whisper base', ['a', 'b'])).toMatchObject({
    kind: 'ok',
    sentence: '2 files of Whisper base were damaged and fetched again. All right now.',
    details: ['a', 'b'],
  });
});

test.describe('an import says', () => {
  const stored = [{ modelId: 'whisper-base', path: 'config.json' }];

  test('that a model is whole', () => {
    expect(importWords({ ...nothing, stored }, [whole])).toEqual({
      kind: 'ok',
      sentence: 'Whisper base is here: checked and ready.',
      more: '',
      details: [],
    });
  });

  test('what is missing, and the next step', () => {
    const part = { ...base, storedBytes: 8_959_619 };
    expect(importWords({ ...nothing, stored, unknown: ['x/notes.txt'] }, [part])).toEqual({
      kind: 'news',
      sentence: '1 file of Whisper base is kept, 200 MB are missing. 1 file belongs to no model Earshot knows.',
      more: 'Import the rest of Whisper base, or download it: only what is missing is fetched.',
      details: ['Not known: x/notes.txt'],
    });
  });

  test('what was damaged, and what was refused and why', () => {
    expect(
      importWords({ ...nothing, damaged: ['a.onnx'], refused: [{ path: 'b.zip', why: 'The archive is broken.' }] }, [
        base,
      ]),
    ).toEqual({
      kind: 'fault',
      sentence: '1 file is damaged and not kept. b.zip was refused: the archive is broken.',
      more: 'Copy what is damaged again from where it came, then import it.',
      details: ['Damaged: a.onnx'],
    });
  });

  test('that nothing of it is a model', () => {
    const said = importWords({ ...nothing, unknown: ['cat.zip/cat.jpg'] }, [base]);
    expect(said).toMatchObject({ kind: 'news', sentence: 'No model that Earshot knows was in that.' });
    expect(said.more).toContain('Choose the folder of a model');
    expect(said.details).toEqual(['Not known: cat.zip/cat.jpg']);
  });

  test('no endless list', () => {
    const unknown = Array.from({ length: 1000 }, (_, index) => `file ${index}`);
    const { details } = importWords({ ...nothing, unknown }, []);
    expect(details).toHaveLength(21);
    expect(details.at(-1)).toBe('Not known: 980 more');
  });
});

test('a wish that failed says why; one that was stopped says nothing', () => {
  expect(failedWords('download', 'Whisper base', { name: ABORTED, detail: '' })).toBeNull();
  const full = { name: 'StorageFull', detail: '' } as const;
  expect(failedWords('download', 'Whisper base', full, { needBytes: 209e6, freeBytes: 90e6 })).toMatchObject({
    sentence: 'The browser has no room for the model: 209 MB needed, 90 MB free.',
    more: 'Free some space, then try again.',
  });
  expect(failedWords('import', '', full)?.more).toContain('import it again');
  expect(failedWords('verify', 'Whisper base', { name: 'DownloadFailed', detail: 'x' })).toMatchObject({
    kind: 'fault',
    sentence: 'Part of Whisper base was damaged and thrown away, and could not be fetched again.',
    details: ['x'],
  });
  expect(failedWords('export', 'Whisper base', { name: 'ModelDamaged', detail: '' })?.sentence).toContain('damaged');
  const refused = { name: 'EngineFailed', detail: 'This is not a Whisper.' } as const;
  expect(failedWords('add', '', refused)).toMatchObject({ sentence: 'This is not a Whisper.', details: [] });
  const noAddress = { name: 'DownloadFailed', detail: 'It begins with https://.' } as const;
  expect(failedWords('mirror', '', noAddress)?.sentence).toBe('It begins with https://.');
  expect(failedWords('add', '', noAddress)?.details).toEqual(['It begins with https://.']);
  const notYet = { name: 'HostNotAllowed', detail: 'This page may not fetch from there yet. Reload it once.' } as const;
  for (const verb of ['download', 'add', 'verify'] as const)
    expect(failedWords(verb, 'x', notYet)).toMatchObject({ kind: 'fault', sentence: notYet.detail, details: [] });
  expect(failedWords('delete', 'x', refused)?.sentence).toBe('The model store could not do that.');
});

test('weights, archives and what lies beside weights are a model; recordings and lone notes are not', () => {
  const give = (...paths: string[]) =>
    sortOut(paths.map((path) => ({ path, file: new File(['x'], path.split('/').at(-1) ?? '') })));
  const modelOf = (...paths: string[]) => give(...paths).model.map(({ path }) => path);
  expect(modelOf('whisper-base.zip', 'a.mp3')).toEqual(['whisper-base.zip']);
  expect(modelOf('notes.txt', 'a.mp3', 'config.json')).toEqual([]);
  expect(modelOf('config.json', 'encoder_model.onnx')).toEqual(['config.json', 'encoder_model.onnx']);
  expect(modelOf('m/onnx/encoder_model.onnx', 'm/config.json', 'm/talk.wav', 'other/config.json')).toEqual([
    'm/onnx/encoder_model.onnx',
    'm/config.json',
  ]);
  expect(modelOf('holiday/photos.zip', 'holiday/a.mp3'), 'nobody pointed at that archive').toEqual([]);
  expect(give('m/a.onnx', 'm/talk.wav').rest.map(({ path }) => path)).toEqual(['m/talk.wav']);
});

test('a file is heard with the model that was chosen, the demonstration with its own, and an unknown one with the default', () => {
  const digits: ModelState = { ...base, id: 'whisper-digits-10s', source: 'bundled' };
  const tiny: ModelState = { ...base, id: 'whisper-tiny' };
  expect(modelFor(false, 'whisper-tiny', [base, tiny, digits])).toBe('whisper-tiny');
  expect(modelFor(true, 'whisper-tiny', [base, tiny, digits])).toBe('whisper-digits-10s');
  expect(modelFor(false, 'gone', [tiny, base])).toBe('whisper-base');
  expect(modelFor(false, 'gone', [tiny])).toBe('whisper-tiny');
  expect(modelFor(false, 'gone', null)).toBe('whisper-base');
});

test('files start with what is here or comes with the page, and wait for a yes to anything else', () => {
  expect(needsNoQuestion({ ...base, ready: true })).toBe(true);
  expect(needsNoQuestion({ ...base, ready: false })).toBe(false);
  expect(needsNoQuestion({ ...base, source: 'bundled', ready: false })).toBe(true);
  expect(needsNoQuestion(undefined)).toBe(false);
});
