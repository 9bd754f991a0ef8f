/** Taking the words along: the four kinds of file, the menu by mouse and by keyboard. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import type { TranscriptFile } from '../../src/export/transcript-json.ts';
import { expect, fixture, test } from '../browser.ts';
import { parseSrt, parseVtt } from '../unit/subtitle-readers.ts';
import { addFiles, heard } from './words.ts';

const WORDS = 'two eight six seven zero four four zero';
const CLIP = {
  name: 'Größe, tape 2.wav',
  mimeType: 'audio/wav',
  buffer: readFileSync(fixture('windows/synthetic_en_10s_0.wav')),
};

async function transcribed(app: Page & { open(query: string): Promise<void> }): Promise<void> {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await expect(app.getByRole('button', { name: 'Export' })).toHaveCount(0);
  await addFiles(app, CLIP);
  await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(WORDS);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', { timeout: 60_000 });
}

/** Chooses a kind and gives the file the browser was handed. */
async function exported(page: Page, kind: string): Promise<{ name: string; bytes: Buffer; text: string }> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: kind }).click();
  const file = await download;
  const bytes = readFileSync(await file.path());
  return { name: file.suggestedFilename(), bytes, text: bytes.toString('utf8') };
}

test('all four kinds hold the words, also the ones a person changed', async ({ app }) => {
  await transcribed(app);
  const boxes = app.getByRole('region', { name: 'Transcript' }).getByRole('textbox');
  const count = await boxes.count();
  const first = (await boxes.first().innerText()).trim();
  const changed = 'Zwei & <b>אחת</b> 👩‍👩‍👧 -->';
  await boxes.first().fill(changed);
  await boxes.first().press('Enter');
  const expected = WORDS.replace(first, changed);

  const txt = await exported(app, 'Plain text');
  expect(txt.name).toBe('Größe, tape 2.txt');
  expect(txt.text.replace(/\s+/g, ' ').trim()).toBe(expected);
  await expect(app.getByRole('status').filter({ hasText: 'Größe, tape 2.txt goes to your downloads.' })).toBeAttached();

  // No player takes anything in it for a mark, and every character is seen.
  const marked = expected.replace('<b>אחת</b>', '＜b＞אחת＜/b＞').replace('-->', '→');
  const srt = await exported(app, 'SubRip (.srt)');
  expect(srt.name).toBe('Größe, tape 2.srt');
  const spoken = parseSrt(srt.text);
  expect(spoken.map(({ text }) => text.replace('\n', ' ')).join(' ')).toBe(marked);

  const vtt = await exported(app, 'WebVTT (.vtt)');
  expect(vtt.name).toBe('Größe, tape 2.vtt');
  const shown = parseVtt(vtt.text);
  expect(shown.map(({ text }) => text.replace('\n', ' ')).join(' ')).toBe(expected);
  // Both are shaped in the same way.
  expect(shown.map(({ startMs, endMs }) => [startMs, endMs])).toEqual(spoken.map((one) => [one.startMs, one.endMs]));

  const json = await exported(app, 'JSON');
  expect(json.name).toBe('Größe, tape 2.json');
  const file = JSON.parse(json.text) as TranscriptFile;
  expect(file).toMatchObject({
    format: 'earshot-transcript',
    version: 1,
    file: { name: CLIP.name, bytes: CLIP.buffer.length, facts: { seconds: 10, video: false } },
    language: 'en',
    model: 'whisper-digits-10s',
    backend: 'cpu',
    report: { outcome: 'done', audioSeconds: 10 },
  });
  expect(file.cues.map(({ text, edited }) => [text, edited]).slice(0, 1)).toEqual([[changed, true]]);
  expect(file.cues).toHaveLength(count);
  expect(file.cues[0].start * 1000).toBeCloseTo(spoken[0].startMs, 0);

  for (const { bytes } of [txt, srt, vtt, json]) expect(bytes[0]).not.toBe(0xef);
});

test('a cue left empty is in no file', async ({ app }) => {
  await transcribed(app);
  const boxes = app.getByRole('region', { name: 'Transcript' }).getByRole('textbox');
  for (const box of await boxes.all()) {
    await box.fill('');
    await box.blur();
  }
  // Nothing is left to export, and the button says so.
  await expect(app.getByRole('button', { name: 'Export' })).toBeDisabled();
  await boxes.first().fill('back again');
  await boxes.first().blur();
  const srt = await exported(app, 'SubRip (.srt)');
  expect(parseSrt(srt.text).map(({ text }) => text)).toEqual(['back again']);
});

test('the menu obeys the keyboard and gives the focus back', async ({ app }) => {
  await transcribed(app);
  const button = app.getByRole('button', { name: 'Export' });
  const item = (name: string) => app.getByRole('menuitem', { name });
  const press = (key: string) => app.keyboard.press(key);

  await expect(button).toHaveAttribute('aria-haspopup', 'menu');
  await expect(button).toHaveAttribute('aria-expanded', 'false');
  await button.focus();
  await press('Enter');
  await expect(button).toHaveAttribute('aria-expanded', 'true');
  await expect(item('Plain text')).toBeFocused();
  await press('ArrowDown');
  await expect(item('SubRip (.srt)')).toBeFocused();
  await press('ArrowUp');
  await press('ArrowUp');
  await expect(item('JSON')).toBeFocused();
  await press('ArrowDown');
  await expect(item('Plain text')).toBeFocused();
  await press('End');
  await expect(item('JSON')).toBeFocused();
  await press('Home');
  await expect(item('Plain text')).toBeFocused();
  await press('w');
  await expect(item('WebVTT (.vtt)')).toBeFocused();

  await press('Escape');
  await expect(app.getByRole('menu')).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(button).toHaveAttribute('aria-expanded', 'false');

  await press('ArrowUp');
  await expect(item('JSON')).toBeFocused();
  const download = app.waitForEvent('download');
  await press('Enter');
  expect((await download).suggestedFilename()).toBe('Größe, tape 2.json');
  await expect(app.getByRole('menu')).toHaveCount(0);
  await expect(button).toBeFocused();

  await press('ArrowDown');
  await expect(item('Plain text')).toBeFocused();
  await press('Tab');
  await expect(app.getByRole('menu')).toHaveCount(0);

  await button.click();
  await expect(app.getByRole('menu')).toBeVisible();
  await app.getByRole('region', { name: 'Transcript' }).getByRole('heading').click();
  await expect(app.getByRole('menu')).toHaveCount(0);
});
