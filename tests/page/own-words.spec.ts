/** Words of one's own: spellings that are put in as words come, hidden filler words, and the browser's own translator. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, test, type App } from '../browser.ts';
import { expectAccessible } from './accessible.ts';
import { keepCues, keptEdits } from './kept-transcript.ts';
import { addFiles, heard } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const boxes = (page: Page) => region(page).getByRole('textbox', { name: /^Text at/ });

async function tool(page: Page, name: string): Promise<void> {
  await region(page).getByText('More tools').click();
  await region(page).getByRole('button', { name }).click();
}

async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

test('spellings are put in as words come and shown as such; undo gives back what was heard', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await app.getByText('More', { exact: true }).click();
  await app.getByRole('button', { name: 'Spellings and filler words…' }).click();
  const dialog = app.getByRole('dialog', { name: 'Your own words' });
  await dialog.getByRole('button', { name: 'Add a spelling' }).press('Enter');
  await expect(dialog.getByRole('textbox', { name: 'Heard, 1' })).toBeFocused();
  await app.keyboard.type('six');
  await app.keyboard.press('Tab');
  await app.keyboard.type('Sechs');
  await app.keyboard.press('Tab');
  await dialog.getByLabel('Read a list of spellings').setInputFiles({
    name: 'list.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('zero → NULL\tde\nseven\tSIEBEN\tpart\nnothing\n'),
  });
  await expect(dialog.getByText('2 spellings read, 1 line could not be read.')).toBeVisible();
  await expectAccessible(app, { within: 'dialog' });
  const list = await saved(app, () => dialog.getByRole('button', { name: 'Save as text' }).click());
  expect(list.text.split('\n')[0]).toBe('six\tSechs');
  await dialog.getByRole('button', { name: 'Close' }).click();

  await addFiles(app, CLIP);
  await expect.poll(() => heard(app), { timeout: 60_000 }).toContain('two eight Sechs SIEBEN');
  const spelt = boxes(app).filter({ hasText: 'Sechs' }).first();
  await expect(spelt).toHaveAccessibleDescription(/^Heard: “six/);
  await spelt.focus();
  await app.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => heard(app)).toContain('two eight six seven');
  await expect(region(app).getByText(/^Heard:/)).toHaveCount(0);
  await expect.poll(() => keptEdits(app)).toContain('six');
  await app.keyboard.press('ControlOrMeta+Shift+z');
  await expect.poll(() => heard(app)).toContain('two eight Sechs');
  await expect.poll(() => keptEdits(app)).not.toContain('six');
  await spelt.focus();
  await region(app).getByRole('button', { name: 'Put back what was heard' }).click();
  await expect.poll(() => heard(app)).toContain('two eight six');
  // One write goes after another: a page that is left in the midst of them loses the last.
  await expect.poll(() => keptEdits(app)).toContain('six');
  await app.reload();
  await expect.poll(() => heard(app)).toContain('two eight six');
});

const SAID = [
  { start: 0, end: 2, text: 'Um, ask not, uh, what', words: wordsOf('Um, ask not, uh, what') },
  { start: 3, end: 4, text: 'er', words: wordsOf('er') },
  { start: 5, end: 7, text: 'your country can do' },
];

function wordsOf(text: string) {
  return text.split(' ').map((word, index) => ({
    ...{ start: index * 0.2, end: index * 0.2 + 0.1, text: word, probability: 0.9 },
  }));
}

async function opened(app: App): Promise<void> {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await keepCues(app, SAID);
  await app.reload();
  await expect(boxes(app).first()).toBeVisible();
}

test('filler words are hidden from the screen and the exports, and are there where one edits', async ({ app }) => {
  await opened(app);
  await region(app).getByText('More tools').click();
  await region(app).getByRole('checkbox', { name: 'Hide filler words' }).check();
  await app.keyboard.press('Escape');
  await expect(boxes(app).first()).toHaveText('Ask not what');
  await expect(region(app).getByText('Only a filler word')).toBeVisible();
  await region(app).getByRole('button', { name: 'Export' }).click();
  const text = await saved(app, () => app.getByRole('menuitem', { name: 'Plain text' }).click());
  expect(text.text.replace(/\s+/g, ' ')).toContain('Ask not what your country');
  expect(text.text).not.toMatch(/\b(um|uh|er)\b/i);

  await boxes(app).first().focus();
  await expect(boxes(app).first()).toHaveText('Um, ask not, uh, what');
  await app.keyboard.press('End');
  await app.keyboard.type('!');
  await boxes(app).last().focus();
  await expect(boxes(app).first()).toHaveText('Ask not what!');
  await boxes(app).first().click();
  await expect(boxes(app).first()).toHaveText('Um, ask not, uh, what!');
  await region(app).getByText('More tools').click();
  await region(app).getByRole('checkbox', { name: 'Hide filler words' }).uncheck();
  await expect(boxes(app).nth(1)).toHaveText('er');
});

test('the browser’s own translator: beside the original, saved with it, kept; where there is none it is said', async ({
  app,
}) => {
  await app.addInitScript(() => {
    const Translator = {
      availability: ({ targetLanguage }: { targetLanguage: string }) =>
        Promise.resolve(targetLanguage === 'fr' ? 'unavailable' : 'downloadable'),
      create: () => Promise.resolve({ translate: (text: string) => Promise.resolve(`<${text.toUpperCase()}>`) }),
    };
    Object.defineProperty(globalThis, 'Translator', { value: location.hash === '#none' ? undefined : Translator });
  });
  await opened(app);
  await tool(app, 'Translate…');
  const dialog = app.getByRole('dialog', { name: /^Translation of/ });
  await dialog.getByRole('combobox', { name: 'Into' }).selectOption('fr');
  await expect(dialog.getByText(/can’t translate English into French/)).toBeVisible();
  await dialog.getByRole('combobox', { name: 'Into' }).selectOption('de');
  await expect(dialog.getByText(/first downloads a language pack from its maker/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Translate', exact: true }).press('Enter');
  await expect(dialog.getByText('<YOUR COUNTRY CAN DO>')).toBeVisible();
  await expect(dialog.getByText('All of it is translated.')).toBeVisible();
  await expectAccessible(app, { within: 'dialog' });
  await dialog.getByRole('checkbox', { name: 'With the original' }).check();
  const both = await saved(app, () => dialog.getByRole('button', { name: 'Save .srt' }).click());
  expect(both.name).toBe('kept.de.srt');
  expect(both.text).toContain('your country can do\r\n＜YOUR COUNTRY CAN DO＞');
  await dialog.getByRole('checkbox', { name: 'With the original' }).uncheck();
  await dialog.getByRole('combobox', { name: 'Format' }).selectOption('txt');
  const alone = await saved(app, () => dialog.getByRole('button', { name: 'Save .txt' }).click());
  expect(alone.text).toContain('<YOUR COUNTRY CAN DO>');
  expect(alone.text).not.toContain('your country');
  await app.keyboard.press('Escape');

  // What has changed is translated anew, and nothing else.
  await boxes(app).last().fill('new words');
  await boxes(app).first().focus();
  await tool(app, 'Translate…');
  await dialog.getByRole('button', { name: 'Translate 1 more cue' }).click();
  await expect(dialog.getByText('<NEW WORDS>')).toBeVisible();
  await app.keyboard.press('Escape');

  // It goes with the library as one file, comes back from it, and is there after an undone deletion.
  const library = app.getByRole('region', { name: 'Library' });
  await app.getByRole('link', { name: 'Library', exact: true }).click();
  const [download] = await Promise.all([
    app.waitForEvent('download'),
    library.getByRole('button', { name: 'Save all as one file' }).click(),
  ]);
  const archive = { name: 'library.zip', mimeType: 'application/zip', buffer: readFileSync(await download.path()) };
  const isTranslated = async () => {
    await app.getByRole('link', { name: 'Transcribe', exact: true }).click();
    await tool(app, 'Translate…');
    await expect(dialog.getByText('<NEW WORDS>')).toBeVisible();
    await expect(dialog.getByText('All of it is translated.')).toBeVisible();
    await app.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await app.getByRole('link', { name: 'Library', exact: true }).click();
  };
  await library.getByRole('button', { name: 'Delete kept.wav' }).click();
  await app.getByRole('button', { name: /Undo|Put it back/ }).click();
  await isTranslated();
  await library.getByRole('button', { name: 'Delete kept.wav' }).click();
  await expect(library).toContainText('No transcripts yet');
  await app.reload();
  await expect(library).toContainText('No transcripts yet');
  // A browser without a translator shows what another one has translated.
  await app.evaluate(() => (location.hash = '#none'));
  await app.reload();
  await addFiles(app, archive);
  await expect(app.getByText('1 transcript from library.zip is in the library now.')).toBeVisible();
  await library.getByRole('button', { name: 'kept.wav', exact: true }).click();
  await isTranslated();

  await library.getByRole('button', { name: 'Delete kept.wav' }).click();
  await addFiles(app, {
    name: 'other.srt',
    mimeType: 'text/plain',
    buffer: Buffer.from('1\n00:00:00,000 --> 00:00:02,000\nHi\n'),
  });
  await app.getByRole('link', { name: 'Transcribe', exact: true }).click();
  await tool(app, 'Translate…');
  await expect(dialog.getByText(/This browser has no translator of its own/)).toBeVisible();
  await expectAccessible(app, { within: 'dialog' });
});
