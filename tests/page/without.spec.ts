/** The page in browsers that lack an interface: the words come all the same, and what cannot be done is said. */
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { runFirst } from './taken.ts';
import { addFiles, heard } from './words.ts';

const QUERY = '?model=whisper-digits-10s';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };

const items = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');

/** What some browsers lack, and how it is taken away. */
const LACKS: Record<string, string> = {
  'no WebGPU at all': 'delete (self.Navigator ?? self.WorkerNavigator).prototype.gpu;',
  'no stack switching (JSPI)': 'delete WebAssembly.Suspending; delete WebAssembly.promising;',
  'no pickers and no handles of files': `
    delete self.showOpenFilePicker; delete self.showSaveFilePicker; delete self.showDirectoryPicker;
    if (self.DataTransferItem) delete DataTransferItem.prototype.getAsFileSystemHandle;`,
  'no WebCodecs for sound': 'delete self.AudioDecoder; delete self.AudioData; delete self.EncodedAudioChunk;',
  // As in WebKitGTK 2.50, which says that it is isolated.
  'no shared memory': 'delete self.SharedArrayBuffer;',
  'no account of its storage': 'delete (self.Navigator ?? self.WorkerNavigator).prototype.storage;',
};

for (const [what, code] of Object.entries(LACKS)) {
  test(`${what}: a recording is heard`, async ({ app }) => {
    await runFirst(app, code);
    await app.open(QUERY);
    await addFiles(app, CLIP);
    await expect(items(app)).toContainText('Done', LONG);
    expect(await heard(app)).toBe(WORDS);
    await expect(app.getByRole('alert')).toHaveCount(0);
  });
}

/** A player that decodes nothing, either. */
const NO_PLAYER = `
  if (self.BaseAudioContext)
    BaseAudioContext.prototype.decodeAudioData = () => Promise.reject(new DOMException('no', 'EncodingError'));`;

test('what nothing here decodes is called by its name, with a way to convert it', async ({ app }) => {
  await runFirst(app, LACKS['no WebCodecs for sound'] + NO_PLAYER);
  await app.open(QUERY);
  await addFiles(app, fixture('media/bare-8k.mp3'), fixture('media/aac.m4a'), fixture('media/opus.opus'));
  await expect(items(app)).toHaveCount(3);
  for (const index of [0, 1, 2]) {
    const fault = items(app).nth(index).getByRole('alert');
    await expect(fault).toContainText(/MP3|AAC|Opus/i, LONG);
    await expect(items(app).nth(index)).toContainText('ffmpeg');
  }
});

/** Safari's private windows and WebKitGTK's ephemeral sessions end such a write so. */
const NO_BLOBS = `
  if (self.IDBObjectStore) {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
      if (!(value instanceof Blob)) return put.call(this, value, key);
      const request = put.call(this, null, 'refused');
      queueMicrotask(() => this.transaction.abort());
      return request;
    };
  }`;

test('a database that refuses Blobs keeps the model all the same, and a reload fetches nothing', async ({ app }) => {
  await runFirst(app, NO_BLOBS);
  await app.open(QUERY);
  await addFiles(app, CLIP);
  await expect(items(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
  await expect(app.getByText('keeps no models here')).toHaveCount(0);
  expect(app.requestLog.some((url) => url.includes('/models/'))).toBe(true);
  const stored = await app.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const open = indexedDB.open('earshot-models');
        open.onsuccess = () => {
          const all = open.result.transaction('chunks').objectStore('chunks').getAll();
          all.onsuccess = () => resolve(all.result.map((value) => Object.prototype.toString.call(value)));
        };
      }),
  );
  expect(stored.filter((type) => type === '[object ArrayBuffer]').length).toBeGreaterThan(3);
  expect(stored).not.toContain('[object Blob]');

  await app.reload();
  app.requestLog.length = 0;
  await expect(items(app)).toContainText('Saved');
  await items(app).getByRole('button', { name: 'Remove' }).click();
  await addFiles(app, CLIP);
  await expect(items(app)).toContainText('Done', LONG);
  expect(app.requestLog.filter((url) => url.includes('/models/'))).toEqual([]);
});
