/** The disk is full while transcripts are kept: it is said, nothing is lost, and all of it is kept when there is room. */
import { expect, test, type App } from '../browser.ts';
import { keptEdits, keptKeys } from './kept-transcript.ts';
import { addFiles, heard } from './words.ts';

const srt = (text: string) => `1\n00:00:00,500 --> 00:00:03,000\n${text}\n`;
const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(srt(text)) });

test('corrections and imports stay on the screen, and are kept when there is room again', async ({ app, site }) => {
  test.slow();
  const cdp = await app.context().newCDPSession(app);
  const room = (quotaSize?: number) =>
    cdp.send('Storage.overrideQuotaForOrigin', {
      origin: new URL(site.url).origin,
      ...(quotaSize !== undefined && { quotaSize }),
    });
  const news = (app: App) => app.getByText('There is no room left on this device');
  const again = app.getByRole('button', { name: 'Try again' });
  const box = app.getByRole('region', { name: 'Transcript' }).getByRole('textbox').first();
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');

  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, file('one.srt', 'the first words'));
  await expect.poll(() => heard(app)).toBe('the first words');
  await expect(rows).toHaveCount(1);

  await room(1);
  // Chromium takes small writes for half a minute from what it knew of the room before.
  await expect(async () => {
    await box.focus();
    await app.keyboard.press('End');
    await app.keyboard.type(' more');
    await box.blur();
    await expect(news(app)).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 60_000 });
  const corrected = await heard(app);
  await expect(app.getByText('Delete models or transcripts that you do not need')).toBeVisible();
  await addFiles(app, file('two.srt', 'other words'));
  await expect.poll(() => heard(app)).toBe('other words');
  await again.click();
  await expect(news(app)).toBeVisible();
  await expect.poll(() => heard(app)).toBe('other words');

  await room();
  await again.click();
  await expect(news(app)).toHaveCount(0);
  // One is written after the other, and the message goes with the first.
  const records = async () => (await keptKeys(app)).filter((key) => !key.includes('/')).length;
  await expect.poll(records).toBe(2);
  await expect.poll(() => keptEdits(app)).toContain(corrected);
  await app.reload();
  await expect(rows).toHaveCount(2);
  await expect.poll(() => heard(app)).toBe('other words');
  await rows.filter({ hasText: 'one.srt' }).getByRole('button', { name: 'Open', exact: true }).click();
  await expect.poll(() => heard(app)).toBe(corrected);
});
