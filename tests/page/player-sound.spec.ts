/** A browser that decodes no single packets, as Safari before version 26: what its player decodes is heard instead. */
import { expect, fixture, test } from '../browser.ts';
import { addFiles } from './words.ts';

test('compressed sound is heard without WebCodecs', async ({ app }) => {
  // The worker's script, in a browser without AudioDecoder.
  await app.route(/\/media\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `delete self.AudioDecoder;${await response.text()}` });
  });
  await app.open('?model=whisper-digits-10s&backend=cpu');
  const names = ['stereo-48k.mp3', 'aac.m4a', 'opus.opus', 'flac.flac'];
  await addFiles(app, ...names.map((name) => fixture(`media/${name}`)));
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  for (const name of names) {
    await expect(rows.filter({ hasText: name })).toContainText('Done in', { timeout: 60_000 });
    await expect(rows.filter({ hasText: name })).toContainText('3 s');
  }
});
