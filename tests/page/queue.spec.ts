/** The queue as a person uses it: several files, one that can't be read, stop, go on, remove, come back later. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { references, wordErrorRate } from '../engine.ts';
import { wav } from '../fixtures/wav.ts';
import { keptEdits } from './kept-transcript.ts';
import { addFiles, allHeard, heard, repeated } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const OTHER = fixture('windows/synthetic_en_10s_1.wav');
const LONG = { timeout: 60_000 };
/** Asked often: a quick machine would be done before a slow question. */
const OFTEN = { ...LONG, intervals: [50] };

const items = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
const item = (page: Page, name: string) => items(page).filter({ hasText: name });
const words = (times: number) => Array<string>(times).fill(WORDS).join(' ');
const wordCount = async (page: Page) => (await heard(page)).split(' ').filter(Boolean).length;

const TEXT_AS_MP3 = {
  name: 'notes.mp3',
  mimeType: 'audio/mpeg',
  buffer: Buffer.from('Nobody said this. '.repeat(300)),
};

/** Milliseconds from the press to the moment the page shows `done`, measured in the page itself. */
function pressUntil(button: Locator, done: string): Promise<number> {
  return button.evaluate(
    (pressed, text) =>
      new Promise<number>((resolve) => {
        const row = pressed.closest('li');
        const began = performance.now();
        const look = () => {
          if (row?.textContent.includes(text)) resolve(performance.now() - began);
          else requestAnimationFrame(look);
        };
        (pressed as HTMLButtonElement).click();
        look();
      }),
    done,
  );
}

test('three files, the middle one is no sound: it says so, the others are transcribed', async ({ app }) => {
  await app.open(QUERY);
  await addFiles(app, { name: 'first.wav', mimeType: 'audio/wav', buffer: readFileSync(CLIP) }, TEXT_AS_MP3, {
    name: 'third.wav',
    mimeType: 'audio/wav',
    buffer: readFileSync(OTHER),
  });
  const fault = item(app, 'notes.mp3').getByRole('alert');
  await expect(fault).toHaveText('This is a text: there is no sound in it. Add a recording or a film.', LONG);
  await expect(item(app, 'first.wav')).toContainText(/Done in \d+ s\. 10 s, English/, LONG);
  await expect(item(app, 'third.wav')).toContainText('Done', LONG);
  await expect(app.getByRole('alert')).toHaveCount(1);
  await expect(app.getByText(/2 files are done: \d+ s of sound in/)).toBeVisible();

  // The first is opened by its button; the model came from disk once and stayed.
  await item(app, 'first.wav').getByRole('button', { name: 'Open' }).click();
  expect(await heard(app)).toBe(WORDS);
  expect(app.requestLog.filter((url) => url.includes('encoder_model')).length).toBeLessThanOrEqual(1);
});

test('progress only rises, is in the title, and is gone at the end', async ({ app }) => {
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 20));
  const bar = item(app, 'long.wav').getByRole('progressbar');
  await expect(bar).toBeVisible();
  await expect(app).toHaveTitle(/^\d+ % · long\.wav · Earshot$/);
  const seen: number[] = [];
  await expect
    .poll(async () => {
      const now = await bar.getAttribute('aria-valuenow', { timeout: 1000 }).catch(() => null);
      if (now !== null) seen.push(Number(now));
      return bar.count();
    }, LONG)
    .toBe(0);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(Math.max(...seen)).toBeLessThanOrEqual(100);
  expect(seen.some((share) => share > 0)).toBe(true);
  await expect(app).toHaveTitle('Earshot: words from your recordings');
  expect(wordErrorRate(words(20), await allHeard(app))).toBeLessThan(0.06);
});

test('a cancel takes less than a second and keeps the words; a retry goes on from there', async ({ app }) => {
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 20));
  const row = item(app, 'long.wav');
  await expect.poll(() => wordCount(app), OFTEN).toBeGreaterThanOrEqual(8);
  const tookMs = await pressUntil(row.getByRole('button', { name: 'Cancel' }), 'Stopped at');
  expect(tookMs).toBeLessThan(1000);
  await expect(row).toContainText(/Stopped at \d:\d\d\. The words up to there are kept\./);
  const kept = await allHeard(app);
  expect(words(20).startsWith(kept)).toBe(true);
  expect(kept.length).toBeGreaterThan(0);

  // A word put right by hand stays right.
  const first = app.getByRole('region', { name: 'Transcript' }).getByRole('textbox').first();
  await first.fill('TWO');
  await first.blur();
  await row.getByRole('button', { name: 'Retry' }).click();
  await expect(row).toContainText('Done', LONG);
  // Where it was cut changes how the rest is packed into windows, and with it now and then a word.
  const whole = await allHeard(app);
  expect(whole.startsWith('TWO eight')).toBe(true);
  expect(wordErrorRate(words(20), whole.toLowerCase())).toBeLessThan(0.06);
});

test('a file that waits is removed at once; one with words can be put back', async ({ app }) => {
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 30), {
    name: 'second.wav',
    mimeType: 'audio/wav',
    buffer: readFileSync(OTHER),
  });
  await item(app, 'second.wav').getByRole('button', { name: 'Remove' }).click();
  await expect(items(app)).toHaveCount(1);
  await expect.poll(() => wordCount(app), OFTEN).toBeGreaterThan(0);
  await item(app, 'long.wav').getByRole('button', { name: 'Cancel' }).click();
  await item(app, 'long.wav').getByRole('button', { name: 'Remove' }).click();
  await expect(app.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
  await app.getByRole('button', { name: 'Undo' }).click();
  await expect(item(app, 'long.wav')).toContainText('Stopped at');
  expect(await wordCount(app)).toBeGreaterThan(0);
});

test('after a reload the words and edits are there; the file added again goes on where it stopped', async ({ app }) => {
  await app.open(QUERY);
  // On disk, so that it has the same date both times, as a person's file has.
  const path = onDisk(repeated(CLIP, 20));
  await addFiles(app, path);
  await expect.poll(() => wordCount(app), OFTEN).toBeGreaterThanOrEqual(8);
  await item(app, 'long.wav').getByRole('button', { name: 'Cancel' }).click();
  await expect(item(app, 'long.wav')).toContainText('Stopped at');
  const first = app.getByRole('region', { name: 'Transcript' }).getByRole('textbox').first();
  await first.fill('TWO');
  await first.blur();
  const kept = await allHeard(app);
  await expect.poll(() => keptEdits(app)).toContain('TWO');

  await app.reload();
  await expect(item(app, 'long.wav')).toContainText('Stopped at');
  await expect.poll(() => heard(app)).toBe(kept);
  await item(app, 'long.wav').getByRole('button', { name: 'Retry' }).click();
  await expect(app.getByRole('status').filter({ hasText: 'Add long.wav again to go on' })).toBeVisible();

  await addFiles(app, path);
  await expect(items(app)).toHaveCount(1);
  await expect(item(app, 'long.wav')).toContainText('Done', LONG);
  const whole = await allHeard(app);
  expect(whole.startsWith('TWO eight')).toBe(true);
  expect(wordErrorRate(words(20), whole.toLowerCase())).toBeLessThan(0.06);
});

function onDisk(file: ReturnType<typeof repeated>): string {
  if (typeof file === 'string') return file;
  const path = test.info().outputPath(file.name);
  writeFileSync(path, file.buffer);
  return path;
}

test('an empty file, and a file without speech, each say one thing and hold nobody up', async ({ app }) => {
  await app.open(QUERY);
  const silence = wav({ samples: [new Float32Array(3 * 16000)] });
  await addFiles(
    app,
    { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) },
    { name: 'silence.wav', mimeType: 'audio/wav', buffer: Buffer.from(silence) },
    { name: 'words.wav', mimeType: 'audio/wav', buffer: readFileSync(CLIP) },
  );
  await expect(item(app, 'empty.wav').getByRole('alert')).toContainText('This file is empty.', LONG);
  await expect(item(app, 'silence.wav').getByRole('status')).toHaveText(
    'No speech was found. If there is some, turn "Skip silence" off and run it again.',
    LONG,
  );
  await expect(item(app, 'silence.wav').getByRole('button', { name: 'Retry' })).toBeVisible();
  await expect(item(app, 'words.wav')).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
});

test('asked for the GPU where there is none, the CPU takes over and says so', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=gpu');
  await addFiles(app, CLIP);
  const news = app.getByRole('status').filter({ hasText: 'This browser offers no GPU here. The CPU does the work.' });
  await expect(news).toBeVisible(LONG);
  await expect(news.getByRole('button', { name: 'Try the GPU again' })).toBeVisible();
  await expect(items(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
});

test('parts of the page that cannot be fetched are named, and hold no file up', async ({ app }) => {
  const blocked: string[] = [];
  await app.route(/assets\/(awake|run-news)-/, (route) => {
    blocked.push(route.request().url());
    return route.abort();
  });
  await app.open(QUERY);
  await addFiles(app, CLIP, OTHER);
  const missing = (name: string) => app.getByRole('alert').filter({ hasText: `${name} could not be fetched.` });
  await expect(missing('The part that keeps the screen on')).toBeVisible();
  await expect(items(app).nth(1)).toContainText('Done', LONG);
  await expect(items(app).first()).toContainText('Done');
  // What would have told that both are done.
  await expect(missing('A message of the page')).toBeVisible();
  await item(app, 'en_10s_0').getByRole('button', { name: 'Open' }).click();
  expect(await heard(app)).toBe(WORDS);
  expect(blocked.join()).toMatch(/awake.*run-news/);
  for (const complaint of app.consoleErrors.splice(0)) expect(complaint).toMatch(/ERR_FAILED.*(awake|run-news)/);
});

test('files dropped anywhere are added; what is no file is refused in words', async ({ app }) => {
  await app.open(QUERY);
  await expect(app.getByLabel('Add files')).toBeAttached();
  const drop = (files: { name: string; bytes: number[] }[], text = '') =>
    app.evaluate(
      ([list, words]) => {
        const transfer = new DataTransfer();
        for (const { name, bytes } of list) transfer.items.add(new File([new Uint8Array(bytes)], name));
        if (words !== '') transfer.setData('text/plain', words);
        for (const type of ['dragenter', 'dragover', 'drop']) {
          document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }
      },
      [files, text] as const,
    );
  await drop([], 'https://example.org/sound.mp3');
  await expect(app.getByRole('status').filter({ hasText: 'Only files can be dropped here.' })).toBeVisible();
  await drop([
    { name: 'a.wav', bytes: [...readFileSync(CLIP)] },
    { name: 'b.txt', bytes: [104, 105] },
  ]);
  await expect(items(app)).toHaveCount(2);
  await expect(item(app, 'b.txt').getByRole('alert')).toBeVisible(LONG);
  await expect(item(app, 'a.wav')).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
});

test('everything in the queue is reached and worked with the keyboard', async ({ app }) => {
  await app.open(QUERY);
  await addFiles(app, CLIP, OTHER);
  await expect(items(app).nth(1)).toContainText('Done', LONG);
  await app.locator('body').press('Home');
  const reached: string[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await app.keyboard.press('Tab');
    reached.push(
      await app.evaluate(() => {
        const at = document.activeElement;
        const label = at instanceof HTMLSelectElement ? at.labels[0]?.textContent : null;
        return (at?.getAttribute('aria-label') ?? label ?? at?.textContent ?? '').trim();
      }),
    );
  }
  const order = ['Transcribe', 'Engine', 'Settings', 'Add files', 'Open', 'Remove', 'Model', 'Export'];
  const places = order.map((name) => reached.indexOf(name));
  expect(places, reached.join(' | ')).toEqual([...places].sort((a, b) => a - b));
  expect(places, reached.join(' | ')).not.toContain(-1);
  await items(app).first().getByRole('button', { name: 'Open' }).focus();
  await app.keyboard.press('Enter');
  await expect(items(app).first().getByRole('button', { name: 'Open' })).toHaveCount(0);
  await items(app).first().getByRole('button', { name: 'Remove' }).focus();
  await app.keyboard.press('Space');
  await expect(items(app)).toHaveCount(1);
});

test('a file that breaks off in the middle: what came before it is heard, however long that takes', async ({ app }) => {
  // Reads beyond five minutes fail, as when a stick is pulled out. The demuxer had read about two minutes ahead, which
  // are lost with it; the other six windows were on their way, and the model takes about a second for each.
  await app.route(/media\.worker.*\.js$/, async (route) => {
    const response = await route.fetch();
    const gone = `{
      const { slice, stream } = Blob.prototype;
      const most = 300 * 32000;
      let whole = 0;
      const lost = () => new DOMException('gone', 'NotFoundError');
      Blob.prototype.slice = function (from, to, type) {
        whole = Math.max(whole, this.size);
        if (from > most) throw lost();
        return slice.call(this, from, to, type);
      };
      Blob.prototype.stream = function () {
        let at = whole - this.size;
        const count = (chunk, out) => ((at += chunk.length) > most ? out.error(lost()) : out.enqueue(chunk));
        return stream.call(this).pipeThrough(new TransformStream({ transform: count }));
      };
    }`;
    await route.fulfill({ response, body: gone + (await response.text()) });
  });
  test.slow();
  await app.open('?model=whisper-digits&backend=cpu&language=en');
  await addFiles(app, repeated(fixture('windows/synthetic_en_30s_0.wav'), 20));
  const alert = item(app, 'long.wav').getByRole('alert');
  await expect(alert).toContainText("The file can't be read any more.", { timeout: 180_000 });
  const [first] = references().filter((one) => one.file === 'synthetic_en_30s_0.wav' && one.task === 'transcribe');
  expect(await wordCount(app)).toBeGreaterThan(5 * first.text.split(' ').length);
});
