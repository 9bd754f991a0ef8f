/** A new version while a tab is open: who asks for it gets it, and no job is lost or hears of it. */
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { dist, expect, fixture, hostHeaders, test, watch, type App } from '../browser.ts';
import { addFiles, allHeard, heard, repeated } from '../page/words.ts';
import { serve, type Site } from '../serve.mjs';
import { kept, settled } from './kept.ts';

const DIGITS = '?model=whisper-digits-10s&backend=cpu';
const LONG = { timeout: 60_000 };

/** Another build of the same sources: every file under assets/ has another name, everywhere. */
function deployNext(folder: string): void {
  const assets = join(folder, 'assets');
  // Chunks may share their name up to the hash, so each gets a number of its own in the place of its hash.
  const names = readdirSync(assets).map((name, at) => {
    const number = String(at).padStart(4, '0');
    return [name, name.replace(/-[\w-]{8}(\.\w+)$/, `-Next${number}$1`)] as const;
  });
  const texts = [
    ...readdirSync(assets)
      .filter((name) => /\.(js|css|mjs)$/.test(name))
      .map((name) => join(assets, name)),
    join(folder, 'index.html'),
    join(folder, 'sw.js'),
  ];
  for (const path of texts) {
    let text = readFileSync(path, 'utf8');
    for (const [name, next] of names) text = text.replaceAll(name, next);
    // Its precached index.html is another revision as well.
    writeFileSync(path, basename(path) === 'sw.js' ? text.replace(/("revision":")\w+/g, '$1next') : text);
  }
  for (const [name, next] of names) renameSync(join(assets, name), join(assets, next));
}

/** The page of a host of its own, whose next version can come, ready for use without network. */
async function visited(app: App): Promise<{ copy: string; site: Site }> {
  const copy = join(dist, '../tests/.out/next');
  rmSync(copy, { recursive: true, force: true });
  cpSync(dist, copy, { recursive: true });
  const site = await serve(copy, { headers: hostHeaders() });
  app.allowed.push(site.url);
  await app.goto(site.url + DIGITS);
  await settled(app, 2);
  return { copy, site };
}

test('a tab that reloads into a new version leaves the job of another tab alone, and its files in place', async ({
  app,
}) => {
  test.slow();
  const { copy, site } = await visited(app);
  const other = await app.context().newPage();
  const { consoleErrors } = watch(other);
  await other.goto(site.url + DIGITS);

  // Long enough to be heard still when the new version is there, which takes longer to come on a busy machine.
  const tape = test.info().outputPath('tape.wav');
  writeFileSync(tape, repeated(fixture('windows/synthetic_en_10s_0.wav'), 150).buffer);
  await addFiles(app, tape);
  await expect.poll(() => heard(app), LONG).toContain('two eight');
  await app.evaluate(() => Object.assign(window, { sameVisit: true }));

  deployNext(copy);
  await other.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  const ready = (page: typeof other) => page.getByRole('status').filter({ hasText: 'A new version is ready.' });
  await expect(ready(other)).toBeVisible(LONG);
  // Where a job runs it is told, and cannot be pressed.
  await expect(ready(app).getByRole('button', { name: 'Reload' })).toBeDisabled();
  await Promise.all([other.waitForEvent('load'), ready(other).getByRole('button', { name: 'Reload' }).click()]);
  await expect(ready(other)).toHaveCount(0);
  expect(await other.evaluate(() => document.querySelector('script[src]')?.getAttribute('src'))).toMatch(
    /-Next\d{4}\./,
  );

  // The job goes on to its end, in the same visit.
  await expect(
    app.getByRole('status').filter({ hasText: 'Another tab has gone over to a new version.' }),
  ).toBeVisible();
  const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(row.first()).toContainText('Done in', { timeout: 180_000 });
  expect(await app.evaluate(() => 'sameVisit' in window)).toBe(true);
  // Its old files are gone from the host, not from this device: the panel, and a fresh worker, still come.
  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  await expect(app.getByRole('region', { name: 'Offline' })).toBeVisible();
  await app.getByRole('link', { name: 'Transcribe' }).click();
  await app.getByRole('combobox', { name: 'Backend' }).selectOption('GPU');
  await addFiles(app, fixture('windows/synthetic_en_10s_1.wav'));
  // By its number: until its row is there, the last one is that of the tape.
  await expect(row.nth(1)).toContainText('Done in', LONG);
  const words = await heard(app);
  expect(words).not.toContain('two eight');
  expect(words).not.toBe('');

  // With the old tab gone nothing old is kept.
  expect((await kept(other)).some((url) => /engine\.worker-(?!Next\d{4}\.)/.test(url))).toBe(true);
  await app.close();
  await other.reload();
  await expect
    .poll(async () => (await kept(other)).filter((url) => /\/assets\//.test(url) && !/-Next\d{4}\./.test(url)))
    .toEqual([]);
  await expect.poll(() => heard(other), LONG).toBe(words);
  expect(consoleErrors).toEqual([]);
  await site.close();
});

test('a job that was cut off in the old version goes on in the new one, word for word', async ({ app }) => {
  const { copy, site } = await visited(app);
  // The new version is here, and waits until nobody uses the old one.
  deployNext(copy);
  await app.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  await expect(app.getByRole('status').filter({ hasText: 'A new version is ready.' })).toBeVisible(LONG);

  const path = test.info().outputPath('tape.wav');
  writeFileSync(path, repeated(fixture('windows/synthetic_en_10s_0.wav'), 40).buffer);
  await addFiles(app, path);
  // Asked often: a quick machine would be done before a slow question.
  await expect.poll(() => heard(app), { ...LONG, intervals: [50] }).toContain('two eight');
  await app.goto('about:blank');

  const script = () => app.evaluate(() => document.querySelector('script[src]')?.getAttribute('src'));
  await app.goto(site.url + DIGITS);
  const ready = app.getByRole('status').filter({ hasText: 'A new version is ready.' });
  await Promise.all([app.waitForEvent('load'), ready.getByRole('button', { name: 'Reload' }).click()]);
  await expect.poll(script).toMatch(/-Next\d{4}\./);
  await expect(app.getByRole('status').filter({ hasText: 'tape.wav stopped at' })).toBeVisible();
  await addFiles(app, path);
  const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(row).toContainText('Done', LONG);
  await expect(row).toHaveCount(1);
  expect(await allHeard(app)).toBe(Array<string>(40).fill('two eight six seven zero four four zero').join(' '));
  await site.close();
});
