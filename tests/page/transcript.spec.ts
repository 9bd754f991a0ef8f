/** Reading, hearing and changing the words. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import type { TranscriptFile } from '../../src/export/transcript-json.ts';
import { expect, fixture, needsShared, test, type App } from '../browser.ts';
import { longest, longTasks } from './long-tasks.ts';
import { addFiles, heard, joined, repeated } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const player = (page: Page) => page.getByRole('region', { name: 'Player' });
const list = (page: Page) => region(page).getByRole('list', { name: 'Cues' });
const boxes = (page: Page) => list(page).getByRole('textbox');
const times = (page: Page) => list(page).getByRole('button', { name: /^Play from / });

/** Where the sound is, in seconds, and whether it goes on. */
function sound(page: Page): Promise<{ at: number; paused: boolean; rate: number; url: string }> {
  return player(page)
    .locator('audio, video')
    .evaluate((element) => {
      const media = element as HTMLMediaElement;
      return { at: media.currentTime, paused: media.paused, rate: media.playbackRate, url: media.src };
    });
}

/** A clip of eighteen seconds: two windows, so two cues at least. */
async function transcribed(app: App): Promise<void> {
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 2));
  await expect.poll(() => heard(app), LONG).toBe(`${WORDS} ${WORDS}`);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', LONG);
}

test('each cue is a time to press and a text to change', async ({ app }) => {
  await transcribed(app);
  const count = await boxes(app).count();
  expect(count).toBeGreaterThanOrEqual(2);
  await expect(times(app)).toHaveCount(count);
  const shown = (await times(app).first().innerText()).trim();
  expect(shown).toMatch(/^\d+:\d\d$/);
  await expect(times(app).first()).toHaveAccessibleName(`Play from ${shown}`);
  await expect(boxes(app).first()).toHaveAccessibleName(`Text at ${shown}`);
  await expect(region(app).getByRole('heading', { name: 'Transcript long.wav' })).toBeVisible();
  await expect(region(app)).toContainText(/18 s, English, \d\d % sure/);
});

test('a page translator keeps its hands off the words, which say their own language', async ({ app }) => {
  await transcribed(app);
  await expect(list(app)).toHaveAttribute('translate', 'no');
  expect(await boxes(app).evaluateAll((all) => all.map((box) => (box as HTMLElement).translate))).not.toContain(true);
  expect(await boxes(app).evaluateAll((all) => [...new Set(all.map((box) => box.getAttribute('lang')))])).toEqual([
    'en',
  ]);
});

test('Enter keeps the text and goes on, Escape puts it back, leaving keeps it', async ({ app }) => {
  await transcribed(app);
  const [first, second] = [boxes(app).nth(0), boxes(app).nth(1)];
  const before = (await second.innerText()).trim();
  await expect(list(app).getByText('Edited')).toHaveCount(0);

  await first.fill('  one   changed ');
  await app.keyboard.press('Enter');
  await expect(second).toBeFocused();
  await expect(first).toHaveText('one changed');
  await expect(list(app).getByText('Edited')).toHaveCount(1);

  await second.fill('not this');
  await app.keyboard.press('Escape');
  await expect(second).toHaveText(before);
  await first.click();
  await expect(list(app).getByText('Edited')).toHaveCount(1);

  await second.click();
  await app.keyboard.press('Control+a');
  await app.keyboard.type('that');
  await first.click();
  await expect(second).toHaveText('that');
  await expect(list(app).getByText('Edited')).toHaveCount(2);
});

test('what is typed or pasted is text, never markup', async ({ app }) => {
  await transcribed(app);
  await app.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const first = boxes(app).first();
  await app.evaluate(() => {
    const html = new Blob(['<b>bold</b> <i>'], { type: 'text/html' });
    const plain = new Blob(['bold <i>'], { type: 'text/plain' });
    return navigator.clipboard.write([new ClipboardItem({ 'text/html': html, 'text/plain': plain })]);
  });
  await first.click();
  await app.keyboard.press('Control+a');
  await app.keyboard.press('Control+v');
  await app.keyboard.press('Enter');
  await expect(first).toHaveText('bold <i>');
  await expect(first.locator('*')).toHaveCount(0);
});

test('several languages in one recording: each part in its own, told where it changes, kept and exported', async ({
  app,
}) => {
  await app.open(QUERY);
  await app.getByText('More', { exact: true }).first().click();
  const several = app.getByRole('checkbox', { name: 'Several languages in one recording' });
  await app.getByRole('combobox', { name: 'Language' }).selectOption('English');
  await expect(several).toBeDisabled();
  await app.getByRole('combobox', { name: 'Language' }).selectOption('Detect');
  await several.check();
  await addFiles(app, joined(CLIP, fixture('windows/synthetic_de_10s_0.wav')));
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', LONG);
  expect(await heard(app)).toContain(WORDS);
  await expect(region(app)).toContainText('English, German');
  await expect(list(app).getByText(/^From here on/)).toHaveText('From here on: German');
  await expect(list(app).locator('[lang=en]')).not.toHaveCount(0);
  const german = (await list(app).locator('[lang=de]').allInnerTexts()).join(' ');
  expect(german).toMatch(/eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|null/);

  await app.reload();
  await expect(list(app).getByText(/^From here on/)).toHaveText('From here on: German');
  const download = app.waitForEvent('download');
  await app.getByRole('button', { name: 'Export' }).click();
  await app.getByRole('menuitem', { name: 'JSON' }).click();
  const file = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as TranscriptFile;
  expect(file.language).toBe('en');
  expect(new Set(file.cues.map((cue) => cue.language))).toEqual(new Set([undefined, 'de']));
});

test('an edit is still there after a reload, and the sound asks for its file', async ({ app }) => {
  await transcribed(app);
  await boxes(app).first().fill('kept');
  await app.keyboard.press('Enter');
  await expect(list(app).getByText('Edited')).toHaveCount(1);
  await expect
    .poll(async () => {
      await app.reload();
      // The desk is a part of its own, which comes after the page.
      await boxes(app).first().waitFor();
      return heard(app);
    }, LONG)
    .toMatch(/^kept /);
  await expect(list(app).getByText('Edited')).toHaveCount(1);
  await expect(player(app)).toContainText('Add the file again to hear it.');
  await expect(player(app).getByRole('button', { name: 'Play' })).toHaveCount(0);

  await addFiles(app, repeated(CLIP, 2));
  await expect(player(app).getByRole('button', { name: 'Play' })).toBeEnabled();
});

test('pressing a time plays from there and marks the cue', async ({ app }) => {
  await transcribed(app);
  const second = times(app).nth(1);
  const start = Number(await second.getAttribute('data-start'));
  expect(start).toBeGreaterThan(0.5);
  // Noted in the page: a cue of one word is over before a busy machine has been asked for it.
  await list(app).evaluate((cues) => {
    const marked: string[] = [];
    Object.assign(window, { marked });
    new MutationObserver(() => {
      const row = cues.querySelector('[aria-current=true]');
      if (row !== null) marked.push(row.querySelector('[role=textbox]')?.textContent.trim() ?? '');
    }).observe(cues, { subtree: true, attributeFilter: ['aria-current'] });
  });
  const words = (await boxes(app).nth(1).innerText()).trim();
  await second.click();
  await expect.poll(async () => (await sound(app)).at).toBeGreaterThanOrEqual(start - 0.05);
  const { at, paused } = await sound(app);
  expect(at).toBeLessThan(start + 5);
  expect(paused).toBe(false);
  await expect(list(app).locator('[aria-current=true]')).toHaveCount(1);
  expect(await app.evaluate(() => (window as unknown as { marked: string[] }).marked[0])).toBe(words);
  await expect(player(app).getByRole('button', { name: 'Pause' })).toBeVisible();
});

test('the word that sounds is painted where words have times', async ({ app }) => {
  await app.open(QUERY);
  const settings = app.getByText('More', { exact: true }).first();
  await settings.click();
  await app.getByRole('checkbox', { name: 'Words with times' }).check();
  await addFiles(app, CLIP);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
  await times(app).nth(3).click();
  const painted = () =>
    app.evaluate(() => [...(CSS.highlights.get('word-now') ?? [])].map((range) => (range as Range).toString()));
  // Between two words there is none.
  let word = '';
  await expect.poll(async () => (word = (await painted()).join())).not.toBe('');
  expect(WORDS.split(' ')).toContain(word);
  // Painted, not wrapped: the text is still one piece.
  await expect(boxes(app).locator('*')).toHaveCount(0);
});

test('a video shows its picture, and hides it when asked', async ({ app }) => {
  const film = needsShared(test, 'speech/derived/jfk_video.webm');
  await app.open(QUERY);
  await addFiles(app, film);
  const video = player(app).locator('video');
  await expect(video).toBeVisible(LONG);
  await expect(player(app).getByRole('button', { name: 'Play' })).toBeEnabled();
  const picture = player(app).getByRole('button', { name: 'Picture' });
  await expect(picture).toHaveAttribute('aria-pressed', 'true');
  expect((await video.boundingBox())?.height).toBeGreaterThan(100);
  await picture.click();
  await expect(picture).toHaveAttribute('aria-pressed', 'false');
  expect((await video.boundingBox())?.height).toBeLessThanOrEqual(1);
  await player(app).getByRole('button', { name: 'Play' }).click();
  await expect.poll(async () => (await sound(app)).at).toBeGreaterThan(0.2);
});

test('a format the browser cannot play is told of, and the words are there all the same', async ({ app }) => {
  // A browser without the decoder: what it is given to play is nothing it knows.
  await app.addInitScript(() => {
    const real = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (given) => real(given instanceof File ? new Blob(['no sound']) : given);
  });
  await transcribed(app);
  await expect(player(app)).toContainText('This browser can’t play this format. The transcript is not affected.');
  for (const name of ['Play', 'Back 2 seconds', 'Forward 2 seconds']) {
    await expect(player(app).getByRole('button', { name })).toBeDisabled();
  }
  await expect(player(app).getByRole('slider', { name: 'Position' })).toBeDisabled();
  await times(app).nth(1).click();
  expect(await heard(app)).toBe(`${WORDS} ${WORDS}`);
});

test('the player moves by buttons, keys, slider and speed', async ({ app }) => {
  await transcribed(app);
  const at = async () => (await sound(app)).at;
  const position = player(app).getByRole('slider', { name: 'Position' });
  await expect(position).toBeEnabled();
  await position.fill('10');
  expect(await at()).toBe(10);
  await expect(player(app)).toContainText('0:10.0 / 0:18');
  await player(app).getByRole('button', { name: 'Forward 2 seconds' }).click();
  expect(await at()).toBe(12);
  await player(app).getByRole('button', { name: 'Back 2 seconds' }).click();
  expect(await at()).toBe(10);
  await app.keyboard.press('Alt+l');
  expect(await at()).toBe(12);
  await app.keyboard.press('Alt+j');
  expect(await at()).toBe(10);
  await expect(position).toHaveAttribute('aria-valuetext', '0:10 of 0:18');

  await player(app).getByRole('combobox', { name: 'Speed' }).selectOption('1.5×');
  expect((await sound(app)).rate).toBe(1.5);

  // Space plays, except where it is a letter or a button is pressed with it.
  await region(app).getByRole('heading').click();
  await app.keyboard.press('Space');
  await expect.poll(async () => (await sound(app)).paused).toBe(false);
  await app.keyboard.press('Space');
  await expect.poll(async () => (await sound(app)).paused).toBe(true);
  await boxes(app).first().focus();
  await app.keyboard.press('End');
  await app.keyboard.press('Space');
  expect((await sound(app)).paused).toBe(true);
  await app.keyboard.press('Alt+k');
  await expect.poll(async () => (await sound(app)).paused).toBe(false);
  await app.keyboard.press('Alt+k');
  await expect.poll(async () => (await sound(app)).paused).toBe(true);

  await player(app).getByRole('button', { name: 'Keyboard' }).click();
  await expect(player(app).getByRole('list', { name: 'Keys' })).toContainText('Alt K Play or pause');
});

test('the address of the sound is given back with the file', async ({ app }) => {
  await transcribed(app);
  const { url } = await sound(app);
  expect(url).toMatch(/^blob:/);
  // The policy does not let scripts fetch blob addresses, so an element has to tell.
  const loads = () =>
    app.evaluate(
      (address) =>
        new Promise<boolean>((resolve) => {
          const audio = new Audio(address);
          audio.onloadedmetadata = () => resolve(true);
          audio.onerror = () => resolve(false);
        }),
      url,
    );
  expect(await loads()).toBe(true);
  await app
    .getByRole('list', { name: 'Queue' })
    .getByRole('button', { name: /^Remove/ })
    .click();
  await expect(player(app)).toHaveCount(0);
  expect(await loads()).toBe(false);
  await expect.poll(() => app.consoleErrors.join()).toContain('ERR_FILE_NOT_FOUND');
  app.consoleErrors.splice(0);
});

test('copies the words as plain text and says so', async ({ app }) => {
  await transcribed(app);
  await app.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await region(app).getByRole('button', { name: 'Copy text' }).click();
  await expect(
    region(app)
      .getByRole('status')
      .filter({ hasText: /^Copied \d+ cues\.$/ }),
  ).toBeVisible();
  const text = await app.evaluate(() => navigator.clipboard.readText());
  expect(text.replace(/\s+/g, ' ').trim()).toBe(`${WORDS} ${WORDS}`);
});

test('follows the newest words until a person looks elsewhere', async ({ app }) => {
  test.slow();
  await app.setViewportSize({ width: 1280, height: 520 });
  await app.open(QUERY);
  // The better part of an hour: words still come in when all of this was asked, however quick the machine is.
  const path = test.info().outputPath('tape.wav');
  writeFileSync(path, repeated(CLIP, 380).buffer);
  await addFiles(app, path);
  const toEnd = () => list(app).evaluate((cues) => cues.scrollHeight - cues.clientHeight - cues.scrollTop);
  const overflows = () => list(app).evaluate((cues) => cues.scrollHeight - cues.clientHeight);
  const status = region(app).getByRole('status').filter({ hasText: 'ollowing the newest words.' });
  await expect(status).toHaveText('Following the newest words.', LONG);
  await expect.poll(overflows, LONG).toBeGreaterThan(300);
  await expect.poll(toEnd).toBeLessThan(4);
  await expect(region(app)).toContainText(/Saved up to \d+:\d\d\./);

  // Scrolling back stops it: the place stays while words come in below.
  await list(app).hover();
  await app.mouse.wheel(0, -250);
  await expect(status).toHaveText('Not following the newest words.');
  /** The first cue that is in sight, with its time, and where: what a person sees, whatever is laid out above it meanwhile. */
  const inSight = () =>
    list(app).evaluate((cues) => {
      const { top } = cues.getBoundingClientRect();
      const places = [...cues.querySelectorAll('[role="listitem"]')].map((cue) => ({
        text: cue.textContent,
        top: Math.round(cue.getBoundingClientRect().top - top),
      }));
      return places.find((cue) => cue.top >= 0);
    });
  // The browser moves a wheel's way in several frames.
  let place: Awaited<ReturnType<typeof inSight>>;
  await expect
    .poll(async () => {
      const before = place;
      place = await inSight();
      return before?.text === place?.text && before?.top === place?.top;
    })
    .toBe(true);
  const count = await boxes(app).count();
  await expect.poll(() => boxes(app).count(), LONG).toBeGreaterThan(count + 2);
  expect(await inSight()).toEqual(place);

  await region(app).getByRole('button', { name: 'Follow', exact: true }).click();
  await expect(status).toHaveText('Following the newest words.');
  await expect.poll(toEnd).toBeLessThan(4);

  // So does a text box: nobody's text may run away while they type.
  await boxes(app).last().focus();
  await expect(status).toHaveText('Not following the newest words.');
  await app.keyboard.press('Control+End');
  await app.keyboard.type(' and more');
  const typed = app.getByText('and more');
  const grown = await boxes(app).count();
  await expect.poll(() => boxes(app).count(), LONG).toBeGreaterThan(grown);
  await expect(typed).toBeFocused();
  await region(app).getByRole('button', { name: 'Stop following' }).waitFor({ state: 'detached' });
});

/** Puts a finished transcript on the disk, as an earlier visit would have left it. */
async function keepTranscript(page: Page, windows: number, cuesPerWindow: number): Promise<void> {
  await page.evaluate(
    async ([windows, cuesPerWindow]) => {
      const open = indexedDB.open('earshot-transcripts');
      open.onupgradeneeded = () => open.result.createObjectStore('jobs');
      await new Promise((resolve) => (open.onsuccess = resolve));
      const write = open.result.transaction('jobs', 'readwrite');
      const jobs = write.objectStore('jobs');
      const seconds = 36000;
      const length = seconds / windows;
      const id = 'long';
      jobs.put(
        {
          ...{
            version: 1,
            id,
            added: 1,
            demo: false,
            name: 'ten hours.wav',
            size: 5,
            lastModified: 1,
            type: 'audio/wav',
          },
          ...{ phase: 'done', language: 'en', languageProbability: 0.98, audioSeconds: seconds, doneSeconds: seconds },
          ...{ report: null, notice: null, edits: {}, seams: [{ atSeconds: seconds / 2, backend: 'cpu' }] },
          facts: { container: 'wav', codec: 'pcm', seconds, sampleRate: 16000, channels: 1, video: false },
        },
        id,
      );
      for (let index = 0; index < windows; index += 1) {
        const startSample = Math.round(index * length * 16000);
        const cues = Array.from({ length: cuesPerWindow }, (_, place) => {
          const start = (index + place / cuesPerWindow) * length;
          const text = `Cue ${index * cuesPerWindow + place}: nobody had read those numbers since the men who wrote them.`;
          return { start, end: start + length / cuesPerWindow, text, ...(place === 0 && { doubt: 'repetition' }) };
        });
        jobs.put(
          {
            ...{ index, startSample, endSample: startSample + length * 16000, cues, tokens: [], language: 'en' },
            ...{ languageProbability: 0.98, noSpeechProbability: 0, averageLogProbability: -0.2 },
            ...{ compressionRatio: 1.2, temperature: 0, backend: index < windows / 2 ? 'gpu' : 'cpu' },
          },
          `${id}/${String(startSample).padStart(12, '0')}`,
        );
      }
      await new Promise((resolve) => (write.oncomplete = resolve));
      open.result.close();
    },
    [windows, cuesPerWindow] as const,
  );
}

test('ten thousand cues: all are there, the page stays quick', async ({ app }) => {
  const tasks = await longTasks(app);
  await app.open(QUERY);
  await keepTranscript(app, 1000, 10);
  await app.reload();
  await expect(list(app)).toBeVisible();
  await expect(times(app).first()).toHaveAccessibleName('Play from 0:00:00');
  await expect.poll(() => list(app).locator('[data-cue]').count(), LONG).toBe(10_000);
  await expect(list(app).getByRole('button', { name: 'Play from 9:59:56' })).toHaveCount(1);
  await expect(list(app).getByText('From here on: CPU')).toHaveCount(1);
  await expect(list(app).getByText('Doubtful: repeats itself')).toHaveCount(1000);

  const last = await app.evaluateHandle(() => [...document.querySelectorAll<HTMLElement>('[data-cue]')].at(-1)!);
  await tasks();
  await last.scrollIntoViewIfNeeded();
  await last.fill('the end');
  await app.keyboard.press('Enter');
  await expect.poll(() => last.textContent()).toBe('the end');
  // 13 ms on two idle cores; as one list without blocks it was 120 and more. Busy machines get room.
  expect(longest(await tasks())).toBeLessThan(100);
  await expect(list(app).getByText('Edited')).toHaveCount(1);
});

test('an empty sheet says what it waits for, and what was not found', async ({ app }) => {
  await app.open(QUERY);
  const silence = readFileSync(CLIP);
  silence.fill(0, 44);
  await addFiles(app, { name: 'silence.wav', mimeType: 'audio/wav', buffer: silence });
  await expect(region(app)).toContainText(
    'No speech was found. If there is some, turn "Skip silence" off and run it again.',
    LONG,
  );
  await expect(boxes(app)).toHaveCount(0);
  // It can be heard all the same.
  await expect(player(app).getByRole('button', { name: 'Play' })).toBeEnabled();
  await expect(app.getByRole('button', { name: 'Export' })).toBeDisabled();
  await expect(app.getByRole('button', { name: 'Copy text' })).toBeDisabled();
});
