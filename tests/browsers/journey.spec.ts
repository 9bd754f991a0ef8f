/**
 * A newcomer's way through the page in Firefox and in WebKitGTK: first visit, a real recording heard by the model that
 * comes with the page, a word corrected, subtitles saved, a reload, and another file with the site gone.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { dist, fixture, hostHeaders } from '../browser.ts';
import { serve, type Site } from '../serve.mjs';
import { findFirefox, findWebKit } from './find.mjs';
import { startFirefox } from './firefox.ts';
import { END, ENTER, type Remote } from './remote.ts';
import { startWebKit } from './webkit.ts';

/** Eleven seconds of John F. Kennedy, 1961; the first three of them; all of them once more. PCM, which needs no decoder. */
const SPEECH = fixture('media-cases/08_sox_pipe_length.wav');
const BEGINNING = fixture('media/pcm.mov');
const AGAIN = fixture('media-cases/08_arecord_pipe_length.wav');
const WORDS = /and so my fellow americans,? ask not what your country can do for you/i;
/** Until two slow cores have loaded the model and heard eleven seconds. */
const LONG = { timeout: 90_000, intervals: [500] };

const FILES = '//input[@type="file" and @aria-label="Add files"]';
const button = (name: string) => `//button[normalize-space()="${name}"]`;

/** The cues' texts in order, spaces collapsed. */
const heard = () =>
  [...document.querySelectorAll('[role=textbox]')]
    .map((box) => box.textContent ?? '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();

/** What the list of files says. */
const queueSays = () => document.querySelector('[aria-label=Queue]')?.textContent?.replace(/\s+/g, ' ') ?? '';

/** `start` null: the browser is not on this machine. It saves files in the folder it is given. */
type Case = { name: string; missing: string; start: ((downloads: string) => Promise<Remote>) | null };

const firefox = findFirefox();
const webkit = findWebKit();
const cases: Case[] = [
  {
    name: 'Firefox',
    missing: 'Firefox is not on this machine (Debian: apt-get install firefox-esr)',
    start: firefox === null ? null : (folder) => startFirefox(firefox, folder),
  },
  {
    name: 'WebKitGTK',
    missing: 'WebKitGTK is not on this machine (Debian: apt-get install webkit2gtk-driver xvfb)',
    start: webkit === null ? null : (folder) => startWebKit(webkit, folder),
  },
];

for (const { name, missing, start } of cases) {
  test.describe.serial(name, () => {
    test.skip(start === null, missing);
    let site: Site;
    let browser: Remote;
    let downloads: string;

    test.beforeAll(async ({}, testInfo) => {
      downloads = testInfo.outputPath('downloads');
      mkdirSync(downloads, { recursive: true });
      site = await serve(dist, { headers: hostHeaders() });
      browser = await start!(downloads);
    });

    // What the page shows, in the report: these browsers leave no trace to look into.
    test.afterEach(async ({}, testInfo) => {
      if (testInfo.status === testInfo.expectedStatus || !browser) return;
      const shown = await browser.evaluate(() => document.body.innerText).catch(String);
      throw new Error(`The page when the test failed:\n${shown}`);
    });

    test.afterAll(async () => {
      await browser?.close();
      await site?.close();
    });

    const says = (what: () => unknown) => expect.poll(() => browser.evaluate(what), LONG);
    const faults = () =>
      browser.evaluate(() => [...document.querySelectorAll('[role=alert]')].map((one) => one.textContent));

    test('the first visit offers a way in, and complains of nothing', async () => {
      test.info().annotations.push({ type: 'browser', description: browser.version });
      await browser.open(site.url);
      await says(() => document.querySelector('h1')?.textContent).toMatch(/Drop a recording/);
      await says(() => document.body.textContent).toContain('Whisper base comes with the page');
      expect(await faults()).toEqual([]);
    });

    test('a recording is heard by the model that comes with the page, which stays on this device', async () => {
      await browser.choose(FILES, SPEECH);
      await says(heard).toMatch(WORDS);
      await says(queueSays).toContain('Done in');
      expect(await faults()).toEqual([]);
      // Kept, not only held in memory: nothing is said of memory, and the model is on the list of what is here.
      expect(await browser.evaluate(() => document.body.textContent)).not.toContain('keeps no models');
    });

    test('a text is corrected and saved as subtitles', async () => {
      await browser.click('(//*[@role="textbox"])[1]');
      await browser.type(`${END} he said${ENTER}`);
      await says(heard).toContain('he said');
      await browser.click(button('Export'));
      await browser.click('//*[@role="menuitem"][contains(., "SubRip")]');
      const saved = join(downloads, '08_sox_pipe_length.srt');
      const onDisk = () => (existsSync(saved) ? readFileSync(saved, 'utf8') : '');
      await expect.poll(onDisk, LONG).toMatch(/^1\r?\n00:00:0\d,\d{3} --> /);
      expect(readFileSync(saved, 'utf8').replace(/\s+/g, ' ')).toContain('he said');
    });

    test('after a reload the words are there, and another file is heard without fetching the model again', async () => {
      await browser.open(site.url);
      await says(queueSays).toContain('Saved');
      await says(heard).toContain('he said');
      site.log.length = 0;
      await browser.choose(FILES, BEGINNING);
      await says(heard).toMatch(/and so my fellow america/i);
      await says(queueSays).toContain('Done in');
      expect(site.log.filter((path) => path.includes('/models/'))).toEqual([]);
    });

    test('with the site gone the page opens, has the words, and hears a file', async () => {
      await says(() => document.body.textContent).toContain('Offline ready');
      await site.close();
      await browser.open(site.url);
      await says(queueSays).toContain('Saved');
      await browser.choose(FILES, AGAIN);
      await says(heard).toMatch(WORDS);
      await says(queueSays).toContain('Done in');
      expect(await faults()).toEqual([]);
    });
  });
}
