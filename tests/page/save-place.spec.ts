/** "Save to…": a file of the page's own disk stands for the one a person has chosen in the browser's dialog. */
import { readFileSync } from 'node:fs';
import { expect, test, type App } from '../browser.ts';
import { addFiles, heard } from './words.ts';

const SRT = '1\n00:00:00,500 --> 00:00:03,000\nAnd so, my fellow Americans\n';
const dialog = (app: App) => app.getByRole('dialog');
const save = (app: App) => dialog(app).getByRole('button', { name: 'Save to…' });
const status = (app: App) => dialog(app).getByRole('status');

/** What is in `window.refuses` the browser does not let happen. */
async function opened(app: App): Promise<void> {
  await app.addInitScript(() => {
    const refuses = new Set<string>();
    let asked = 0;
    Object.assign(window, { refuses, asked: () => asked });
    Object.assign(window, {
      showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => {
        asked += 1;
        if (refuses.has('asking')) throw new DOMException('no press', 'SecurityError');
        const disk = await navigator.storage.getDirectory();
        // As the browser's own dialog does: the file is there, and empty, when it closes.
        const place = await disk.getFileHandle(suggestedName, { create: true });
        const open = place.createWritable.bind(place);
        return Object.assign(place, {
          queryPermission: () => Promise.resolve(refuses.has('permission') ? 'denied' : 'granted'),
          createWritable: async () => {
            const stream = await open();
            if (refuses.has('writing'))
              stream.write = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
            return stream;
          },
        });
      },
    });
  });
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, { name: 'talk.srt', mimeType: 'text/plain', buffer: Buffer.from(SRT) });
  await expect.poll(() => heard(app)).toContain('my fellow Americans');
  await app.getByRole('button', { name: 'Export' }).click();
  await app.getByRole('menuitem', { name: 'More formats, shape and preview…' }).click();
  await expect(dialog(app)).toBeVisible();
}

/** What lies on the disk, by name. */
const files = (app: App) =>
  app.evaluate(async () => {
    const found: Record<string, string> = {};
    const disk = (await navigator.storage.getDirectory()) as unknown as AsyncIterable<[string, FileSystemHandle]>;
    for await (const [name, handle] of disk) {
      if (handle instanceof FileSystemFileHandle && /\.(srt|docx|txt)$/.test(name)) {
        found[name] = await (await handle.getFile()).text();
      }
    }
    return found;
  });

const refuse = (app: App, what: string | null) =>
  app.evaluate((what) => {
    const { refuses } = window as unknown as { refuses: Set<string> };
    refuses.clear();
    if (what !== null) refuses.add(what);
  }, what);

test('what is saved is whole, or it goes to the downloads, and no empty file stays behind', async ({ app }) => {
  await opened(app);
  await dialog(app).getByLabel('Format').selectOption('srt');
  for (const [what, sentence] of [
    ['asking', 'The browser did not allow writing there: talk.srt goes to your downloads.'],
    ['permission', 'The browser did not allow writing there: talk.srt goes to your downloads.'],
    ['writing', 'The browser could not write there: talk.srt goes to your downloads.'],
  ] as const) {
    await refuse(app, what);
    const download = app.waitForEvent('download');
    await save(app).click();
    await expect(status(app)).toHaveText(sentence);
    expect(readFileSync(await (await download).path(), 'utf8')).toContain('my fellow Americans');
    expect(await files(app)).toEqual({});
  }
  await refuse(app, null);
  await save(app).click();
  await expect(status(app)).toHaveText('talk.srt is saved.');
  expect((await files(app))['talk.srt']).toContain('my fellow Americans');
  // An older file stays as it was where the new one does not come to its end.
  const before = await files(app);
  await refuse(app, 'writing');
  const download = app.waitForEvent('download');
  await save(app).click();
  await download;
  expect(await files(app)).toEqual(before);
});

test('a file that cannot be made has no place asked for', async ({ app }) => {
  await opened(app);
  await app.route('**/*docx*', (route) => route.abort());
  await dialog(app).getByLabel('Format').selectOption('docx');
  await save(app).click();
  await expect(status(app)).toHaveText('The file could not be written.');
  expect(await app.evaluate(() => (window as unknown as { asked: () => number }).asked())).toBe(0);
  expect(await files(app)).toEqual({});
  app.consoleErrors.splice(0);
});
