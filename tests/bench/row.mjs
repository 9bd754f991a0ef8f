/**
 * `npm run bench:row`: prints this machine's row of BENCHMARKS.md, as the button of the page gives it: the built page hears
 * the sentence of the self-test with Whisper base on the CPU. Needs a build (`npm run build`).
 */
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { ensureChromium, launchOptions } from '../chromium.mjs';
import { headersForAll, serve } from '../serve.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = join(root, 'dist');
if (!existsSync(join(dist, '_headers'))) throw new Error('dist/ is missing: run `npm run build` first');
ensureChromium();
const site = await serve(dist, { headers: headersForAll(readFileSync(join(dist, '_headers'), 'utf8')) });
const browser = await chromium.launch(launchOptions({ gpu: false }));
try {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  page.setDefaultTimeout(300_000);
  await page.goto(`${site.url}?model=whisper-base&backend=cpu&language=en`);
  // The model comes to this device with the first file.
  await page.getByLabel('Add files').setInputFiles(join(root, 'public/demo/sentence.wav'));
  await page.getByRole('list', { name: 'Queue' }).getByText('Done').first().waitFor();
  await page.getByRole('link', { name: 'Engine', exact: true }).click();
  const panel = page.getByRole('region', { name: 'Self-test' });
  await panel.getByRole('button', { name: 'Run self-test' }).click();
  const copy = panel.getByRole('button', { name: 'Copy benchmark row' });
  await copy.click();
  await panel.getByText('Copied').waitFor();
  // The browser tells a page how many cores there are; whose they are only the machine knows.
  const row = await page.evaluate(() => navigator.clipboard.readText());
  console.log(row.replace(/\| CPU, (\d+ cores?) \|/, `| ${cpus()[0].model.trim()}, $1 |`));
  console.log((await panel.getByRole('listitem').allInnerTexts()).map((line) => line.trim()).join('\n'));
} finally {
  await browser.close();
  await site.close();
}
