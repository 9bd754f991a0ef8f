/** A transcript that was deleted in the library comes back with all that was kept beside its words, and a copy has it, too. */
import { expect, fixture, test, type App } from '../browser.ts';
import { keepCues, keptKeys } from './kept-transcript.ts';
import { addFiles } from './words.ts';

const BESIDE = [
  ['earshot-speakers', 'voices', 'kept', { table: { version: 1 }, stated: null, turns: [], whole: true }],
  [
    'earshot-translations',
    'jobs',
    'kept',
    { language: 'de', texts: new Map([['0-0', { of: 'the words', text: 'die Worte' }]]) },
  ],
  ['earshot-files', 'files', '5-1-kept.wav', { handle: null, print: 'of its contents' }],
] as const;

async function keep(app: App): Promise<void> {
  for (const [name, table, key, value] of BESIDE) {
    await app.evaluate(
      async ({ name, table, key, value }) => {
        const open = indexedDB.open(name);
        open.onupgradeneeded = () => open.result.createObjectStore(table);
        await new Promise((resolve) => (open.onsuccess = resolve));
        const write = open.result.transaction(table, 'readwrite');
        write.objectStore(table).put(value, key);
        await new Promise((resolve) => (write.oncomplete = resolve));
        open.result.close();
      },
      { name, table, key, value },
    );
  }
}

/** Of the job's record and of what lies beside it, the databases that have it. */
function there(app: App, id = 'kept'): Promise<string[]> {
  return app.evaluate(
    async ([id, ...places]) => {
      const found: string[] = [];
      for (const [name, table, key] of places) {
        const open = indexedDB.open(name);
        await new Promise((resolve) => (open.onsuccess = resolve));
        const read = open.result
          .transaction(table)
          .objectStore(table)
          .getKey(key === 'kept' ? id : key);
        await new Promise((resolve) => (read.onsuccess = resolve));
        if (read.result !== undefined) found.push(name);
        open.result.close();
      }
      return found.sort();
    },
    [id, ['earshot-transcripts', 'jobs', 'kept'], ...BESIDE.map(([name, table, key]) => [name, table, key])] as const,
  );
}

const ALL = ['earshot-files', 'earshot-speakers', 'earshot-transcripts', 'earshot-translations'];

test('its words, its translation, its voices, and where its recording lies', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await expect(app.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
  await keepCues(app, [{ start: 0, end: 2, text: 'the words' }]);
  await keep(app);
  await app.reload();
  await app.getByRole('link', { name: 'Library', exact: true }).click();
  const row = app.getByRole('region', { name: 'Library' }).getByRole('listitem').filter({ hasText: 'kept.wav' });
  await expect(row).toHaveCount(1);
  expect(await there(app)).toEqual(ALL);
  await row.getByRole('button', { name: 'Delete kept.wav' }).click();
  await expect(row).toHaveCount(0);
  await expect.poll(() => there(app)).toEqual(['earshot-files']);
  // The list is read anew, which tidies up behind what is gone.
  await app.getByRole('link', { name: 'Transcribe', exact: true }).click();
  await app.getByRole('link', { name: 'Library', exact: true }).click();
  await expect(app.getByRole('region', { name: 'Library' })).toContainText('No transcripts yet');
  await app.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(row).toHaveCount(1);
  await expect.poll(() => there(app)).toEqual(ALL);
});

test('a file that is given again while its transcript is still being deleted is heard anew', async ({ app }) => {
  const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  const clip = fixture('windows/synthetic_en_10s_0.wav');
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, clip);
  await expect(row).toContainText('Done', { timeout: 60_000 });
  await app.reload();
  // The list on the disk has been read.
  await expect(row).toContainText('Saved');
  // A correction whose write takes until the list on the disk is asked for: what is deleted meanwhile is deleted after it.
  await app.evaluate(() => {
    const { prototype } = IDBObjectStore;
    const put = Reflect.get(prototype, 'put');
    const openCursor = Reflect.get(prototype, 'openCursor');
    let asked = false;
    IDBTransaction.prototype.commit = () => {};
    const hold = (store: IDBObjectStore) => {
      store.getKey('nothing').onsuccess = () => {
        if (!asked) hold(store);
      };
    };
    prototype.put = function (this: IDBObjectStore, ...record) {
      hold(this);
      return Reflect.apply(put, this, record);
    };
    prototype.openCursor = function (this: IDBObjectStore, ...range) {
      asked = true;
      return Reflect.apply(openCursor, this, range);
    };
  });
  const words = app.getByRole('textbox', { name: /^Text at/ }).first();
  await words.fill('something else');
  await words.blur();
  await row.getByRole('button', { name: 'Remove' }).click();
  await addFiles(app, clip);
  await expect(row).toContainText('Done', { timeout: 60_000 });
  await app.reload();
  await expect(row).toContainText('Saved');
  await expect(app.getByRole('textbox', { name: /^Text at/ }).first()).toBeVisible();
});

/** The names that the jobs on the disk have there. */
const ids = async (app: App) => (await keptKeys(app)).filter((key) => !key.includes('/'));

test('a copy of it has the same, also when the first is deleted', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await expect(app.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
  await keepCues(app, [{ start: 0, end: 2, text: 'the words' }]);
  await keep(app);
  await app.reload();
  await app.getByRole('link', { name: 'Library', exact: true }).click();
  const rows = app.getByRole('region', { name: 'Library' }).getByRole('listitem').filter({ hasText: 'kept.wav' });
  await rows.getByRole('button', { name: 'Duplicate kept.wav' }).click();
  await expect(rows).toHaveCount(2);
  const [copy] = (await ids(app)).filter((id) => id !== 'kept');
  expect(await there(app, copy)).toEqual(ALL);
  await rows.getByRole('button', { name: 'Delete kept.wav', exact: true }).click();
  await expect(rows).toHaveCount(1);
  await app.getByRole('link', { name: 'Transcribe', exact: true }).click();
  await app.getByRole('link', { name: 'Library', exact: true }).click();
  await expect(rows).toHaveCount(1);
  await expect.poll(() => ids(app)).toEqual([copy]);
  expect(await there(app, copy)).toEqual(ALL);
});
