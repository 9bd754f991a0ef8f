/** The sound after a reload: by one press, by itself, or by the same recording under another name. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { addFiles } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const LONG = { timeout: 60_000 };

const player = (page: Page) => page.getByRole('region', { name: 'Player' });
const queue = (page: Page) => page.getByRole('list', { name: 'Queue' });

/** The picker gives a file of the page's own file system, whose handles can be kept as those of the disk are. */
const PICKER = `
  globalThis.showOpenFilePicker = async () => [
    await (await navigator.storage.getDirectory()).getFileHandle('tape.wav'),
  ];
  FileSystemHandle.prototype.queryPermission = async () => 'prompt';
  FileSystemHandle.prototype.requestPermission = async () => 'granted';
`;

test('one press, and the sound is there again; a renamed copy is known by its contents', async ({ app }) => {
  test.slow();
  await app.addInitScript({ content: PICKER });
  await app.open(QUERY);
  const bytes = readFileSync(CLIP);
  await app.evaluate(async (base64) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle('tape.wav', { create: true });
    const stream = await handle.createWritable();
    await stream.write(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
    await stream.close();
  }, bytes.toString('base64'));
  await app.getByLabel('Add files').click();
  await expect(queue(app)).toContainText('Done', LONG);
  await expect(player(app).getByRole('button', { name: 'Play' })).toBeEnabled();

  await app.reload();
  await player(app).getByRole('button', { name: 'Hear the sound again' }).click();
  await expect(player(app).getByRole('button', { name: 'Play' })).toBeEnabled();
  await expect(queue(app).getByRole('listitem')).toHaveCount(1);

  // The same recording under another name and date: known by what is in it.
  await app.reload();
  await expect(player(app).getByRole('button', { name: 'Hear the sound again' })).toBeVisible();
  const other = Buffer.from(bytes);
  other[other.length - 9] ^= 1;
  await addFiles(app, { name: 'copy.wav', mimeType: 'audio/wav', buffer: bytes });
  await expect(player(app).getByRole('button', { name: 'Play' })).toBeEnabled();
  await expect(queue(app).getByRole('listitem')).toHaveCount(1);
  await expect(queue(app)).toContainText('tape.wav');

  // One that is as long, and another, is not taken for it.
  await app.reload();
  await expect(player(app)).toContainText('Add the file again to hear it.');
  await addFiles(app, { name: 'copy 2.wav', mimeType: 'audio/wav', buffer: other });
  await expect(queue(app).getByRole('listitem')).toHaveCount(2);
});
