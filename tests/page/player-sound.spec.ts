/** A browser that decodes no single packets, as Safari before version 26, or fails at them: what its player decodes is heard. */
import { expect, fixture, test } from '../browser.ts';
import { addFiles } from './words.ts';

const BROWSERS = {
  'without WebCodecs': 'delete self.AudioDecoder;',
  // As WebKitGTK 2.50 with MP3.
  'where the decoder fails at what it said it can': `self.AudioDecoder = class extends AudioDecoder {
    #error;
    constructor(init) {
      super(init);
      this.#error = init.error;
    }
    decode() {
      this.#error(new DOMException('Decode error', 'EncodingError'));
    }
  };`,
};

for (const [name, change] of Object.entries(BROWSERS)) {
  test(`compressed sound is heard ${name}`, async ({ app }) => {
    // The worker's script, in such a browser.
    await app.route(/\/media\.worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${change}${await response.text()}` });
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
}
