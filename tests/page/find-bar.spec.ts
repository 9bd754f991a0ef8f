/** Find and replace on phones, in languages with long words: everything is in reach. */
import { expect, test } from '../browser.ts';
import { keepCues } from './kept-transcript.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CUES = Array.from({ length: 20 }, (_, at) => ({ start: at * 4, end: at * 4 + 3, text: `Sentence ${at} of it.` }));
const NAMES = {
  'en-GB': ['Find and replace', 'Find', '20 matches'],
  'de-DE': ['Suchen und ersetzen', 'Suchen', '20 Treffer'],
  'fr-FR': ['Rechercher et remplacer', 'Rechercher', '20 '],
} as const;

for (const [locale, [name, find, found]] of Object.entries(NAMES)) {
  test.describe(locale, () => {
    test.use({ locale, contextOptions: { reducedMotion: 'reduce' } });

    for (const width of [390, 320]) {
      test(`nothing is moved to at ${width} pixels`, async ({ app }) => {
        await app.setViewportSize({ width, height: 740 });
        await app.open(QUERY);
        await keepCues(app, CUES);
        await app.reload();
        const box = app.locator('[data-cue]').first();
        await expect(box).toBeVisible();
        await app.getByRole('button', { name, exact: true }).click();
        const form = app.getByRole('form', { name });
        await form.getByRole('searchbox', { name: find, exact: true }).fill('sentence');
        await expect(form.getByRole('status')).toContainText(found);
        for (const colorScheme of ['light', 'dark'] as const) {
          await app.emulateMedia({ colorScheme });
          await app.screenshot({ path: test.info().outputPath(`${locale}-${width}-${colorScheme}.png`) });
        }
        expect(await form.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
        const controls = await form.locator('input, label, button, [role=status]').all();
        expect(controls).toHaveLength(14);
        for (const control of controls) {
          const { x, width: wide } = (await control.boundingBox())!;
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + wide).toBeLessThanOrEqual(width);
        }
      });
    }
  });
}
