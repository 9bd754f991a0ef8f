/**
 * Draws the icons from the mark (an ear's arc, the red margin rule, three lines of writing) and renders the PNGs the
 * manifest names. Run again after a change: `node tests/icons.mjs`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { ensureChromium, launchOptions } from './chromium.mjs';

const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'public/icons');
const PAPER = '#f0f4ec';
const INK = '#17201a';
const RULE = '#a0241a';

/**
 * @param {{ corner: number, scale: number }} shape `corner`: radius of the sheet in units of 28; `scale`: of the mark.
 *   A maskable icon fills its square and keeps the mark inside the central 80 %.
 */
function mark({ corner, scale }) {
  const shift = 14 - 14 * scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28">
  <title>Earshot</title>
  <rect width="28" height="28" rx="${corner}" fill="${PAPER}" />
  <g
    transform="translate(${round(shift - 0.25 * scale)} ${round(shift)}) scale(${scale})"
    fill="none"
    stroke="${INK}"
    stroke-width="1.9"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    <path d="M9 3v22" stroke="${RULE}" />
    <path d="M13 8h11M13 14h7M13 20h9" />
    <path d="M5.5 9.5a6 6 0 0 0 0 9" />
  </g>
</svg>
`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}

const any = mark({ corner: 6, scale: 0.82 });
const maskable = mark({ corner: 0, scale: 0.62 });

ensureChromium();
const browser = await chromium.launch(launchOptions({ gpu: false }));
mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'icon.svg'), any);
writeFileSync(join(target, 'maskable.svg'), maskable);
for (const [name, svg, size] of [
  ['icon-192', any, 192],
  ['icon-512', any, 512],
  ['maskable-512', maskable, 512],
  // iOS rounds the corners itself and shows transparency as black.
  ['apple-touch-icon', mark({ corner: 0, scale: 0.74 }), 180],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: 100vw }</style>${svg}`);
  await page.screenshot({ path: join(target, `${name}.png`), omitBackground: true });
  await page.close();
}
await browser.close();
