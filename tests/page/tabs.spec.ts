/** Two tabs of the page on one device: a kept job belongs to one of them, and the other says so. */
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { wordErrorRate } from '../engine.ts';
import { lineOf } from '../fault-table.ts';
import { addFiles, allHeard, heard, repeated } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };

const row = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
const boxes = (page: Page) => page.getByRole('region', { name: 'Transcript' }).getByRole('textbox');

test('an unfinished file is run by one tab; the other says so, and goes on with it when that tab is gone', async ({
  app,
  site,
}) => {
  // On disk, so that both tabs see the same date, as a person's file has.
  const long = repeated(CLIP, 40);
  if (typeof long === 'string') throw new Error('a buffer was expected');
  const path = test.info().outputPath(long.name);
  writeFileSync(path, long.buffer);

  await app.open(QUERY);
  // Of an earlier stretch, so that it is known in the other tab whatever this one does.
  const other = await app.context().newPage();
  await other.goto(site.url + QUERY);
  await addFiles(other, path);
  await expect(boxes(other).first()).toBeVisible(LONG);
  await other.getByRole('button', { name: 'Cancel' }).click();
  await expect(row(other)).toContainText('Stopped at');

  await app.reload();
  await expect(row(app)).toContainText('Open in another tab, where it goes on. To go on here, close that tab.');
  await expect(row(app).getByRole('button')).toHaveCount(0);
  const words = await allHeard(other);
  await expect.poll(() => heard(app)).toBe(words);
  await expect(boxes(app).first()).toHaveAttribute('aria-readonly', 'true');
  await expect(boxes(app).first()).toHaveAttribute('contenteditable', 'false');

  // The same file here: nothing starts, and it is said why.
  await addFiles(app, path);
  await expect(app.getByRole('status').filter({ hasText: 'is open in another tab' })).toContainText(
    'long.wav is open in another tab, so it is not transcribed a second time.',
  );
  await expect(row(app)).toHaveCount(1);
  await expect(row(app).getByRole('progressbar')).toHaveCount(0);

  // A word put right there is here when the tab is gone, and the rest is heard here.
  await boxes(other).first().fill('TWO');
  await boxes(other).first().blur();
  await other.getByRole('button', { name: 'Retry' }).click();
  await expect(row(other).getByRole('progressbar')).toBeVisible();
  await expect(row(app)).toContainText('Open in another tab');
  await other.close();
  await expect(row(app)).toContainText('Done', LONG);
  const whole = await allHeard(app);
  expect(whole.startsWith('TWO eight')).toBe(true);
  expect(wordErrorRate(Array<string>(40).fill(WORDS).join(' '), whole.toLowerCase())).toBeLessThan(0.06);
  await expect(boxes(app).first()).not.toHaveAttribute('aria-readonly');

  // Taken off the list in one tab, it goes from the other too.
  const third = await app.context().newPage();
  await third.goto(site.url + QUERY);
  await expect(row(third)).toContainText('It can be read here; to change it here, close that tab.');
  await row(app).getByRole('button', { name: 'Remove' }).click();
  await expect(row(third)).toHaveCount(0);
  await app.getByRole('button', { name: 'Undo' }).click();
  await expect(row(app)).toContainText('Done', LONG);
  await expect.poll(() => heard(app)).toBe(whole);
  await third.close();
  // And it is kept.
  await app.reload();
  await expect(row(app)).toContainText('Saved');
  // A long transcript is drawn in parts.
  await expect.poll(() => heard(app)).toBe(whole);
  const how = 'by itself, when the other tab is closed';
  const survived = { fault: 'two tabs on the same library', phase: 'writing the words', lost: '0 words', how };
  test.info().annotations.push({ type: 'fault matrix', description: lineOf(survived) });
});

for (const [which, early] of [
  ['shows it', false],
  ['has not heard of it', true],
] as const)
  test(`a file is given in a tab that ${which} while another tab takes its transcript off the disk: both are kept`, async ({
    app,
    site,
  }) => {
    const other = await app.context().newPage();
    if (early) await other.goto(site.url + QUERY);
    if (early) await expect(other.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
    await app.open(QUERY);
    await addFiles(app, CLIP);
    await expect(row(app)).toContainText('Done', LONG);
    await expect.poll(() => heard(app)).toBe(WORDS);
    if (!early) await other.goto(site.url + QUERY);
    if (!early) await expect(row(other)).toContainText('Open in another tab');
    // What this tab removes waits for a correction, which is on the disk and of which the tab has not heard yet.
    await app.evaluate(() => {
      const native = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'oncomplete')!;
      const mayHear = new Promise((resolve) => Reflect.set(globalThis, 'hear', resolve));
      Object.defineProperty(IDBTransaction.prototype, 'oncomplete', {
        set(this: IDBTransaction, tell: () => void) {
          native.set!.call(this, this.mode === 'readonly' ? tell : () => void mayHear.then(tell));
        },
      });
    });
    await boxes(app).first().fill('TWO eight six');
    await boxes(app).first().blur();
    const corrected = await heard(app);
    await row(app).getByRole('button', { name: 'Remove' }).click();
    await expect(row(app)).toHaveCount(0);

    await addFiles(other, CLIP);
    await expect(row(other)).toContainText(/Waiting|Loading|Listening|Done/);
    await app.evaluate(() => (Reflect.get(globalThis, 'hear') as () => void)());
    await expect(row(other)).toContainText('Done', LONG);
    expect(await heard(other)).toBe(WORDS);

    await app.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => heard(app)).toBe(corrected);
    await other.close();
    await app.reload();
    await expect(row(app)).toHaveCount(2);
    const first = await heard(app);
    await row(app).getByRole('button', { name: 'Open' }).click();
    await expect.poll(() => heard(app)).not.toBe(first);
    expect([first, await heard(app)].sort()).toEqual([corrected, WORDS].sort());
  });
