/** What calls a person back who looks elsewhere: title, icon, a notification, a sound; and what a screen reader is told. */
import { expect, fixture, test } from '../browser.ts';
import { addFiles, repeated } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const LONG = { timeout: 60_000 };

test('each file is told of once, and two files end with one notification and one sound', async ({ app, context }) => {
  await app.addInitScript(() => {
    const noted = {
      titles: [] as string[],
      icons: [] as string[],
      said: [] as string[],
      bodies: [] as string[],
      tones: 0,
    };
    Object.assign(window, { noted });
    // Somebody looks at another window.
    document.hasFocus = () => false;
    window.Notification = class extends EventTarget {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      constructor(_: string, { body = '' }: NotificationOptions) {
        super();
        noted.bodies.push(body);
      }
    } as never;
    const begin = Object.getOwnPropertyDescriptor(AudioScheduledSourceNode.prototype, 'start') as {
      value: (when?: number) => void;
    };
    OscillatorNode.prototype.start = function (when?: number) {
      noted.tones += 1;
      begin.value.call(this, when);
    };
    const push = (list: string[], text: string) => text !== '' && list.at(-1) !== text && list.push(text);
    new MutationObserver(() => {
      push(noted.titles, document.title);
      push(noted.icons, document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href.slice(0, 10) ?? '');
      for (const region of document.querySelectorAll('p.vh[role=status]')) push(noted.said, region.textContent ?? '');
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  await app.open('?model=whisper-digits-10s&backend=cpu');
  const noted = () =>
    app.evaluate(
      () =>
        (window as never as { noted: Record<'titles' | 'icons' | 'said' | 'bodies', string[]> & { tones: number } })
          .noted,
    );

  // Under "Settings for the next files", open beside the queue; on the first visit under "More".
  await app.getByText('More', { exact: true }).click();
  await app.getByLabel('Notify me').check();
  await app.getByLabel('Play a sound').check();
  await expect.poll(async () => (await noted()).tones, 'it is heard when it is chosen').toBe(2);
  expect((await noted()).bodies).toEqual([]);

  await addFiles(app, { ...repeatedFile('one.wav', 4) }, { ...repeatedFile('two.wav', 1) });
  await expect(app.getByRole('status').filter({ hasText: '2 files are done' })).toBeVisible(LONG);
  await expect(app).toHaveTitle('2 files are done · Earshot');
  const { titles, icons, said, bodies, tones } = await noted();
  expect(bodies).toEqual(['2 files are done.']);
  expect(tones).toBe(4);
  expect(titles.filter((title) => /^\d+ % · one\.wav · Earshot$/.test(title)).length).toBeGreaterThan(0);
  expect(icons).toContain('data:image');
  // Two turns that come at once are one text.
  expect(said.join(' ').match(/one\.wav is being transcribed\./g)?.length).toBe(1);
  expect(said.join(' ').match(/(one|two)\.wav is done\./g)).toEqual(['one.wav is done.', 'two.wav is done.']);
  expect(said.join(' ')).not.toContain('%');

  // Back at the page, the tab has nothing more to say.
  await app.evaluate(() => {
    document.hasFocus = () => true;
    dispatchEvent(new Event('focus'));
  });
  await expect(app).toHaveTitle('Earshot: words from your recordings');
  expect(await app.locator('link[rel=icon]').getAttribute('href')).toContain('icon');
  expect(context.pages().length).toBe(1);
});

function repeatedFile(name: string, times: number) {
  const file = repeated(CLIP, times);
  if (typeof file === 'string') throw new Error('a buffer was expected');
  return { ...file, name };
}
