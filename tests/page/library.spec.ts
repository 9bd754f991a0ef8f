/** The library as a person uses it: searched with a jump, renamed, copied, deleted and put back, saved as a file and read. */
import { unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, test } from '../browser.ts';
import { expectAccessible } from './accessible.ts';
import { keepCues } from './kept-transcript.ts';

const region = (page: Page) => page.getByRole('region', { name: 'Library' });
const rows = (page: Page) => region(page).getByRole('list', { name: 'Transcripts' }).locator('> li');
const row = (page: Page, name: string) => rows(page).filter({ hasText: name });
const link = (page: Page) => page.getByRole('link', { name: 'Library', exact: true });

const lines = (about: string) =>
  Array.from({ length: 120 }, (_, at) => ({
    start: at * 4,
    end: at * 4 + 3.5,
    text: at === 100 ? `and then the ${about} turned` : `sentence ${at} of it`,
  }));

/** Transcripts as earlier visits left them, of which only the last thirty finished ones come into the queue. */
async function kept(page: Page, others: number): Promise<void> {
  const header = (id: string, name: string, added: number) => ({ id, name, added, size: 5, lastModified: added });
  await keepCues(page, lines('Léns'), header('keeper-0', 'keeper.mp3', 1_700_000_000_000));
  await keepCues(page, lines('windmill'), header('miller-0', 'miller.mp3', 1_700_000_100_000));
  for (let at = 0; at < others; at++)
    await keepCues(
      page,
      [{ start: 0, end: 2, text: `note ${at}` }],
      header(`other-${100 + at}`, `other ${at}.mp3`, 1_700_000_200_000 + at),
    );
}

test('found, opened at its moment, renamed, copied, deleted, put back, saved and read: by mouse and by keys', async ({
  app,
}) => {
  test.slow();
  await app.open();
  await expect(app.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
  await kept(app, 31);
  await app.reload();
  // The queue has the last thirty of what is finished; the library has all.
  await expect(app.getByRole('list', { name: 'Queue' }).getByRole('listitem')).toHaveCount(30);
  await link(app).click();
  await expect(region(app).getByRole('heading', { name: /^Library 33 transcripts/ })).toBeVisible();
  await expect(row(app, 'miller.mp3')).toContainText('English');

  // Two places far apart, without case and accents; a jump goes to the cue.
  const search = region(app).getByRole('searchbox', { name: 'Search all transcripts' });
  await search.fill('LENS turned');
  await expect(region(app).getByRole('status').filter({ hasText: '1 place in 1 transcript' })).toBeVisible();
  await expect(rows(app)).toHaveCount(1);
  await expect(row(app, 'keeper.mp3').locator('mark')).toHaveText('Léns turned');
  await expectAccessible(app);
  await row(app, 'keeper.mp3')
    .getByRole('button', { name: /and then the/ })
    .click();
  const transcript = app.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByRole('heading', { name: 'Transcript keeper.mp3' })).toBeVisible();
  await expect(transcript.getByRole('textbox', { name: 'Text at 6:40' })).toBeFocused();

  // By keys: to the library, and another title.
  await link(app).focus();
  await app.keyboard.press('Enter');
  await expect(rows(app)).toHaveCount(33);
  await row(app, 'miller.mp3').getByRole('button', { name: 'Rename miller.mp3' }).focus();
  await app.keyboard.press('Enter');
  await expect(region(app).getByRole('textbox', { name: 'Title of miller.mp3' })).toBeFocused();
  await app.keyboard.type('The miller');
  await app.keyboard.press('Enter');
  await expect(row(app, 'The miller').getByRole('button', { name: 'Rename The miller' })).toBeFocused();
  await row(app, 'The miller').getByRole('button', { name: 'Duplicate The miller' }).click();
  await expect(rows(app)).toHaveCount(34);
  await row(app, 'The miller, copy').getByRole('button', { name: 'Delete The miller, copy' }).click();
  await expect(rows(app)).toHaveCount(33);
  await app.getByRole('button', { name: /Undo|Put it back/ }).click();
  await expect(rows(app)).toHaveCount(34);
  await row(app, 'The miller, copy').getByRole('button', { name: 'Delete The miller, copy' }).click();
  await expect(rows(app)).toHaveCount(33);

  // As one file; two are deleted, and come back when it is dropped on the page. The rest is not doubled.
  const saved = app.waitForEvent('download');
  await region(app).getByRole('button', { name: 'Save all as one file' }).click();
  const bytes = readFileSync(await (await saved).path());
  for (const name of ['The miller', 'keeper.mp3']) {
    await row(app, name)
      .getByRole('button', { name: `Delete ${name}` })
      .click();
    await expect(row(app, name)).toHaveCount(0);
  }
  await app.getByRole('link', { name: 'Transcribe', exact: true }).click();
  const dropped = await app.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const content = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    transfer.items.add(new File([content], 'library.zip', { type: 'application/zip' }));
    return transfer;
  }, bytes.toString('base64'));
  await app.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expect(app.getByText('2 transcripts from library.zip are in the library now.')).toBeVisible();
  await expect(app.getByText('31 were here already.')).toBeVisible();
  await expect(rows(app)).toHaveCount(33);
  await row(app, 'The miller').getByRole('button', { name: 'The miller', exact: true }).click();
  await expect(transcript.getByRole('textbox').nth(100)).toHaveText('and then the windmill turned');
});

test('what is saved as one file is without what was deleted a moment ago', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await expect(app.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
  await kept(app, 0);
  await app.reload();
  await link(app).click();
  await expect(rows(app)).toHaveCount(2);
  await app.getByRole('link', { name: 'Transcribe', exact: true }).click();
  // A correction whose write takes until it is let go of: the deletion waits for it.
  await app.evaluate(() => {
    const { prototype } = IDBObjectStore;
    const put = Reflect.get(prototype, 'put');
    IDBTransaction.prototype.commit = () => {};
    const hold = (store: IDBObjectStore) => {
      store.getKey('nothing').onsuccess = () => {
        if (!('letGo' in globalThis)) hold(store);
      };
    };
    prototype.put = function (this: IDBObjectStore, ...record) {
      hold(this);
      return Reflect.apply(put, this, record);
    };
  });
  const words = app.getByRole('textbox', { name: /^Text at/ }).first();
  await words.fill('something else');
  await words.blur();
  await link(app).click();
  await row(app, 'keeper.mp3').getByRole('button', { name: 'Delete keeper.mp3' }).click();
  await expect(rows(app)).toHaveCount(1);
  const saved = app.waitForEvent('download');
  await region(app).getByRole('button', { name: 'Save all as one file' }).click();
  await app.evaluate(() => Object.assign(globalThis, { letGo: true }));
  const files = Object.keys(unzipSync(readFileSync(await (await saved).path())));
  expect(files).toEqual(['earshot-library.json', 'transcripts/miller.json']);
});

test.describe('on a phone at night', () => {
  test.use({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' });

  test('an empty library says what comes there; a full one fits, and says what it takes', async ({ app }) => {
    await app.open('#library');
    await expect(region(app)).toContainText('No transcripts yet');
    await kept(app, 1);
    await app.reload();
    await expect(rows(app)).toHaveCount(3);
    await expect(region(app)).toContainText(/Transcripts and models take .+ on this device/);
    await expectAccessible(app);
    // Asked once, whatever the answer.
    await region(app).getByRole('button', { name: 'Ask the browser to keep them' }).click();
    await expect(region(app)).toContainText(/The browser (has promised|did not promise)/);
    await expect(region(app).getByRole('button', { name: 'Ask the browser to keep them' })).toHaveCount(0);
    await app.reload();
    await expect(rows(app)).toHaveCount(3);
    // Where it stood.
    await expect(region(app)).toContainText(/Transcripts and models take .+ on this device/);
    await expect(region(app).getByRole('button', { name: 'Ask the browser to keep them' })).toHaveCount(0);
  });
});
