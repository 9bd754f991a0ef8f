/**
 * Takes the manifest's screenshots of the built page: `npm run build && node tests/screenshots.mjs`, then build again.
 * They show the demo clip, transcribed by the page itself.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { ensureChromium, launchOptions } from './chromium.mjs';
import { headersForAll, serve } from './serve.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'public/screenshots');
const dist = join(root, 'dist');

/** Sizes in CSS pixels; the manifest names them times `scale` (vite.config.ts). */
const shots = [
  { name: 'wide', width: 1280, height: 800, scale: 1 },
  { name: 'narrow', width: 390, height: 844, scale: 2 },
];

if (!existsSync(join(dist, '_headers'))) throw new Error('dist/ is missing: run `npm run build` first');
ensureChromium();
mkdirSync(target, { recursive: true });
const site = await serve(dist, { headers: headersForAll(readFileSync(join(dist, '_headers'), 'utf8')) });
const browser = await chromium.launch(launchOptions({ gpu: false }));
for (const { name, width, height, scale } of shots) {
  const page = await browser.newPage({
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(`${site.url}?model=whisper-digits-10s&backend=cpu`);
  await page.getByLabel('Add files').setInputFiles(join(root, 'public/demo/digits.wav'));
  const queue = page.getByRole('list', { name: 'Queue' });
  await queue.getByRole('listitem').waitFor();
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await transcript.getByRole('textbox').first().waitFor({ timeout: 60_000 });
  // Done: nothing in the queue is running any more.
  await page.waitForFunction(() => document.querySelector('[role=progressbar], progress') === null);
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('*')) element.scrollTop = 0;
  });
  await page.screenshot({ path: join(target, `${name}.png`) });
  console.log(`public/screenshots/${name}.png`);
  await page.close();
}
await browser.close();
await site.close();
