/** Which of a file's sound is heard: a track that was chosen, and left and right as one speaker each. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { wav } from '../fixtures/wav.ts';
import { addFiles, heard } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };

const row = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
const boxes = (page: Page) => page.getByRole('region', { name: 'Transcript' }).getByRole('textbox');

/** The media worker tells which track it is asked for. */
const TELLING = `self.addEventListener('message', ({ data }) => {
  if (data?.path?.[0] === 'stream') console.log('stream', JSON.stringify(data.argumentList[2]?.value));
});`;

test('several tracks: which one is heard is said, and another can be chosen', async ({ app }) => {
  await app.route(/\/media\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${TELLING}\n${await response.text()}` });
  });
  const asked: string[] = [];
  app.on('console', (message) => {
    if (message.text().startsWith('stream ')) asked.push(message.text().slice('stream '.length));
  });
  await app.open(QUERY);
  await addFiles(app, fixture('media-cases/02_german_then_english_track.mkv'));
  await expect(row(app)).toContainText('Done', LONG);
  const choice = row(app).getByRole('combobox', { name: 'Sound track' });
  await expect(row(app)).toContainText('Heard track 1 of 2');
  await expect(choice.locator('option')).toHaveText(['1: German (opus)', '2: English (opus)']);
  await boxes(app).first().fill('what was typed');
  await boxes(app).first().blur();

  await choice.selectOption({ label: '2: English (opus)' });
  await expect(row(app)).toContainText('Heard track 2 of 2');
  await expect(row(app)).toContainText('Done', LONG);
  expect(asked).toEqual(['{"track":null,"channel":null}', '{"track":1,"channel":null}']);
  // Heard anew: what was typed belonged to the other track, which is five seconds long and not eleven.
  expect(await heard(app)).not.toContain('what was typed');
  const starts = await app
    .getByRole('button', { name: /^Play from / })
    .evaluateAll((all) => all.map((button) => Number(button.getAttribute('data-start'))));
  expect(Math.max(...starts)).toBeGreaterThan(5);
});

test('the first track with speech is heard where nobody chose, and stays chosen after a reload', async ({ app }) => {
  await app.open(QUERY);
  await addFiles(app, fixture('media-cases/02_speech_in_second_track.mp4'));
  await expect(row(app)).toContainText('Done', LONG);
  await expect(row(app)).toContainText('Heard track 2 of 2');
  const words = await heard(app);
  expect(words).not.toBe('');

  await app.reload();
  await expect(row(app)).toContainText('Saved');
  await expect.poll(() => heard(app)).toBe(words);
});

test('one speaker a channel: every cue says whose it is, here, after a reload and in an export', async ({ app }) => {
  const mono = readFileSync(CLIP);
  const from = mono.indexOf('data', 12, 'latin1') + 8;
  const samples = Float32Array.from(
    { length: (mono.length - from) >> 1 },
    (_, at) => mono.readInt16LE(from + 2 * at) / 32768,
  );
  const call = { name: 'call.wav', mimeType: 'audio/wav', buffer: Buffer.from(wav({ samples: [samples, samples] })) };
  await app.open(QUERY);
  await app.evaluate(() => localStorage.setItem('earshot-settings', '{"speakerPerChannel":true}'));
  await app.reload();
  await addFiles(app, call);
  await expect(row(app)).toContainText('Done', LONG);

  const bySpeaker = async () => {
    const said = await boxes(app).evaluateAll((all) =>
      all.map((box) => [box.getAttribute('data-speaker'), (box.textContent ?? '').trim()] as const),
    );
    const of = (speaker: string) =>
      said
        .filter(([who]) => who === speaker)
        .map(([, text]) => text)
        .join(' ');
    return { Left: of('Left'), Right: of('Right'), cues: said.length };
  };
  const whole = await bySpeaker();
  expect(whole).toMatchObject({ Left: WORDS, Right: WORDS });
  await expect(boxes(app).first()).toHaveAccessibleName(/^Text at \d:\d\d, Left$/);
  const starts = await app
    .getByRole('button', { name: /^Play from / })
    .evaluateAll((all) => all.map((button) => Number(button.getAttribute('data-start'))));
  expect(starts).toEqual([...starts].sort((a, b) => a - b));

  await app.reload();
  await expect(row(app)).toContainText('Saved');
  await expect.poll(bySpeaker).toEqual(whole);
  const exported = async (name: RegExp) => {
    await app.getByRole('button', { name: 'Export' }).click();
    const download = app.waitForEvent('download');
    await app.getByRole('menuitem', { name }).click();
    return readFileSync(await (await download).path(), 'utf8');
  };
  const text = await exported(/Plain text/);
  expect(text).toContain('Left: two');
  expect(text).toContain('Right: two');

  // The same strip and panel as where voices were told apart; only there is nothing to be told.
  const transcript = app.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByRole('img', { name: /^Who speaks when: Left \d+ %, Right \d+ %$/ })).toBeVisible();
  await transcript.getByRole('button', { name: 'Speakers', exact: true }).click();
  const panel = transcript.getByRole('region', { name: 'Speakers' });
  await expect(panel).toContainText('Each channel of this recording is one speaker.');
  await expect(panel.getByRole('button', { name: 'Tell speakers apart' })).toBeDisabled();
  const people = panel.getByRole('list', { name: 'Speakers' }).getByRole('listitem');
  await expect(people).toHaveCount(2);
  await expect(people.first()).toContainText(/\d+ % of the time, 50 % of the words/);
  const tones = await people.evaluateAll((rows) => rows.map((one) => one.getAttribute('data-tone')));
  expect(new Set(tones).size).toBe(2);
  await panel.getByRole('combobox', { name: 'Name of speaker 1' }).fill('Ada');
  await app.keyboard.press('Tab');
  await expect(boxes(app).first()).toHaveAccessibleName(/^Text at \d:\d\d, Ada$/);
  expect(await exported(/WebVTT/)).toContain('<v Ada>');
  expect(await exported(/SubRip/)).toContain('Ada: ');
});
