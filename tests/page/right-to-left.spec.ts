/**
 * The layout from right to left. The page speaks no such language yet, but a browser can turn it round, and transcripts are
 * in Arabic and Hebrew. Time still runs from left to right: the player, the waveform and the chart of memory.
 */
import type { Page } from 'playwright/test';
import { expect, test } from '../browser.ts';
import { expectInside } from './accessible.ts';
import { keepCues } from './kept-transcript.ts';

const ARABIC = 'مرحبا بكم في هذا التسجيل، وهذا هو المقطع الأول.';
const HEBREW = 'שלום לכולם, וזה הקטע השני של ההקלטה.';
const CUES = [
  { start: 0, end: 4, text: ARABIC, language: 'ar', speaker: '1' },
  { start: 4, end: 9, text: HEBREW, language: 'he', speaker: '2' },
];

const turnRound = (page: Page) => page.evaluate(() => (document.documentElement.dir = 'rtl'));

const direction = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => getComputedStyle(element).direction);

for (const [device, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 390, height: 844 }],
] as const) {
  test.describe(device, () => {
    test.use({ viewport, contextOptions: { reducedMotion: 'reduce' } });

    test('every view from right to left', async ({ app }) => {
      await app.open();
      await turnRound(app);
      await app.getByText('More', { exact: true }).click();
      await expect(app.getByRole('checkbox', { name: 'Skip silence' })).toBeVisible();
      await expectInside(app);
      await app.screenshot({ path: test.info().outputPath(`first-${device}.png`) });
      // The greeting begins at the right.
      const hello = (await app.getByRole('heading', { level: 1 }).boundingBox())!;
      const brand = (await app.getByRole('link', { name: 'Earshot' }).boundingBox())!;
      expect(brand.x + brand.width).toBeGreaterThan(viewport.width - 60);
      expect(hello.x + hello.width).toBeGreaterThan(viewport.width / 2);
      for (const [view, name] of [
        ['record', 'Record'],
        ['library', 'Library'],
        ['engine', 'Engine'],
      ]) {
        await app.goto(`${app.url().replace(/#.*$/, '')}#${view}`);
        await turnRound(app);
        // The view before stays on the screen until this one is here.
        await expect(app.getByRole('heading', { level: 1, name })).toBeVisible();
        await expectInside(app);
        await app.screenshot({ path: test.info().outputPath(`${view}-${device}.png`) });
      }
    });

    test('a transcript in Arabic and Hebrew', async ({ app }) => {
      await app.open();
      await keepCues(app, CUES, {
        name: 'تسجيل.wav',
        language: 'ar',
        speakers: [
          { id: '1', name: 'ليلى' },
          { id: '2', name: 'דוד' },
        ],
      });
      await app.reload();
      const transcript = app.getByRole('region', { name: 'Transcript' });
      await expect(transcript.getByText(HEBREW)).toBeVisible();
      // Each text has its own direction, in a page of either.
      for (const dir of ['ltr', 'rtl']) {
        await app.evaluate((dir) => (document.documentElement.dir = dir), dir);
        for (const text of [ARABIC, HEBREW])
          expect(await transcript.getByText(text).evaluate((box) => getComputedStyle(box).direction)).toBe('rtl');
        expect(await direction(app, '.player')).toBe('ltr');
        await expectInside(app);
      }
      // The red rule stands between the times and the words, on the side where the times are.
      const list = (await transcript.getByRole('list', { name: 'Cues' }).boundingBox())!;
      const time = (await transcript.getByRole('button', { name: 'Play from 0:04' }).boundingBox())!;
      const words = (await transcript.getByText(HEBREW).boundingBox())!;
      expect(time.x).toBeGreaterThan(words.x + words.width - 12);
      const rule = await transcript
        .getByRole('list', { name: 'Cues' })
        .evaluate((element) => getComputedStyle(element).backgroundPositionX);
      expect(rule).toMatch(/^calc\(100% - \d+px\)$/);
      expect(list.x + list.width - time.x - time.width).toBeLessThan(84);
      await transcript.getByText(HEBREW).click();
      await app.getByRole('button', { name: 'Find and replace' }).click();
      await expectInside(app);
      await app.screenshot({ path: test.info().outputPath(`transcript-${device}.png`) });
      await app.getByRole('button', { name: 'Export' }).click();
      await app.screenshot({ path: test.info().outputPath(`menu-${device}.png`) });
      await expectInside(app);
      await app.getByRole('menuitem', { name: 'More formats, shape and preview…' }).click();
      await expect(app.getByRole('dialog')).toBeVisible();
      await app.getByRole('combobox', { name: 'Format' }).selectOption('SubRip (.srt)');
      await expect(app.getByRole('dialog').getByText(HEBREW).first()).toBeVisible();
      await expectInside(app);
      await app.screenshot({ path: test.info().outputPath(`export-${device}.png`) });
    });
  });
}
