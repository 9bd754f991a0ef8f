/** Every view and dialog of the workspace as it is met, with long names and several scripts in it, in every layout. */
import type { Page } from 'playwright/test';
import { expect, fixture, test, type App } from '../browser.ts';
import { expectAccessibleInEveryLayout } from './accessible.ts';
import { keepCues, type KeptCue } from './kept-transcript.ts';
import { addFiles } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');

const LONG_NAME = `${'Aufzeichnung der Sondersitzung '.repeat(5)}(überarbeitet, zweite Fassung) 🎙️👩‍👩‍👧.wav`;
const LONG_SPEAKER = 'Prof. Dr. Maximiliane-Friederike von und zu Hohenstein-Wittgenstein';
const SPEAKERS = [
  { id: '1', name: LONG_SPEAKER },
  { id: '2', name: 'ليلى 🎧' },
];
const SAID: KeptCue[] = [
  { start: 0, end: 4, text: 'And so, my fellow Americans, ask not what your country can do for you,', speaker: '1' },
  { start: 4, end: 9, text: 'مرحبا بكم في هذا التسجيل، وهذا هو المقطع الأول.', speaker: '2' },
  { start: 9, end: 12, text: 'um, 👩‍👩‍👧 e\u0301te\u0301 <b>not bold</b> {\\an8} -->', speaker: '1', alsoSpeaking: ['2'] },
  {
    ...{
      start: 12,
      end: 16,
      text: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(2),
    },
    speaker: '2',
    doubt: 'unheard',
  },
  ...Array.from({ length: 8 }, (_, at) => ({ start: 16 + at * 4, end: 19 + at * 4, text: `Sentence ${at} of it.` })),
];
const CUES = SAID.map((cue) => ({ ...cue, words: wordsOf(cue) }));

function wordsOf({ start, end, text }: KeptCue) {
  const words = text.split(' ');
  const each = (end - start) / words.length;
  return words.map((word, at) => ({
    ...{ start: start + at * each, end: start + (at + 0.9) * each, text: word, probability: at === 1 ? 0.2 : 0.9 },
  }));
}

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const boxes = (page: Page) => region(page).getByRole('textbox', { name: /^Text at/ });

async function opened(app: App): Promise<void> {
  await app.open(QUERY);
  await keepCues(app, CUES, { id: 'long', name: LONG_NAME, added: 1_700_000_300_000, speakers: SPEAKERS });
  await keepCues(app, CUES.slice(1, 2), { id: 'rtl', name: 'تسجيل.wav', language: 'ar', added: 1_700_000_200_000 });
  await keepCues(app, CUES.slice(4), { id: 'plain', name: 'talk.mp3', added: 1_700_000_100_000 });
  await app.reload();
  const queue = app.getByRole('list', { name: 'Queue' });
  const row = queue.getByRole('listitem').filter({ hasText: 'Sondersitzung' });
  await expect(row).toBeVisible();
  const open = row.getByRole('button', { name: 'Open' });
  if (await open.isVisible()) await open.click();
  await expect(boxes(app)).toHaveCount(CUES.length);
}

async function tool(page: Page, name: string): Promise<void> {
  await region(page).getByText('More tools').click();
  await region(page).getByRole('button', { name }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

test('the workspace: its bars, marks, the panel of the speakers, menus', async ({ app }) => {
  test.slow();
  await opened(app);
  await expectAccessibleInEveryLayout(app, 'transcript');
  await app.getByRole('button', { name: 'Find and replace' }).click();
  await app.getByRole('searchbox', { name: 'Find' }).fill('sentence');
  await expect(region(app).getByText('8 matches')).toBeVisible();
  await region(app).getByText('Mark them').click();
  await boxes(app).nth(2).click();
  await expectAccessibleInEveryLayout(app, 'bars');
  await region(app)
    .getByRole('group', { name: /^Cue at/ })
    .getByRole('button', { name: 'Rename', exact: true })
    .click();
  await expectAccessibleInEveryLayout(app, 'rename');
  await region(app).getByRole('button', { name: 'Speakers', exact: true }).click();
  await expect(region(app).getByRole('region', { name: 'Speakers' })).toBeVisible();
  await expectAccessibleInEveryLayout(app, 'speakers');
  await region(app).getByRole('button', { name: 'Speakers', exact: true }).click();
  await region(app).getByText('More tools').click();
  await expectAccessibleInEveryLayout(app, 'tools');
  await app.keyboard.press('Escape');
  await region(app).getByRole('button', { name: 'Export' }).click();
  await expectAccessibleInEveryLayout(app, 'menu');
});

test('the dialogs of the workspace: hear again, translation, how it was made, own words, keys, export', async ({
  app,
}) => {
  test.slow();
  await app.addInitScript(() => {
    const Translator = {
      availability: () => Promise.resolve('available'),
      create: () => Promise.resolve({ translate: (text: string) => Promise.resolve(text.toUpperCase()) }),
    };
    Object.defineProperty(globalThis, 'Translator', { value: Translator });
  });
  await opened(app);
  const dialog = app.getByRole('dialog');
  const closed = async () => {
    await app.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  };
  await tool(app, 'Hear again…');
  await expectAccessibleInEveryLayout(app, 'again');
  await closed();
  await tool(app, 'Translate…');
  await expectAccessibleInEveryLayout(app, 'translate');
  await dialog.getByRole('button', { name: 'Translate', exact: true }).click();
  await expect(dialog.getByText('SENTENCE 7 OF IT.', { exact: true })).toBeAttached();
  await expectAccessibleInEveryLayout(app, 'translated');
  await closed();
  await tool(app, 'How it was made');
  await expectAccessibleInEveryLayout(app, 'made');
  await closed();
  await tool(app, 'Your own words…');
  await dialog.getByRole('button', { name: 'Add a spelling' }).click();
  await app.keyboard.type('Wittgenstein');
  await app.keyboard.press('Tab');
  await app.keyboard.type('Wittgenstein, Ludwig Josef Johann');
  await app.keyboard.press('Tab');
  await expectAccessibleInEveryLayout(app, 'words');
  await closed();
  await region(app).getByRole('button', { name: 'Keyboard' }).click();
  await dialog.getByRole('button', { name: 'Change the keys: Play or pause' }).click();
  await expectAccessibleInEveryLayout(app, 'keys');
  await app.keyboard.press('Escape');
  await closed();
  await region(app).getByRole('button', { name: 'Export' }).click();
  await app.getByRole('menuitem', { name: 'More formats, shape and preview…' }).click();
  for (const format of ['srt', 'txt', 'vtt', 'docx']) {
    await dialog.getByLabel('Format').selectOption(format);
    await expect(dialog.getByRole('region', { name: 'Preview' })).not.toBeEmpty();
    await expectAccessibleInEveryLayout(app, `export-${format}`);
  }
});

test('a stretch heard again beside the old words; the whole heard, with its sound and its waveform', async ({
  app,
}) => {
  test.slow();
  await app.open(QUERY);
  await addFiles(app, CLIP);
  await expect(app.getByText(/^Done in/)).toBeVisible({ timeout: 60_000 });
  await boxes(app).first().fill('something else altogether');
  await boxes(app).first().blur();
  await expect(app.getByRole('slider', { name: 'Position in the waveform' })).toHaveAttribute('aria-disabled', 'false');
  await boxes(app).first().click();
  await expectAccessibleInEveryLayout(app, 'heard');
  await tool(app, 'Hear again…');
  const dialog = app.getByRole('dialog');
  await dialog.getByRole('button', { name: 'All of it' }).click();
  await dialog.getByRole('button', { name: 'Hear again' }).click();
  await expect(dialog.getByRole('list', { name: 'Both hearings' })).toBeVisible({ timeout: 60_000 });
  await expectAccessibleInEveryLayout(app, 'compared');
  await dialog.getByRole('button', { name: 'Take 1 place' }).click();
  await tool(app, 'How it was made');
  await expectAccessibleInEveryLayout(app, 'made-twice');
});

test('the library: empty, with transcripts, found in, renamed, deleted', async ({ app }) => {
  test.slow();
  await app.open(`${QUERY}#library`);
  const library = app.getByRole('region', { name: 'Library' });
  await expect(library).toContainText('No transcripts yet');
  await expectAccessibleInEveryLayout(app, 'library-empty');
  await opened(app);
  await app.getByRole('link', { name: 'Library', exact: true }).click();
  const rows = library.getByRole('list', { name: 'Transcripts' }).locator('> li');
  await expect(rows).toHaveCount(3);
  await expectAccessibleInEveryLayout(app, 'library');
  await library.getByRole('searchbox', { name: 'Search all transcripts' }).fill('sentence');
  await expect(library.getByText(/places in/)).toBeVisible();
  await expectAccessibleInEveryLayout(app, 'library-found');
  await library.getByRole('searchbox', { name: 'Search all transcripts' }).fill('');
  await expect(rows).toHaveCount(3);
  await library.getByRole('button', { name: /^Rename Aufz/ }).click();
  await expectAccessibleInEveryLayout(app, 'library-rename');
  await app.keyboard.press('Escape');
  await library.getByRole('button', { name: /^Delete Aufz/ }).click();
  await expect(rows).toHaveCount(2);
  await expect(app.getByRole('button', { name: /Undo|Put it back/ })).toBeVisible();
  await expectAccessibleInEveryLayout(app, 'library-deleted');
});

test('settings, voices that are kept, the engine panel, the self-test, the comparison', async ({ app }) => {
  test.slow();
  await opened(app);
  await app.setViewportSize({ width: 1280, height: 2000 });
  const voices = app.getByRole('checkbox', { name: 'Know voices again' });
  await voices.check();
  await expectAccessibleInEveryLayout(app, 'settings');
  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  await app.getByText('For experts').click();
  await app.getByRole('button', { name: 'Run self-test' }).click();
  await expect(app.getByRole('button', { name: 'Run again' })).toBeEnabled({ timeout: 60_000 });
  await expectAccessibleInEveryLayout(app, 'engine');
  await app.getByRole('button', { name: 'Delete Spoken digits', exact: true }).click();
  await expect(app.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await expectAccessibleInEveryLayout(app, 'engine-delete');
});
