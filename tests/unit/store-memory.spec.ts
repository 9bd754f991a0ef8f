/** The model store where there is no IndexedDB at all, as here in Node: what is written is held in memory. */
import { createHash } from 'node:crypto';
import { expect, test } from 'playwright/test';
import { CHUNK_BYTES, ChunkDatabase } from '../../workers/store/chunks.ts';
import { Database } from '../../workers/store/database.ts';
import { FileSink } from '../../workers/store/file-sink.ts';
import type { CatalogueModel } from '../../workers/store/model-files.ts';
import { stateOf } from '../../workers/store/model-state.ts';
import { chunksOf, keyOf } from '../../workers/store/shelf.ts';
import { StoredModels } from '../../workers/store/stored-models.ts';

const BYTES = Uint8Array.from({ length: CHUNK_BYTES + 1234 }, (_, index) => index % 251);
const FILE = {
  path: 'onnx/encoder_model.onnx',
  bytes: BYTES.length,
  sha256: createHash('sha256').update(BYTES).digest('hex'),
};
const MODEL: CatalogueModel = {
  id: 'fake',
  name: 'Fake',
  source: 'bundled',
  repo: 'fake',
  revision: '1',
  multilingual: true,
  backends: ['cpu'],
  form: 'q4',
  sessions: {},
  licence: 'MIT',
  files: [FILE],
};

test('values are held under their keys, and it is known that they are not kept', async () => {
  const database = new Database('nowhere', 'values');
  await database.set('a', 1);
  await database.setMany([
    ['b', 2],
    ['c', 3],
  ]);
  expect(database.keeps).toBe(false);
  await database.update<number>('a', (value) => (value ?? 0) + 10);
  await database.update<number>('d', (value) => (value ?? 0) + 10);
  await database.delete(['b']);
  expect(await database.keys()).toEqual(['a', 'c', 'd']);
  expect(await database.get('a')).toBe(11);
  expect(await database.getMany(['c', 'b', 'd'])).toEqual([3, undefined, 10]);
});

test('a file is verified and read as from a disk, and is not said to be on this device', async () => {
  const database = new ChunkDatabase();
  const sink = await FileSink.open(database, keyOf(MODEL, FILE.path), FILE);
  await sink.write(BYTES);
  expect(await sink.commit()).toBe(true);
  const chunks = await chunksOf(database, MODEL, FILE);
  expect(new Uint8Array(await new Blob(chunks as Blob[]).arrayBuffer())).toEqual(BYTES);
  const state = await stateOf(database, MODEL, await database.keys(), 'https://huggingface.co');
  expect(state).toMatchObject({ ready: false, storedBytes: 0, partialBytes: 0, checkedAt: null });
});

test('a worker reads the files that another one lends', async () => {
  const stored = new StoredModels([MODEL]);
  expect(await stored.ready('fake')).toBe(false);
  await expect(stored.blob('fake', FILE.path)).rejects.toMatchObject({ name: 'ModelMissing' });
  const blob = new Blob([BYTES]);
  stored.lend([{ path: `fake/${FILE.path}`, blob }]);
  expect(await stored.ready('fake')).toBe(true);
  expect(await stored.blob('fake', FILE.path)).toBe(blob);
});
