/** No accessibility fault axe can find, in any state a person meets, by day and by night, on a phone and a desk. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { addFiles, heard, repeated } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';

/** What axe complains of, one line per element. */
async function faults(page: Page): Promise<string[]> {
  // Colours in the middle of a transition are nobody's.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

/** Nothing is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [device, viewport] of [
    ['desktop', { width: 1280, height: 800 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    test.describe(`${device}, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport, contextOptions: { reducedMotion: 'reduce' } });

      test('first visit', async ({ app }) => {
        await app.open();
        await expect(app.getByLabel('Add files')).toBeAttached();
        expect(await faults(app)).toEqual([]);
        expect(await overflow(app)).toBeLessThanOrEqual(0);
      });

      test('running, cancelled, done', async ({ app }) => {
        test.slow();
        await app.open('?model=whisper-digits-10s&backend=cpu');
        await addFiles(app, repeated(CLIP, 90));
        const queue = app.getByRole('list', { name: 'Queue' });
        await expect(queue.getByRole('progressbar')).toBeVisible();
        await expect.poll(() => heard(app), { timeout: 60_000 }).toContain(WORDS);
        expect(await faults(app)).toEqual([]);
        expect(await overflow(app)).toBeLessThanOrEqual(0);
        await expect(queue.getByRole('progressbar')).toBeVisible();

        await queue.getByRole('button', { name: 'Cancel' }).click();
        await expect(queue.getByRole('progressbar')).toHaveCount(0);
        expect(await faults(app)).toEqual([]);

        await addFiles(app, CLIP);
        await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(WORDS);
        expect(await faults(app)).toEqual([]);
        expect(await overflow(app)).toBeLessThanOrEqual(0);

        // With every bar of the editor open there is room for words, on a small phone too.
        if (device === 'phone') await app.setViewportSize({ width: 390, height: 664 });
        await app.getByRole('button', { name: 'Find and replace' }).click();
        await app
          .getByRole('textbox', { name: /^Text at/ })
          .first()
          .click();
        const bars = [
          app.getByRole('toolbar', { name: 'Editing' }),
          app.getByRole('form', { name: 'Find and replace' }),
          app.getByRole('group', { name: /^Cue at/ }),
        ];
        const heights = await Promise.all(bars.map(async (bar) => (await bar.boundingBox())?.height ?? Infinity));
        expect(Math.max(...heights)).toBeLessThan(device === 'phone' ? 60 : 120);
        expect(await faults(app)).toEqual([]);
        expect(await overflow(app)).toBeLessThanOrEqual(0);
        if (device === 'phone') return;
        await app.getByRole('button', { name: 'Keyboard' }).click();
        await expect(app.getByRole('dialog')).toBeVisible();
        expect(await faults(app)).toEqual([]);
      });

      test('the engine panel', async ({ app }) => {
        await app.open('?model=whisper-digits-10s&backend=cpu');
        await addFiles(app, CLIP);
        await expect.poll(() => heard(app), { timeout: 60_000 }).toBe(WORDS);
        await app.getByRole('link', { name: 'Engine', exact: true }).click();
        await expect(app.getByRole('region', { name: 'Engine' })).toBeVisible();
        expect(await faults(app)).toEqual([]);
        await app.getByText('For experts').click();
        await app.getByRole('button', { name: 'Delete Spoken digits', exact: true }).click();
        await expect(app.getByRole('button', { name: 'Keep it' })).toBeFocused();
        expect(await faults(app)).toEqual([]);
        expect(await overflow(app)).toBeLessThanOrEqual(0);
      });
    });
  }
}
