/** Correcting a transcript with the keyboard: what a person does to it is what is on the screen and on the disk. */
import type { Page } from 'playwright/test';
import { expect, test, type App } from '../browser.ts';
import { keepCues, type KeptCue } from './kept-transcript.ts';
import { longest, longTasks } from './long-tasks.ts';

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const list = (page: Page) => region(page).getByRole('list', { name: 'Cues' });
const boxes = (page: Page) => list(page).getByRole('textbox');
const texts = (page: Page) => boxes(page).allInnerTexts();
const bar = (page: Page) => region(page).getByRole('group', { name: /^Cue at / });

/** A cue with a word each half second, the third of them doubtful. */
function cue(start: number, text: string): KeptCue {
  const words = text.split(' ').map((word, index) => ({
    start: start + index / 2,
    end: start + index / 2 + 0.4,
    text: word,
    probability: index === 2 ? 0.3 : 0.9,
  }));
  return { start, end: start + words.length / 2, text, words };
}

const CUES = [
  cue(0, 'ask not what your'),
  cue(3, 'country can do for you'),
  cue(7, 'ask what you can do'),
  cue(10, 'for your country'),
];

async function opened(app: App, cues: readonly KeptCue[] = CUES, header: Record<string, unknown> = {}): Promise<void> {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await keepCues(app, cues, header);
  await app.reload();
  await expect(boxes(app).first()).toBeVisible();
}

/** Puts the caret behind some letters of a box. */
async function caret(page: Page, index: number, at: number): Promise<void> {
  await boxes(page).nth(index).focus();
  await page.keyboard.press('Home');
  for (let step = 0; step < at; step += 1) await page.keyboard.press('ArrowRight');
}

const caretAt = (page: Page) => page.evaluate(() => getSelection()?.anchorOffset);

test('Enter makes two cues, Backspace and Delete make one, undo and redo go through all of it', async ({ app }) => {
  await opened(app);
  const first = CUES.map(({ text }) => text);
  await caret(app, 0, 'ask not'.length);
  await app.keyboard.press('Enter');
  expect(await texts(app)).toEqual(['ask not', 'what your', ...first.slice(1)]);
  await expect(boxes(app).nth(1)).toBeFocused();
  expect(await caretAt(app)).toBe(0);
  await app.keyboard.press('Backspace');
  expect(await texts(app)).toEqual(first);
  expect(await caretAt(app)).toBe('ask not '.length);
  await app.keyboard.press('End');
  await app.keyboard.press('Delete');
  expect(await texts(app)).toEqual([`${first[0]} ${first[1]}`, ...first.slice(2)]);
  await app.keyboard.type('…');
  expect((await texts(app))[0]).toBe('ask not what your …country can do for you');

  // What is undone is done in slices.
  for (let step = 0; step < 4; step += 1) await app.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => texts(app)).toEqual(first);
  await expect(list(app).getByText('Edited')).toHaveCount(0);
  await expect(region(app).getByRole('button', { name: 'Undo' })).toBeDisabled();
  for (let step = 0; step < 3; step += 1) await app.keyboard.press('ControlOrMeta+Shift+z');
  await expect.poll(() => texts(app)).toEqual([`${first[0]} ${first[1]}`, ...first.slice(2)]);
  await region(app).getByRole('button', { name: 'Redo' }).click();
  await expect.poll(async () => (await texts(app))[0]).toBe('ask not what your …country can do for you');
});

test('what was split, joined, put in, taken out and named is there after a reload', async ({ app }) => {
  await opened(app);
  await caret(app, 1, 'country can'.length);
  await app.keyboard.press('Enter');
  await app.keyboard.press('ControlOrMeta+Enter');
  await app.keyboard.type('new words');
  await bar(app).getByRole('combobox', { name: 'Speaker' }).fill('Ada');
  await app.keyboard.press('Tab');
  await boxes(app).nth(4).focus();
  await app.keyboard.press('ControlOrMeta+Shift+Backspace');
  const now = ['ask not what your', 'country can', 'do for you', 'new words', 'for your country'];
  expect(await texts(app)).toEqual(now);
  await expect(boxes(app).nth(3)).toHaveAccessibleName(/, Ada$/);
  await app.reload();
  await expect(boxes(app)).toHaveText(now);
  await expect(boxes(app).nth(3)).toHaveAccessibleName(/, Ada$/);
});

test('what was typed a moment before the page is left is there afterwards', async ({ app }) => {
  await opened(app);
  for (let n = 1; n <= 5; n += 1) {
    const box = boxes(app).nth(n % 4);
    await box.focus();
    await app.keyboard.press('ControlOrMeta+End');
    await app.keyboard.type(` and ${n}`);
    // Out of the box, or in the middle of typing.
    if (n % 2 === 0) await app.keyboard.press('Tab');
    const now = await texts(app);
    await app.reload();
    await expect(boxes(app)).toHaveText(now);
  }
});

test('what waits for another write to end is there as well', async ({ app }) => {
  await opened(app);
  for (const round of [1, 2, 3, 4, 5]) {
    // One write after another is asked for while the one before is on its way, and the page gone.
    const loaded = app.waitForEvent('load');
    await app.evaluate((round) => {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-cue]')];
      const typed = () => {
        const box = rows.shift();
        if (box === undefined) return location.reload();
        box.focus();
        box.textContent = `round ${round}`;
        box.dispatchEvent(new InputEvent('input', { bubbles: true }));
        box.blur();
        // Sooner than a timer.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = typed;
        port2.postMessage(null);
      };
      setTimeout(typed);
    }, round);
    await loaded;
    await expect(boxes(app)).toHaveText(CUES.map(() => `round ${round}`));
  }
});

test('a transcript with edits of an earlier version of the page is read', async ({ app }) => {
  await opened(app, CUES, { edits: { '0-1': 'COUNTRY' } });
  expect((await texts(app))[1]).toBe('COUNTRY');
  await boxes(app).first().fill('first');
  await boxes(app).nth(2).focus();
  await app.reload();
  await expect(boxes(app).first()).toHaveText('first');
  expect((await texts(app)).slice(0, 2)).toEqual(['first', 'COUNTRY']);
});

test('times are typed and nudged; the cue goes where it belongs', async ({ app }) => {
  await opened(app);
  await boxes(app).nth(1).focus();
  const start = bar(app).getByLabel('Start');
  const end = bar(app).getByLabel('End');
  await expect(start).toHaveValue('0:03.000');
  await expect(end).toHaveValue('0:05.500');
  await app.keyboard.press('Alt+BracketRight');
  await expect(start).toHaveValue('0:03.100');
  await app.keyboard.press('Alt+Shift+BracketLeft');
  await expect(end).toHaveValue('0:05.400');
  await end.press('ArrowUp');
  await expect(end).toHaveValue('0:05.500');
  await end.press('ArrowDown');
  await start.fill('nonsense');
  await app.keyboard.press('Tab');
  await expect(start).toHaveAttribute('aria-invalid', 'true');
  await end.fill('0:30');
  await app.keyboard.press('Tab');
  await start.fill('0:20,5');
  await app.keyboard.press('Tab');
  expect((await texts(app)).at(-1)).toBe('country can do for you');
  await expect(list(app).getByRole('button', { name: 'Play from 0:20' })).toBeVisible();
});

test('a speaker is named once and renamed everywhere', async ({ app }) => {
  await opened(app);
  for (const index of [0, 2]) {
    await boxes(app).nth(index).focus();
    await app.keyboard.press('Alt+p');
    const field = bar(app).getByRole('combobox', { name: 'Speaker' });
    await expect(field).toBeFocused();
    await field.fill('Speaker 1');
    await app.keyboard.press('Tab');
  }
  await bar(app).getByRole('button', { name: 'Rename' }).click();
  await bar(app).getByRole('textbox', { name: 'New name of Speaker 1 everywhere' }).fill('Ada');
  await app.keyboard.press('Enter');
  for (const index of [0, 2]) await expect(boxes(app).nth(index)).toHaveAccessibleName(/, Ada$/);
  await boxes(app).nth(1).focus();
  await app.keyboard.press('ControlOrMeta+z');
  await expect(boxes(app).nth(2)).toHaveAccessibleName(/, Speaker 1$/);
});

test('the next doubtful word is selected; the marks are off until they are asked for', async ({ app }) => {
  await opened(app);
  const chosen = () => app.evaluate(() => getSelection()?.toString());
  const marked = () =>
    app.evaluate(() => [...(CSS.highlights.get('doubtful') ?? [])].map((range) => (range as Range).toString()));
  const next = region(app).getByRole('button', { name: 'Next doubtful word' });
  for (const word of ['what', 'do', 'you', 'country', 'what']) {
    await next.click();
    await expect.poll(chosen).toBe(word);
  }
  await app.keyboard.press('Alt+Shift+n');
  await expect.poll(chosen).toBe('country');
  expect(await marked()).toEqual([]);
  await region(app).getByRole('checkbox', { name: 'Mark them' }).check();
  await expect.poll(marked).toEqual(['what', 'do', 'you', 'country']);
  await region(app).getByRole('spinbutton', { name: 'Doubtful under, in percent' }).fill('20');
  await app.keyboard.press('Tab');
  await expect.poll(marked).toEqual([]);
});

test('find and replace: count, next, whole words, a step for all', async ({ app }) => {
  await opened(app);
  await boxes(app).first().focus();
  await app.keyboard.press('Alt+r');
  const form = region(app).getByRole('form', { name: 'Find and replace' });
  await expect(form.getByRole('searchbox', { name: 'Find' })).toBeFocused();
  await app.keyboard.type('YOU');
  await expect(form.getByRole('status')).toHaveText('4 matches');
  await app.keyboard.press('Enter');
  await expect(form.getByRole('status')).toHaveText('1 of 4');
  await form.getByRole('checkbox', { name: 'Match case' }).check();
  await expect(form.getByRole('status')).toHaveText('0 matches');
  await form.getByRole('checkbox', { name: 'Match case' }).uncheck();
  await form.getByRole('checkbox', { name: 'Whole words' }).check();
  await expect(form.getByRole('status')).toHaveText('2 matches');
  // Pressed right after the last letter, and the search takes longer than the pause after which one begins by itself.
  await form.evaluate((element) => {
    const post = Reflect.get(Worker.prototype, 'postMessage');
    Worker.prototype.postMessage = function (this: Worker, ...message: unknown[]) {
      setTimeout(() => void Reflect.apply(post, this, message), 300);
    };
    const field = element.querySelector<HTMLInputElement>('[aria-label="Replace with"]');
    if (field === null) throw new Error('there is no field for what to replace with');
    field.value = 'we';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    [...element.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === 'Replace all')?.click();
  });
  await expect(form.getByRole('status')).toHaveText('Replaced 2 matches in 2 cues.');
  expect(await texts(app)).toEqual([
    'ask not what your',
    'country can do for we',
    'ask what we can do',
    'for your country',
  ]);
  await region(app).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => texts(app)).toEqual(CUES.map(({ text }) => text));

  await form.getByRole('checkbox', { name: 'Whole words' }).uncheck();
  // Before that there were two matches, too.
  await expect(form.getByRole('status')).toHaveText('4 matches');
  await form.getByRole('checkbox', { name: 'Regular expression' }).check();
  await form.getByRole('searchbox', { name: 'Find' }).fill('(ask) (\\w+)');
  await form.getByRole('textbox', { name: 'Replace with' }).fill('$2 $1');
  await expect(form.getByRole('status')).toHaveText('2 matches');
  await form.getByRole('button', { name: 'Next' }).click();
  await form.getByRole('button', { name: 'Replace', exact: true }).click();
  await expect(boxes(app).first()).toHaveText('not ask what your');
  await form.getByRole('searchbox', { name: 'Find' }).fill('(ask');
  await expect(form.getByRole('status')).toHaveText('This is no regular expression.');
});

test('what is pressed right after the last letter is done with what was typed', async ({ app }) => {
  await opened(app);
  await boxes(app).first().focus();
  await app.keyboard.press('Alt+r');
  const form = region(app).getByRole('form', { name: 'Find and replace' });
  await expect(form.getByRole('searchbox', { name: 'Find' })).toBeFocused();
  await app.keyboard.insertText('ask');
  await app.keyboard.press('Enter');
  await expect(form.getByRole('status')).toHaveText('1 of 2');
  /** Types into a field and presses a button, both at once. */
  const typeAndPress = (label: string, text: string, button: string) =>
    form.evaluate(
      (element, [label, text, button]) => {
        const field = element.querySelector<HTMLInputElement>(`[aria-label="${label}"]`);
        if (field === null) throw new Error(`there is no field ${label}`);
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        [...element.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === button)?.click();
      },
      [label, text, button] as const,
    );
  await typeAndPress('Replace with', 'tell', 'Replace');
  await expect.poll(async () => (await texts(app))[0]).toBe('tell not what your');
  await typeAndPress('Find', 'your', 'Next');
  await expect(form.getByRole('status')).toHaveText('1 of 2');
  await form.getByRole('button', { name: 'Replace', exact: true }).click();
  await expect.poll(async () => (await texts(app))[0]).toBe('tell not what tell');
});

test('a search whose worker takes long to start is not called a pattern that takes too long', async ({ app }) => {
  let come = (): void => undefined;
  const mayCome = new Promise<void>((resolve) => (come = resolve));
  let asked = false;
  await app.route(/\/find\.worker-[^/]*\.js$/, async (route) => {
    asked = true;
    await mayCome;
    await route.continue();
  });
  await app.clock.install();
  await opened(app);
  await boxes(app).first().focus();
  await app.keyboard.press('Alt+r');
  const form = region(app).getByRole('form', { name: 'Find and replace' });
  await form.getByRole('searchbox', { name: 'Find' }).fill('you');
  await expect.poll(() => asked).toBe(true);
  await app.clock.runFor(10_000);
  await expect(form.getByRole('status')).toHaveText('0 matches');
  come();
  await expect(form.getByRole('status')).toHaveText('4 matches');
});

test('a pattern that would run for years is given up, and the page goes on meanwhile', async ({ app }) => {
  await opened(app, [cue(0, 'a'.repeat(60)), cue(70, 'something else')]);
  await boxes(app).first().focus();
  await app.keyboard.press('Alt+r');
  const form = region(app).getByRole('form', { name: 'Find and replace' });
  await form.getByRole('checkbox', { name: 'Regular expression' }).check();
  const tasks = await longTasks(app);
  await form.getByRole('searchbox', { name: 'Find' }).fill('^(a+)+$x');
  await boxes(app).nth(1).fill('still here');
  await expect(form.getByRole('status')).toHaveText('This pattern takes too long.', { timeout: 30_000 });
  expect(longest(await tasks())).toBeLessThan(1000);
  await form.getByRole('searchbox', { name: 'Find' }).fill('still');
  await expect(form.getByRole('status')).toHaveText('1 match');
});

test('the keys are shown and can be others; none is taken from what is typed', async ({ app }) => {
  await opened(app);
  const player = app.getByRole('region', { name: 'Player' });
  await player.getByRole('button', { name: 'Keyboard' }).click();
  const dialog = app.getByRole('dialog', { name: 'Keys' });
  await expect(dialog.getByRole('list', { name: 'Keys' })).toContainText('Alt N Next doubtful word');
  const change = dialog.getByRole('button', { name: 'Change the keys: Next doubtful word' });
  await change.click();
  await app.keyboard.press('n');
  await expect(dialog.getByRole('status')).toHaveText('A key that is typed needs Alt, Ctrl or ⌘ with it.');
  await app.keyboard.press('Alt+k');
  await expect(dialog.getByRole('status')).toHaveText('Alt K is for “Play or pause” already.');
  await app.keyboard.press('F8');
  await expect(dialog.getByRole('list', { name: 'Keys' })).toContainText('F8 Next doubtful word');
  await app.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await app.reload();
  const chosen = () => app.evaluate(() => getSelection()?.toString());
  await boxes(app).first().focus();
  await app.keyboard.press('Alt+n');
  expect(await chosen()).toBe('');
  await app.keyboard.press('F8');
  await expect.poll(chosen).toBe('what');
  // Letters, brackets and spaces are text.
  await boxes(app).first().focus();
  await app.keyboard.press('End');
  await app.keyboard.type(' k [j] n l.');
  await expect(boxes(app).first()).toHaveText('ask not what your k [j] n l.');
});
