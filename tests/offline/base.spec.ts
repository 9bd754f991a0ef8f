/** What a newcomer has: a recording dropped on the page as it comes, heard by a real Whisper, and the same again without a network. */
import { dist, expect, hostHeaders, needsShared, test } from '../browser.ts';
import { addFiles, heard } from '../page/words.ts';
import { serve } from '../serve.mjs';
import { settled } from './kept.ts';

/** The model comes and goes into memory, and two cores hear eleven seconds. */
const LONG = { timeout: 150_000 };

test('a recording is heard with no question, by nothing but the page itself, and then with the network off', async ({
  app,
}) => {
  test.setTimeout(330_000);
  const speech = needsShared(test, 'speech/jfk/jfk.wav');
  const site = await serve(dist, { headers: hostHeaders() });
  // The fixture fails this test for a request to any other origin.
  app.allowed.push(site.url);
  await app.goto(site.url);
  await addFiles(app, speech);
  const words = /and so my fellow americans,? ask not what your country can do for you/i;
  await expect.poll(() => heard(app), LONG).toMatch(words);
  const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(row).toContainText('Done in', LONG);
  await expect(app.getByRole('banner').getByRole('button', { name: 'Offline ready' })).toBeVisible(LONG);
  await settled(app, 2);

  await app.getByRole('link', { name: 'Engine', exact: true }).click();
  const network = app.getByRole('region', { name: 'Network' });
  await expect(network.getByRole('table').first()).toContainText('Whisper base, comes with this page');
  await expect(network).toContainText('Nothing of yours has left this device since you opened the page.');

  await app.context().setOffline(true);
  await site.close();
  await app.goto(site.url);
  await app.getByRole('button', { name: 'Remove' }).click();
  await addFiles(app, speech);
  await expect(row).toContainText('Done in', LONG);
  expect(await heard(app)).toMatch(words);
  app.consoleErrors.length = 0;
});
