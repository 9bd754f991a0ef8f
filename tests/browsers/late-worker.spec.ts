/**
 * A first visit in Firefox in which a file is dropped before the service worker is there. Threads that sleep in WebAssembly
 * keep it from ever taking charge there (workers/charge.ts), and what is asked for meanwhile used to get no answer.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { dist, fixture, hostHeaders } from '../browser.ts';
import { serve } from '../serve.mjs';
import { findFirefox } from './find.mjs';
import { startFirefox } from './firefox.ts';

const firefox = findFirefox();
const LONG = { timeout: 60_000, intervals: [500] };
const sign = () => document.querySelector('header')?.textContent ?? '';
const queueSays = () => document.querySelector('[aria-label=Queue]')?.textContent?.replace(/\s+/g, ' ') ?? '';

test('a service worker that comes when the threads are running leaves the page and its parts in peace', async ({}, info) => {
  test.skip(firefox === null, 'Firefox is not on this machine (Debian: apt-get install firefox-esr)');
  const downloads = info.outputPath('downloads');
  mkdirSync(downloads, { recursive: true });
  let come = (): void => undefined;
  const mayCome = new Promise<void>((resolve) => (come = resolve));
  const site = await serve(dist, {
    headers: hostHeaders(),
    before: (path) => (path === 'sw.js' ? mayCome : undefined),
  });
  const browser = await startFirefox(firefox!, downloads);
  try {
    await browser.open(site.url);
    const says = (what: () => unknown) => expect.poll(() => browser.evaluate(what), LONG);
    await says(() => document.querySelector('input[type=file][aria-label="Add files"]') !== null).toBe(true);
    await browser.choose('//input[@type="file" and @aria-label="Add files"]', fixture('media/pcm.mov'));
    await says(queueSays).toMatch(/Listening|Done in/);
    come();
    await says(async () => (await navigator.serviceWorker.getRegistration())?.active?.state).toBe('activated');
    await says(queueSays).toContain('Done in');
    // A part that the page has not fetched yet.
    await browser.click('//button[normalize-space()="Export"]');
    await browser.click('//*[@role="menuitem"][contains(., "SubRip")]');
    const saved = join(downloads, 'pcm.srt');
    await expect.poll(() => (existsSync(saved) ? readFileSync(saved, 'utf8') : ''), LONG).toMatch(/^1\r?\n00:00:0/);
    expect(await browser.evaluate(queueSays)).toContain('Done in');
    // Everything is kept, and this visit would not find it there: the sign says so, and the next visit's is another.
    await says(sign).toContain('Not offline yet: reload this page once');
    await browser.open(site.url);
    await says(sign).toContain('Offline ready');
    const { url } = site;
    await site.close();
    await browser.open(url);
    await says(queueSays).toContain('Saved');
    await browser.click('//button[normalize-space()="Export"]');
    await says(() => document.querySelector('[role=menuitem]') !== null).toBe(true);
  } finally {
    await browser.close();
    await site.close();
  }
});
