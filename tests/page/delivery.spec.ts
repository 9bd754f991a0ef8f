/** What the workers found reaches the page: late, past stray errors, and past a log-mel that cannot be made. */
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { addFiles, heard, repeated } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };

const row = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');

/** Runs `code` in a worker before its own script. */
async function before(page: Page, worker: 'engine' | 'media', code: string): Promise<void> {
  await page.route(new RegExp(`/${worker}\\.worker-[^/]*\\.js$`), async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `{${code}}\n${await response.text()}` });
  });
}

test('windows that a busy page takes seconds after the report are in the transcript all the same', async ({ app }) => {
  // What the page's thread does while it is blocked for seconds: messages of one port wait, in their order, while those
  // of another have been handled. Each window is held back this long.
  await app.addInitScript(() => {
    const { value: listen } = Object.getOwnPropertyDescriptor(EventTarget.prototype, 'addEventListener') as {
      value: (...args: unknown[]) => void;
    };
    MessagePort.prototype.addEventListener = function (
      this: MessagePort,
      type: string,
      listener: EventListenerOrEventListenerObject,
      options?: boolean | AddEventListenerOptions,
    ) {
      let order = Promise.resolve();
      const held = (event: Event) => {
        const said = (event as MessageEvent<{ argumentList?: { value?: { type?: string } }[] } | null>).data;
        const isWindow = said?.argumentList?.some(({ value }) => value?.type === 'window') === true;
        if (isWindow) order = order.then(() => new Promise((resolve) => setTimeout(resolve, 1500)));
        order = order.then(() => (typeof listener === 'function' ? listener(event) : listener.handleEvent(event)));
      };
      listen.call(this, type, type === 'message' ? held : listener, options);
    };
  });
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 3));
  await expect(row(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(Array<string>(3).fill(WORDS).join(' '));
});

test('a stray error in the media worker costs nothing', async ({ app }) => {
  await before(
    app,
    'media',
    `const post = MessagePort.prototype.postMessage;
     let strays = 0;
     MessagePort.prototype.postMessage = function (message, ...rest) {
       if (message?.type === 'pcm' && strays++ < 3) setTimeout(() => { throw new Error('nobody awaits this'); });
       return post.call(this, message, ...rest);
     };`,
  );
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 2));
  await expect(row(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(`${WORDS} ${WORDS}`);
});

test('a log-mel that cannot be made is no damage of the file: it is made again', async ({ app }) => {
  await before(
    app,
    'media',
    `const { log10 } = Math;
     let left = 1;
     Math.log10 = (x) => {
       if (left-- > 0) throw new RangeError('no log-mel today');
       Math.log10 = log10;
       return log10(x);
     };`,
  );
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 2));
  await expect(row(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(`${WORDS} ${WORDS}`);
});
