/** Files as they come to a page: pasted, picked as a folder, dropped as a folder. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, fixture, test } from '../browser.ts';
import { heard } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const LONG = { timeout: 60_000 };

test('a pasted file is taken, and what is no sound in a folder is left, however the folder comes', async ({ app }) => {
  const folder = test.info().outputPath('tapes');
  mkdirSync(join(folder, 'side b'), { recursive: true });
  cpSync(CLIP, join(folder, 'tape 10.wav'));
  cpSync(CLIP, join(folder, 'tape 9.wav'));
  cpSync(CLIP, join(folder, 'side b', 'tape 11.wav'));
  writeFileSync(join(folder, 'notes.txt'), 'not a sound');
  writeFileSync(join(folder, '.hidden.wav'), 'not a sound');
  await app.open(QUERY);
  await expect(app.getByLabel('Add files')).toBeAttached();
  const names = () => app.getByRole('list', { name: 'Queue' }).locator('.name').allTextContents();

  await app.getByLabel('Add a folder').setInputFiles(folder);
  await expect.poll(async () => (await names()).sort()).toEqual(['tape 10.wav', 'tape 11.wav', 'tape 9.wav']);
  await app.reload();
  await expect(app.getByLabel('Add files')).toBeAttached();
  // What waits is known after a reload.
  await expect.poll(async () => (await names()).length).toBe(3);
  for (let left = 3; left > 0; left -= 1) {
    await app.getByRole('list', { name: 'Queue' }).getByRole('button', { name: 'Remove' }).first().click();
    await expect.poll(async () => (await names()).length).toBe(left - 1);
  }

  await app.evaluate(
    ([bytes]) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([new Uint8Array(bytes)], 'pasted.wav', { type: 'audio/wav' }));
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    },
    [[...readFileSync(CLIP)]] as const,
  );
  await expect.poll(names).toEqual(['pasted.wav']);
  await expect(app.getByRole('listitem').filter({ hasText: 'pasted.wav' })).toContainText('Done in', LONG);
  expect(await heard(app)).toBe('two eight six seven zero four four zero');

  // The browser's own drop, with a real folder behind it: tape 9 before tape 10, as a person counts.
  const devtools = await app.context().newCDPSession(app);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
  }
  // Folder by folder, as their paths sort.
  await expect.poll(async () => (await names()).slice(1)).toEqual(['tape 11.wav', 'tape 9.wav', 'tape 10.wav']);
});
