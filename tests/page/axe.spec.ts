/** No accessibility fault axe can find, in any state a person meets, by day and by night, on a phone and a desk. */
import { expect, fixture, test } from '../browser.ts';
import { expectAccessible, onEveryDevice } from './accessible.ts';
import { addFiles, heard, repeated } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';

onEveryDevice((device) => {
  test('first visit', async ({ app }) => {
    await app.open();
    await expect(app.getByLabel('Add files')).toBeAttached();
    await expectAccessible(app);
  });

  test('running, cancelled, done', async ({ app }) => {
    test.slow();
    await app.open('?model=whisper-digits-10s&backend=cpu');
    await addFiles(app, repeated(CLIP, 90));
    const queue = app.getByRole('list', { name: 'Queue' });
    await expect(queue.getByRole('progressbar')).toBeVisible();
    await expect.poll(() => heard(app), { timeout: 60_000 }).toContain(WORDS);
    await expectAccessible(app);
    await expect(queue.getByRole('progressbar')).toBeVisible();

    await queue.getByRole('button', { name: 'Cancel' }).click();
    await expect(queue.getByRole('progressbar')).toHaveCount(0);
    await expectAccessible(app);

    await addFiles(app, CLIP);
    await expect(queue.getByRole('listitem').nth(1)).toContainText('Done', { timeout: 60_000 });
    await expect.poll(() => heard(app)).toBe(WORDS);
    await expectAccessible(app);

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
    // On a phone the fields of the find bar share a line, what is looked for and the buttons stand below.
    expect(heights[1]).toBeLessThan(device === 'phone' ? 200 : 120);
    expect(Math.max(heights[0], heights[2])).toBeLessThan(device === 'phone' ? 60 : 120);
    await expectAccessible(app);
    if (device === 'phone') return;
    await app.getByRole('button', { name: 'Keyboard' }).click();
    await expect(app.getByRole('dialog')).toBeVisible();
    await expectAccessible(app);
  });
});
