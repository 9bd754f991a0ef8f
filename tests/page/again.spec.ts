/** A stretch heard again: the new words beside the old ones, taken or left, and nothing lost on the way. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { expectAccessible } from './accessible.ts';
import { addFiles, allHeard, heard, repeated } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const boxes = (page: Page) => region(page).getByRole('textbox', { name: /^Text at/ });
const dialog = (page: Page) => page.getByRole('dialog', { name: /^Hear again/ });

async function tool(page: Page, name: string): Promise<void> {
  await region(page).getByText('More tools').click();
  await region(page).getByRole('button', { name }).click();
}

test('what is heard again is compared, taken in one step, and can be undone; how it was made is said', async ({
  app,
}) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, CLIP);
  await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(WORDS);
  await expect(app.getByText(/^Done in/)).toBeVisible();
  const first = await boxes(app).first().innerText();
  await boxes(app).first().fill(`${first} wrong`);
  await boxes(app).first().blur();

  // By the keyboard alone.
  await region(app).getByText('More tools').focus();
  await app.keyboard.press('Enter');
  await app.keyboard.press('Tab');
  await expect(region(app).getByRole('button', { name: 'Hear again…' })).toBeFocused();
  await app.keyboard.press('Enter');
  await expect(dialog(app).getByRole('textbox', { name: 'From' })).toBeFocused();
  await expect(dialog(app).getByText(/^1 cue, 0:00 to/)).toBeVisible();
  await expectAccessible(app, { within: 'dialog' });
  await dialog(app).getByRole('textbox', { name: 'To', exact: true }).fill('nonsense');
  await expect(dialog(app).getByRole('button', { name: 'Hear again' })).toBeDisabled();
  await dialog(app).getByRole('button', { name: 'All of it' }).press('Enter');
  await dialog(app).getByRole('button', { name: 'Hear again' }).press('Enter');
  const rows = dialog(app).getByRole('list', { name: 'Both hearings' });
  await expect(rows.locator('del')).toHaveText(/wrong/, { timeout: 60_000 });
  await expect(dialog(app).getByText('Nothing is changed until you take it.')).toBeVisible();
  expect(await heard(app)).toContain('wrong');
  await expectAccessible(app, { within: 'dialog' });

  const tick = rows.getByRole('checkbox', { name: /^Take the new words/ });
  await tick.uncheck();
  await expect(dialog(app).getByRole('button', { name: /^Take / })).toBeDisabled();
  await tick.check();
  await dialog(app).getByRole('button', { name: 'Take 1 place' }).press('Enter');
  await expect(dialog(app)).toHaveCount(0);
  await expect.poll(() => heard(app)).toBe(WORDS);
  // What is undone is done in slices.
  await app.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => heard(app)).toContain('wrong');
  await app.keyboard.press('ControlOrMeta+Shift+z');
  await expect.poll(() => heard(app)).toBe(WORDS);

  await tool(app, 'How it was made');
  const made = app.getByRole('dialog', { name: 'How it was made' });
  await expect(made.getByText('Spoken digits', { exact: false }).first()).toBeVisible();
  await expect(made.getByRole('heading', { name: /heard again$/ })).toBeVisible();
  await expectAccessible(app, { within: 'dialog' });
  await app.keyboard.press('Escape');
  await expect(made).toHaveCount(0);

  await region(app).getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    app.waitForEvent('download'),
    app.getByRole('menuitem', { name: 'JSON', exact: false }).last().click(),
  ]);
  const json = JSON.parse(readFileSync(await download.path(), 'utf8')) as { made: { model: string; part?: object }[] };
  expect(json.made.map(({ model }) => model)).toEqual(['whisper-digits-10s', 'whisper-digits-10s']);
  expect(json.made[1].part).toBeDefined();

  // Without its sound it cannot be heard; with it, it can, also after a reload.
  await app.reload();
  await expect.poll(() => heard(app)).toBe(WORDS);
  await tool(app, 'Hear again…');
  await expect(dialog(app).getByText(/^Add the recording again first/)).toBeVisible();
  await app.keyboard.press('Escape');
  await addFiles(app, CLIP);
  await tool(app, 'Hear again…');
  await dialog(app).getByRole('button', { name: 'Hear again' }).click();
  await expect(dialog(app).getByText('Heard again, word for word the same.')).toBeVisible({ timeout: 60_000 });
  await dialog(app).getByRole('button', { name: 'Leave it as it was' }).click();
  expect(await heard(app)).toBe(WORDS);
});

test('what is chosen on the waveform is what is heard again to begin with', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, CLIP);
  await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(WORDS);
  await expect(app.getByText(/^Done in/)).toBeVisible();
  const waveform = app.getByRole('group', { name: 'Waveform' });
  const slider = waveform.getByRole('slider', { name: 'Position in the waveform' });
  await expect(slider).toHaveAttribute('aria-disabled', 'false');
  // The cue that one is in is another stretch than the one that is chosen.
  await boxes(app).first().click();
  await slider.focus();
  await app.keyboard.press('Home');
  for (const key of ['ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight']) await app.keyboard.press(key);
  await expect(waveform.getByRole('status')).toContainText('Chosen: 0:01.000 to 0:03.000');
  const from = dialog(app).getByRole('textbox', { name: 'From' });
  const to = dialog(app).getByRole('textbox', { name: 'To', exact: true });
  await tool(app, 'Hear again…');
  await expect(from).toHaveValue('0:01.000');
  await expect(to).toHaveValue('0:03.000');
  await app.keyboard.press('Escape');
  await expect(dialog(app)).toHaveCount(0);

  // Let go of, it is the cue again.
  await waveform.getByRole('button', { name: 'Let go' }).click();
  await tool(app, 'Hear again…');
  await expect(to).not.toHaveValue('0:03.000');
});

test('it is stopped at once, and what cannot be heard leaves the words as they were', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  const path = join(mkdtempSync(join(tmpdir(), 'earshot-')), 'long.wav');
  writeFileSync(path, repeated(CLIP, 60).buffer);
  await addFiles(app, path);
  await expect.poll(() => heard(app), { timeout: 60_000 }).toContain(WORDS);
  await app.getByRole('list', { name: 'Queue' }).getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByText(/^Stopped at/)).toBeVisible();
  const before = await allHeard(app);
  await tool(app, 'Hear again…');
  await dialog(app).getByRole('button', { name: 'All of it' }).click();
  await dialog(app).getByRole('button', { name: 'Hear again' }).click();
  const progress = dialog(app).getByRole('progressbar', { name: 'Heard again' });
  await expect
    .poll(async () => Number(await progress.getAttribute('aria-valuenow')), { timeout: 60_000 })
    .toBeGreaterThan(0);
  await dialog(app).getByRole('button', { name: 'Stop' }).click();
  await expect(dialog(app).getByRole('button', { name: 'Hear again' })).toBeEnabled();
  await expect(progress).toHaveCount(0);

  rmSync(path);
  await dialog(app).getByRole('button', { name: 'Hear again' }).click();
  await expect(dialog(app).getByRole('alert')).toContainText('Your words are as they were.');
  await expect(dialog(app).getByRole('button', { name: 'Hear again' })).toBeEnabled();
  await app.keyboard.press('Escape');
  await expect(dialog(app)).toHaveCount(0);
  expect(await allHeard(app)).toBe(before);
});

test('the first minute of a long recording is tried: then it goes on, or begins again', async ({ app }) => {
  await app.addInitScript(() => localStorage.setItem('earshot-settings', JSON.stringify({ tryFirst: true })));
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, repeated(CLIP, 24));
  const queue = app.getByRole('list', { name: 'Queue' });
  await expect(queue.getByText(/^Heard up to 1:/)).toBeVisible({ timeout: 60_000 });
  const tried = await heard(app);
  expect(tried.split(WORDS).length - 1).toBeLessThan(24);
  // Noted in the page: a quick machine may be through before it is asked.
  await queue.evaluate((list) => {
    const runs = new Promise<void>((resolve) => {
      const look = () => list.querySelector('[role=progressbar]') !== null && resolve();
      new MutationObserver(look).observe(list, { subtree: true, childList: true });
    });
    Object.assign(window, { runs });
  });
  await queue.getByRole('button', { name: 'begin again' }).click();
  await app.evaluate(() => (window as unknown as { runs: Promise<void> }).runs);
  await expect(queue.getByText(/^Heard up to 1:/)).toBeVisible({ timeout: 60_000 });
  const begun = await allHeard(app);
  expect(begun.split(WORDS).length - 1).toBeLessThan(24);
  await queue.getByRole('button', { name: 'Go on' }).click();
  await expect(queue.getByText(/^Done in/)).toBeVisible({ timeout: 60_000 });
  const whole = await allHeard(app);
  expect(whole.startsWith(begun)).toBe(true);
  expect(whole.split(WORDS)).toHaveLength(25);
});
