/** Transcripts that come as files, and the dialog that shapes what goes out: by mouse, by keyboard, for axe, on a phone. */
import { strFromU8, unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import type { Download, Page } from 'playwright/test';
import { expect, fixture, test, type App } from '../browser.ts';
import { parseSrt } from '../unit/subtitle-readers.ts';
import { expectAccessible, onEveryDevice } from './accessible.ts';
import { keptKeys } from './kept-transcript.ts';
import { addFiles, heard } from './words.ts';

const SRT = [
  '1',
  '00:00:00,500 --> 00:00:03,000',
  'And so, my fellow Americans, ask not what',
  '',
  '2',
  '00:00:03,000 --> 00:00:05,500',
  'your country can do for you,',
  '',
  '3',
  '00:00:05,500 --> 00:00:09,000',
  'ask what you can do for your country.',
  '',
].join('\n');
const text = (name: string, content: string, mimeType = 'text/plain') => ({
  name,
  mimeType,
  buffer: Buffer.from(content),
});
const contentOf = async (file: Download) => readFileSync(await file.path());

async function opened(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: 'More formats, shape and preview…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}
const dialog = (page: Page) => page.getByRole('dialog');
const status = (page: Page) => dialog(page).getByRole('status');

test('a transcript alone is read, kept, and takes its recording when that comes', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, text('talk.srt', SRT));
  await expect.poll(() => heard(app)).toContain('And so, my fellow Americans, ask not what your country');
  const queue = app.getByRole('list', { name: 'Queue' });
  await expect(queue).toContainText('Read from talk.srt.');
  // Its record and its words.
  await expect.poll(() => keptKeys(app)).toHaveLength(2);
  await app.reload();
  await expect.poll(() => heard(app)).toContain('ask what you can do for your country.');
  const clip = readFileSync(fixture('windows/synthetic_en_10s_0.wav'));
  await addFiles(app, { name: 'talk.wav', mimeType: 'audio/wav', buffer: clip });
  // It can be heard, and it is not transcribed anew.
  await expect(
    app.getByRole('region', { name: 'Player' }).getByRole('button', { name: 'Play', exact: true }),
  ).toBeEnabled();
  await expect(queue.getByRole('listitem')).toHaveCount(1);
  await expect(queue).toContainText('talk.wav');
  expect(await heard(app)).toContain('And so, my fellow Americans');
});

test('the dialog shapes, shows, says what breaks, and the menu saves the same', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, text('talk.srt', SRT));
  await expect.poll(() => heard(app)).toContain('my fellow Americans');
  await opened(app);
  await expect(dialog(app).getByLabel('Format')).toBeFocused();
  await expect(dialog(app).getByLabel('Format')).toHaveValue('srt');
  await expect(dialog(app).getByRole('radio', { name: /^Broadcast/ })).toBeChecked();
  await expect(status(app)).toHaveText(/^\d subtitles, all within the limits\.$/);
  await expect(dialog(app).getByRole('region', { name: 'Preview' })).toContainText('ask not what');

  // Faster than anybody reads: some break it, and those alone can be looked at.
  await dialog(app).getByLabel('Characters a second').fill('5');
  await dialog(app).getByLabel('Characters a second').press('Enter');
  await expect(status(app)).toHaveText(/break a limit\.$/);
  await expect(
    dialog(app)
      .getByText(/^Too fast by/)
      .first(),
  ).toBeVisible();
  await dialog(app).getByRole('button', { name: 'Show them' }).click();
  await dialog(app).getByRole('button', { name: 'Back to the limits of Broadcast' }).click();
  await expect(status(app)).toHaveText(/all within the limits\.$/);

  await dialog(app)
    .getByRole('radio', { name: /^Short form/ })
    .click();
  await expect(status(app)).toHaveText(/^2\d subtitles/);
  const download = app.waitForEvent('download');
  await dialog(app).getByRole('button', { name: 'Save .srt' }).click();
  const saved = parseSrt((await contentOf(await download)).toString());
  expect(saved.map((cue) => cue.text).join(' ')).toBe(await heard(app));
  expect(saved.every((cue) => !cue.text.includes(' '))).toBe(true);
  await expect(status(app)).toHaveText('talk.srt goes to your downloads.');

  await app.keyboard.press('Escape');
  await expect(app.getByRole('dialog')).toHaveCount(0);
  await expect(app.getByRole('button', { name: 'Export' })).toBeFocused();
  // What was chosen holds for the menu, and for the next visit.
  await app.reload();
  await expect.poll(() => heard(app)).toContain('my fellow Americans');
  const again = app.waitForEvent('download');
  await app.getByRole('button', { name: 'Export' }).click();
  await app.getByRole('menuitem', { name: 'SubRip (.srt)' }).click();
  expect(parseSrt((await contentOf(await again)).toString())).toEqual(saved);
});

/** All of them, in the order of the list; the browser lets a visit download ten files before it asks. */
const FORMATS = [
  ['txt', 'md', 'docx', 'srt', 'vtt', 'ttml', 'lrc'],
  ['json', 'whisper', 'whisperx', 'csv', 'tsv', 'rttm', 'qdpx'],
];

/** The dialog over a short talk of two people. */
async function talkOpened(app: App): Promise<void> {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(
    app,
    text('talk.vtt', `WEBVTT\n\n00:01.000 --> 00:03.000\n<v Anna>Hi &lt;b&gt;\n\n00:03.000 --> 00:05.000\n<v Ben>=1+1`),
  );
  await expect.poll(() => heard(app)).toContain('Hi <b>');
  await opened(app);
}

test('what can be read is shown, and text is copied', async ({ app, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await talkOpened(app);
  const values = await dialog(app)
    .getByLabel('Format')
    .locator('option')
    .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value));
  expect(values).toEqual(FORMATS.flat());
  await dialog(app).getByLabel('Format').selectOption('txt');
  await dialog(app).getByLabel('Times').check();
  await expect(dialog(app).getByRole('region', { name: 'Preview' })).toContainText('[0:01] Anna: Hi <b>');
  await dialog(app).getByRole('button', { name: 'Copy' }).click();
  await expect(status(app)).toHaveText('Copied as Plain text.');
  expect(await app.evaluate(() => navigator.clipboard.readText())).toBe('[0:01] Anna: Hi <b>\n\n[0:03] Ben: =1+1\n');
});

for (const formats of FORMATS) {
  test(`every format is saved: ${formats.join(', ')}`, async ({ app }) => {
    await talkOpened(app);
    for (const value of formats) {
      await dialog(app).getByLabel('Format').selectOption(value);
      const download = app.waitForEvent('download');
      await dialog(app)
        .getByRole('button', { name: /^Save \./ })
        .click();
      // Says what went wrong instead, where something did.
      await expect(status(app), value).toHaveText(/goes to your downloads\.$/);
      const file = await download;
      const bytes = await contentOf(file);
      if (value === 'docx' || value === 'qdpx') {
        const files = unzipSync(bytes);
        const words = value === 'docx' ? files['word/document.xml'] : files[Object.keys(files)[1]];
        expect(strFromU8(words), value).toContain('=1+1');
        await expect(dialog(app).getByRole('button', { name: 'Copy' })).toHaveCount(0);
      } else if (value === 'rttm') {
        expect(bytes.toString()).toBe(
          'SPEAKER talk 1 1.000 2.000 <NA> <NA> Anna <NA> <NA>\nSPEAKER talk 1 3.000 2.000 <NA> <NA> Ben <NA> <NA>\n',
        );
      } else expect(bytes.toString(), value).toContain('1+1');
    }
  });
}

test('all transcripts in one zip', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, text('talk.srt', SRT), text('talk.vtt', 'WEBVTT\n\n00:01.000 --> 00:03.000\nAnother one'));
  await expect(app.getByRole('list', { name: 'Queue' }).getByRole('listitem')).toHaveCount(2);
  await opened(app);
  await dialog(app).getByRole('radio', { name: 'All 2 transcripts, in one zip' }).check();
  const download = app.waitForEvent('download');
  await dialog(app).getByRole('button', { name: 'Save .zip' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^Transcripts \d{4}-\d\d-\d\d \(srt\)\.zip$/);
  const files = unzipSync(await contentOf(file));
  expect(Object.keys(files)).toEqual(['talk.srt', 'talk (2).srt']);
  expect(strFromU8(files['talk (2).srt'])).toContain('Another one');
});

test('what is damaged says so, and what has no words', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(
    app,
    text('hurt.srt', `${SRT}\n4\n00:00:0x,000 --> 00:00:12,000\nlost\n`),
    text('none.vtt', 'WEBVTT\n'),
  );
  await expect.poll(() => heard(app)).toContain('my fellow Americans');
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('1 place in it could not be read.');
  await expect(app.getByText('There are no words in none.vtt.')).toBeVisible();
});

onEveryDevice((device) => {
  test('axe finds no fault in the dialog', async ({ app }) => {
    await app.open('?model=whisper-digits-10s&backend=cpu');
    await addFiles(app, text('talk.srt', SRT), text('rtl.srt', SRT.replace('my fellow', 'שלום لكم')));
    await expect.poll(() => heard(app)).toContain('Americans');
    await opened(app);
    for (const format of ['srt', 'txt', 'docx']) {
      await dialog(app).getByLabel('Format').selectOption(format);
      await expect(dialog(app).getByRole('region', { name: 'Preview' })).not.toBeEmpty();
      if (format === 'srt') {
        await dialog(app).getByLabel('Characters a second').fill('4');
        await dialog(app).getByLabel('Characters a second').press('Enter');
        await expect(status(app)).toHaveText(/break a limit\.$/);
      }
      await expectAccessible(app, { pictures: `export-${format}-${device}` });
    }
  });
});
