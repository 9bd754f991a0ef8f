/**
 * Compressed recordings in WebKitGTK, whose AudioDecoder says of all of them that it decodes them: it fails at MP3, is silent
 * of FLAC, and ends the page with AAC and Opus. What the browser's player decodes is heard instead.
 */
import { mkdirSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { dist, fixture, hostHeaders } from '../browser.ts';
import { serve, type Site } from '../serve.mjs';
import { findWebKit } from './find.mjs';
import type { Remote } from './remote.ts';
import { startWebKit } from './webkit.ts';

const webkit = findWebKit();
/** Until two slow cores have loaded the model and heard three seconds. */
const LONG = { timeout: 90_000, intervals: [500] };
const FILES = '//input[@type="file" and @aria-label="Add files"]';

test.describe.serial('WebKitGTK hears', () => {
  test.skip(webkit === null, 'WebKitGTK is not on this machine (Debian: apt-get install webkit2gtk-driver xvfb)');
  let site: Site;
  let browser: Remote;

  test.beforeAll(async ({}, testInfo) => {
    const downloads = testInfo.outputPath('downloads');
    mkdirSync(downloads, { recursive: true });
    site = await serve(dist, { headers: hostHeaders() });
    browser = await startWebKit(webkit!, downloads);
    await browser.open(site.url);
    await expect.poll(() => browser.evaluate(() => document.querySelector('h1')?.textContent), LONG).toMatch(/Drop/);
  });

  test.afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const name of ['stereo-48k.mp3', 'aac.m4a', 'opus.opus', 'flac.flac']) {
    test(name, async () => {
      const row = () =>
        browser.evaluate(
          (of) =>
            [...document.querySelectorAll('[aria-label=Queue] li')]
              .find((one) => one.textContent?.includes(of))
              ?.textContent?.replace(/\s+/g, ' ') ?? '',
          name,
        );
      const words = () =>
        browser.evaluate(
          // All of them say the same: these are the words of this one.
          (of) =>
            document.getElementById('transcript-heading')?.textContent?.includes(of)
              ? [...document.querySelectorAll('[role=textbox]')].map((box) => box.textContent).join(' ')
              : '',
          name,
        );
      await browser.choose(FILES, fixture(`media/${name}`));
      await expect.poll(row, LONG).toMatch(/Done in|can't be opened|stopped/);
      expect(await row()).toMatch(/Done in .* 3 s/);
      await expect.poll(words).toMatch(/and so my fellow americans/i);
    });
  }
});
