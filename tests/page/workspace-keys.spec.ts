/** The whole workspace by keyboard alone: brought in, heard, corrected, found, exported, kept; the focus is never lost. */
import { readFileSync } from 'node:fs';
import type { FileChooser, Locator, Page } from 'playwright/test';
import { expect, fixture, test, type App } from '../browser.ts';
import { expectFocus, expectTrapped, press, pressAt, walkTo } from './by-keys.ts';
import { keepCues, type KeptCue } from './kept-transcript.ts';
import { useInputPicker } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const SRT = [
  '1\n00:00:00,500 --> 00:00:03,000\nask not what your country\n',
  '2\n00:00:03,000 --> 00:00:05,500\ncan do for you\n',
  '3\n00:00:05,500 --> 00:00:09,000\nask what you can do\n',
].join('\n');

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const boxes = (page: Page) => region(page).getByRole('textbox', { name: /^Text at/ });
const texts = (page: Page) => boxes(page).allInnerTexts();
const dialog = (page: Page) => page.getByRole('dialog');
const button = (page: Page, name: string) => region(page).getByRole('button', { name, exact: true });
const sound = (page: Page) =>
  page.locator('audio').evaluate((element) => {
    const { currentTime, paused, playbackRate } = element as HTMLAudioElement;
    return { time: currentTime, playing: !paused, rate: playbackRate };
  });

/** A recording and its subtitles, through the picker that Enter opens. */
async function bringIn(app: App): Promise<void> {
  await useInputPicker(app);
  // Asked for before the page is open: a key opens the picker sooner than the browser is told to hand it over.
  const picker = new Promise<FileChooser>((resolve) => app.once('filechooser', resolve));
  await app.open(QUERY);
  await walkTo(app, app.getByLabel('Add files'));
  await app.keyboard.press('Enter');
  const chooser = await picker;
  await chooser.setFiles([
    { name: 'talk.srt', mimeType: 'text/plain', buffer: Buffer.from(SRT) },
    { name: 'talk.wav', mimeType: 'audio/wav', buffer: readFileSync(CLIP) },
  ]);
  await expect(boxes(app)).toHaveCount(3);
  await expect(button(app, 'Play')).toBeEnabled();
  await expectFocus(app);
}

test('brought in, heard, gone back, played faster and from a cue', async ({ app }) => {
  await bringIn(app);
  // The list of files has begun, and its heading says so.
  await expect(app.getByRole('heading', { name: /^Queue/ })).toBeFocused();
  await walkTo(app, boxes(app).first());
  await press(app, 'Alt+ArrowDown');
  await expect(boxes(app).nth(1)).toBeFocused();
  await press(app, 'Alt+ArrowDown', 'Alt+ArrowUp', 'Alt+ArrowUp');
  await expect(boxes(app).first()).toBeFocused();

  await press(app, 'Alt+KeyK');
  await expect.poll(async () => (await sound(app)).time).toBeGreaterThan(1.2);
  await press(app, 'Alt+KeyK');
  await expect.poll(async () => (await sound(app)).playing).toBe(false);
  // It goes on a second before where it stopped.
  const { time: pausedAt } = await sound(app);
  await app.locator('audio').evaluate((element) => {
    const audio = element as HTMLAudioElement;
    audio.addEventListener('seeking', () => (audio.dataset['from'] = String(audio.currentTime)), { once: true });
  });
  await press(app, 'Alt+KeyK');
  const from = () => app.locator('audio').evaluate((element) => Number(element.dataset['from']));
  await expect.poll(from).toBeCloseTo(pausedAt - 1, 1);
  await press(app, 'Alt+KeyK');
  await expect.poll(async () => (await sound(app)).playing).toBe(false);
  const { time } = await sound(app);
  await press(app, 'Alt+KeyL');
  await expect.poll(async () => (await sound(app)).time).toBeCloseTo(time + 2, 1);
  await press(app, 'Alt+KeyJ');
  await expect.poll(async () => (await sound(app)).time).toBeCloseTo(time, 1);
  await press(app, 'Alt+Period');
  expect((await sound(app)).rate).toBe(1.25);
  await press(app, 'Alt+Comma');
  expect((await sound(app)).rate).toBe(1);
  await press(app, 'Alt+ArrowDown', 'Alt+ArrowDown', 'Alt+Enter');
  await expect.poll(async () => (await sound(app)).time).toBeGreaterThan(5.4);
  await press(app, 'Alt+KeyK');

  // The same by Tab and the buttons of the player.
  await pressAt(app, button(app, 'Play'), 'Shift+Tab');
  await expect(button(app, 'Pause')).toBeFocused();
  await press(app, 'Enter');
  await walkTo(app, region(app).getByRole('combobox', { name: 'Speed' }));
  await press(app, 'ArrowDown');
  await expect.poll(async () => (await sound(app)).rate).toBe(1.25);
  // What is at a cue's time is pressed as well.
  await pressAt(app, button(app, 'Play from 0:03'));
  await expect.poll(async () => (await sound(app)).time).toBeGreaterThan(2.9);
});

test('typed, cut, joined, put in, taken out, timed, named, undone and redone', async ({ app }) => {
  await bringIn(app);
  await walkTo(app, boxes(app).first());
  await press(app, 'End');
  await app.keyboard.type('!');
  expect((await texts(app))[0]).toBe('ask not what your country!');
  await press(app, 'Home', ...Array<string>('ask not'.length).fill('ArrowRight'), 'Enter');
  expect(await texts(app)).toEqual(['ask not', 'what your country!', 'can do for you', 'ask what you can do']);
  await expect(boxes(app).nth(1)).toBeFocused();
  await press(app, 'Backspace');
  expect(await texts(app)).toHaveLength(3);
  await press(app, 'Control+Enter');
  await app.keyboard.type('a new one');
  expect((await texts(app))[1]).toBe('a new one');
  await press(app, 'Control+Shift+Backspace');
  expect(await texts(app)).toEqual(['ask not what your country!', 'can do for you', 'ask what you can do']);

  // Times and the speaker stand below all cues: a key goes there, and Enter comes back.
  await walkTo(app, boxes(app).nth(1));
  await press(app, 'Alt+KeyP');
  const bar = region(app).getByRole('group', { name: /^Cue at/ });
  await expect(bar.getByRole('combobox', { name: 'Speaker' })).toBeFocused();
  await app.keyboard.type('Ada');
  await press(app, 'Enter');
  await expect(boxes(app).nth(1)).toBeFocused();
  await expect(boxes(app).nth(1)).toHaveAccessibleName('Text at 0:03, Ada');
  await press(app, 'Alt+KeyP', 'Shift+Tab');
  const end = bar.getByRole('spinbutton', { name: 'End' });
  await expect(end).toBeFocused();
  await press(app, 'Control+A');
  await app.keyboard.type('nonsense');
  await press(app, 'Enter');
  // What is no time is not taken, and one stays where it can be mended.
  await expect(end).toBeFocused();
  await expect(end).toHaveAttribute('aria-invalid', 'true');
  await press(app, 'Control+A');
  await app.keyboard.type('0:05.2');
  await press(app, 'Enter');
  await expect(boxes(app).nth(1)).toBeFocused();
  await expect(end).toHaveValue('0:05.200');
  await press(app, 'Alt+BracketLeft');
  await expect(bar.getByRole('spinbutton', { name: 'Start' })).toHaveValue('0:02.900');
  // Thought better of: nothing is changed.
  await press(app, 'Alt+KeyP', 'Control+A');
  await app.keyboard.type('Nobody');
  await press(app, 'Escape');
  await expect(boxes(app).nth(1)).toBeFocused();
  await expect(boxes(app).nth(1)).toHaveAccessibleName('Text at 0:02, Ada');
  // Renamed everywhere.
  await press(app, 'Alt+KeyP', 'Tab', 'Enter');
  await expect(bar.getByRole('textbox', { name: 'New name of Ada everywhere' })).toBeFocused();
  await app.keyboard.type('Grace');
  await press(app, 'Enter');
  await expect(bar.getByRole('button', { name: 'Rename', exact: true })).toBeFocused();
  await expect(boxes(app).nth(1)).toHaveAccessibleName('Text at 0:02, Grace');
  await press(app, 'Enter', 'Escape');
  await expect(bar.getByRole('button', { name: 'Rename', exact: true })).toBeFocused();
  // The buttons of the bar leave one in the words.
  await pressAt(app, bar.getByRole('button', { name: 'Join with the one before' }));
  await expect(boxes(app).first()).toBeFocused();
  expect(await texts(app)).toHaveLength(2);

  const after = await texts(app);
  const undo = button(app, 'Undo');
  for (let step = 0; step < 20 && (await undo.isEnabled()); step += 1) await pressAt(app, undo, 'Shift+Tab');
  // What is undone is done in slices.
  await expect.poll(() => texts(app)).toEqual(['ask not what your country', 'can do for you', 'ask what you can do']);
  await walkTo(app, boxes(app).first());
  for (let step = 0; step < 20 && !(await button(app, 'Redo').isDisabled()); step += 1)
    await press(app, 'Control+Shift+KeyZ');
  await expect.poll(() => texts(app)).toEqual(after);
  // With the last cue gone there still is a place to be at.
  await walkTo(app, boxes(app).first());
  await press(app, 'Control+Shift+Backspace', 'Control+Shift+Backspace');
  await expect(boxes(app)).toHaveCount(0);
  await press(app, 'Control+KeyZ', 'Control+KeyZ');
  await expect(boxes(app)).toHaveCount(2);
});

/** Cues with a word each half second, some of which Whisper was not sure of. */
const DOUBTED = ['ask not what your', 'country can do for you'].map((text, index): KeptCue => {
  const start = 3 * index;
  const words = text.split(' ').map((word, at) => ({
    ...{ start: start + at / 2, end: start + at / 2 + 0.4, text: word, probability: at === 2 ? 0.3 : 0.9 },
  }));
  return { start, end: start + 2.5, text, words };
});

async function kept(app: App, ...headers: Record<string, unknown>[]): Promise<void> {
  await app.open(QUERY);
  for (const header of headers.length > 0 ? headers : [{}]) await keepCues(app, DOUBTED, header);
  await app.reload();
  await expect(boxes(app).first()).toBeVisible();
}

test('found and replaced, and the doubtful words one after another', async ({ app }) => {
  await kept(app);
  await walkTo(app, boxes(app).first());
  await press(app, 'Alt+KeyN');
  const selected = () => app.evaluate(() => getSelection()?.toString());
  await expect.poll(selected).toBe('what');
  await press(app, 'Alt+KeyN');
  await expect.poll(selected).toBe('do');
  await expect(boxes(app).nth(1)).toBeFocused();
  await press(app, 'Alt+Shift+KeyN');
  await expect.poll(selected).toBe('what');

  await press(app, 'Alt+KeyR');
  await expect(region(app).getByRole('searchbox', { name: 'Find' })).toBeFocused();
  await app.keyboard.type('you');
  await expect(region(app).getByText('2 matches')).toBeVisible();
  await press(app, 'Enter', 'Enter');
  await expect(region(app).getByText('2 of 2')).toBeVisible();
  await press(app, 'Tab');
  await app.keyboard.type('we');
  await pressAt(app, button(app, 'Replace all'));
  await expect.poll(() => texts(app)).toEqual(['ask not what wer', 'country can do for we']);
  await expect(region(app).getByText('Replaced 2 matches in 2 cues.')).toBeVisible();
  // The button cannot be pressed any more. One is in the field, Esc closes it, and one is in the words again.
  await expect(region(app).getByRole('searchbox', { name: 'Find' })).toBeFocused();
  await press(app, 'Escape');
  await expect(region(app).getByRole('searchbox', { name: 'Find' })).toHaveCount(0);
  await press(app, 'Control+Z');
  await expect.poll(() => texts(app)).toEqual(DOUBTED.map(({ text }) => text));
  // By its own button, too, and closed with it.
  await pressAt(app, button(app, 'Find and replace'), 'Shift+Tab');
  await expect(region(app).getByRole('searchbox', { name: 'Find' })).toBeFocused();
  await app.keyboard.type('country');
  await expect(region(app).getByText('1 match')).toBeVisible();
  await press(app, 'Enter');
  await pressAt(app, button(app, 'Close'));
  await expect(boxes(app).nth(1)).toBeFocused();
  await expect.poll(selected).toBe('country');
});

/** Opens it, goes round in it, leaves it by Escape, and is where one was. */
async function visit(page: Page, open: () => Promise<void>, name: string | RegExp, opener: Locator): Promise<void> {
  await open();
  await expect(page.getByRole('dialog', { name })).toBeVisible();
  await expectFocus(page);
  await expectTrapped(page);
  await press(page, 'Escape');
  await expect(dialog(page)).toHaveCount(0);
  await expect(opener).toBeFocused();
  // And by its own button.
  await open();
  await pressAt(page, dialog(page).getByRole('button', { name: 'Close', exact: true }));
  await expect(dialog(page)).toHaveCount(0);
  await expect(opener).toBeFocused();
}

test('every dialog keeps the focus, Escape closes it, and one is where one was', async ({ app }) => {
  test.slow();
  await kept(app);
  const menu = region(app).locator('summary').filter({ hasText: 'More tools' });
  for (const [tool, name] of [
    ['Hear again…', /^Hear again/],
    ['Translate…', /^Translation of/],
    ['How it was made', 'How it was made'],
    ['Your own words…', 'Your own words'],
  ] as const) {
    const open = async () => {
      await pressAt(app, menu);
      await pressAt(app, button(app, tool));
    };
    await visit(app, open, name, menu);
  }
  await visit(app, () => pressAt(app, button(app, 'Keyboard'), 'Shift+Tab'), 'Keys', button(app, 'Keyboard'));
  const exported = button(app, 'Export');
  const openExport = async () => {
    await pressAt(app, exported, 'Shift+Tab');
    await expect(app.getByRole('menuitem').first()).toBeFocused();
    await press(app, 'm', 'm', 'Enter');
  };
  await visit(app, openExport, /^Export/, exported);
  // A menu is left in the same way.
  await pressAt(app, exported);
  await expect(app.getByRole('menuitem').first()).toBeFocused();
  await press(app, 'Escape');
  await expect(app.getByRole('menuitem')).toHaveCount(0);
  await expect(exported).toBeFocused();
  const words = app.getByRole('button', { name: 'Spellings and filler words…' });
  await visit(app, () => pressAt(app, words, 'Shift+Tab'), 'Your own words', words);
});

test('a key that comes before the browser has told that a dialog is closed opens it again', async ({ app }) => {
  await kept(app);
  for (const opener of [button(app, 'Keyboard'), app.getByRole('button', { name: 'Spellings and filler words…' })]) {
    await opener.focus();
    await press(app, 'Enter');
    await expect(dialog(app)).toBeVisible();
    // In one task, as on a machine that has much to do: the browser tells of it with its next frame.
    await app.evaluate(() => {
      document.querySelector('dialog')?.close();
      (document.activeElement as HTMLElement).click();
    });
    await app.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    await expect(dialog(app)).toBeVisible();
    await press(app, 'Escape');
    await expect(dialog(app)).toHaveCount(0);
    await expect(opener).toBeFocused();
  }
});

test('exported: a format, a preset, saved', async ({ app }) => {
  await kept(app);
  await pressAt(app, button(app, 'Export'));
  await expect(app.getByRole('menuitem').first()).toBeFocused();
  await press(app, 'm', 'm', 'Enter');
  await expect(dialog(app).getByLabel('Format')).toBeFocused();
  await app.keyboard.type('SubRip');
  await expect(dialog(app).getByLabel('Format')).toHaveValue('srt');
  await walkTo(app, dialog(app).getByRole('radio', { name: /^Broadcast/ }));
  await press(app, 'ArrowDown');
  await expect(dialog(app).getByRole('radio', { name: /^YouTube/ })).toBeChecked();
  await walkTo(app, dialog(app).getByRole('region', { name: 'Preview' }));
  const download = app.waitForEvent('download');
  await pressAt(app, dialog(app).getByRole('button', { name: 'Save .srt' }));
  expect(readFileSync(await (await download).path(), 'utf8')).toContain('country can do');
  await press(app, 'Escape');
  await expect(button(app, 'Export')).toBeFocused();
});

test('another key is chosen, and does what the one before did', async ({ app }) => {
  await bringIn(app);
  await pressAt(app, button(app, 'Keyboard'));
  const change = dialog(app).getByRole('button', { name: 'Change the keys: Play or pause' });
  await pressAt(app, change);
  await press(app, 'Alt+KeyN');
  await expect(dialog(app).getByRole('status')).toHaveText('Alt N is for “Next doubtful word” already.');
  await press(app, 'Alt+KeyG');
  await expect(dialog(app).getByRole('status')).toHaveText('Alt G it is.');
  await expect(change).toBeFocused();
  await press(app, 'Escape');
  await expect(button(app, 'Keyboard')).toBeFocused();
  await press(app, 'Alt+KeyK');
  expect((await sound(app)).playing).toBe(false);
  await press(app, 'Alt+KeyG');
  await expect.poll(async () => (await sound(app)).playing).toBe(true);
  await press(app, 'Alt+KeyG', 'Enter');
  await pressAt(app, dialog(app).getByRole('button', { name: 'All as they were' }), 'Shift+Tab');
  await press(app, 'Escape', 'Alt+KeyK');
  await expect.poll(async () => (await sound(app)).playing).toBe(true);
});

test('the library and the queue: searched, opened, renamed, copied, deleted, put back, removed', async ({ app }) => {
  await kept(
    app,
    { id: 'one', name: 'one.mp3', added: 1_700_000_000_000 },
    { id: 'two', name: 'two.mp3', added: 1_700_000_100_000 },
    { id: 'three', name: 'three.mp3', added: 1_700_000_200_000 },
  );
  const library = app.getByRole('region', { name: 'Library' });
  const link = app.getByRole('link', { name: 'Library', exact: true });
  const rows = library.getByRole('list', { name: 'Transcripts' }).locator('> li');
  const opened = async () => {
    await pressAt(app, link, 'Shift+Tab');
    await expect(library.getByRole('heading', { name: /^Library/ })).toBeFocused();
  };
  await opened();
  await walkTo(app, library.getByRole('searchbox', { name: 'Search all transcripts' }));
  await app.keyboard.type('COUNTRY');
  await expect(library.getByText('3 places in 3 transcripts')).toBeVisible();
  await pressAt(app, rows.nth(1).getByRole('button', { name: /country can do/ }));
  await expect(region(app).getByRole('heading', { name: 'Transcript two.mp3' })).toBeVisible();
  await expect(boxes(app).nth(1)).toBeFocused();

  await opened();
  await pressAt(app, library.getByRole('button', { name: 'Rename two.mp3' }));
  await expect(library.getByRole('textbox', { name: 'Title of two.mp3' })).toBeFocused();
  await app.keyboard.type('Second');
  await press(app, 'Enter');
  await expect(library.getByRole('button', { name: 'Rename Second', exact: true })).toBeFocused();
  await press(app, 'Enter', 'Escape');
  await expect(library.getByRole('button', { name: 'Rename Second', exact: true })).toBeFocused();
  const copy = library.getByRole('button', { name: 'Duplicate Second', exact: true });
  await pressAt(app, copy);
  await expect(rows).toHaveCount(4);
  await expect(copy).toBeFocused();
  await pressAt(app, library.getByRole('button', { name: 'Delete Second', exact: true }));
  await expect(rows).toHaveCount(3);
  // One goes on with what stood behind it.
  await expect(rows.nth(2).getByRole('button').first()).toBeFocused();
  await pressAt(app, app.getByRole('button', { name: 'Undo' }), 'Shift+Tab');
  await expect(rows).toHaveCount(4);
  await expectFocus(app);
  await pressAt(app, library.getByRole('button', { name: 'Second', exact: true }));
  await expect(region(app).getByRole('heading', { name: 'Transcript Second' })).toBeVisible();

  const queue = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  const before = await queue.count();
  await pressAt(app, queue.first().getByRole('button', { name: 'Remove' }));
  await expect(queue).toHaveCount(before - 1);
  await pressAt(app, app.getByRole('button', { name: 'Dismiss' }), 'Shift+Tab');
  await expect(app.getByRole('button', { name: 'Dismiss' })).toHaveCount(0);
  await expectFocus(app);
});
