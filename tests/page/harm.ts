/** Workers that crash, hang or die at a moment that a test chooses: the shipped ones, with a few lines before them. */
import type { Page } from 'playwright/test';

/** A condition on what a worker is about to send, as code. `said`: what a callback of the page is called with. */
const WHEN = {
  'loading the model': "said?.phase === 'uploading'",
  'preparing a window': "message?.type === 'mel'",
  'writing the words': "said?.type === 'partial'",
  'writing the second window': "said?.type === 'window' && ++count === 2",
  'telling of a window': "said?.type === 'window'",
  'opening the file': 'message?.value?.container !== undefined',
  'decoding the file': "message?.type === 'pcm' && ++count === 2",
  'decoding the third window': "message?.type === 'pcm' && ++count === 23",
} as const;
/** What happens to the worker then, as code. */
const DO = {
  crashes: "setTimeout(() => { throw new Error('crashed on purpose'); })",
  hangs: 'for (;;);',
  'dies without a word': 'return self.close()',
  'cannot read on': "return post.call(this, { type: 'fault', name: 'FileVanished', message: 'NotReadableError' })",
} as const;

export type Moment = keyof typeof WHEN;
export type Harm = keyof typeof DO;

/** The first so many workers of this kind meet the fault once each; those after them are as they were shipped. */
export async function poison(
  app: Page,
  worker: 'engine' | 'media',
  when: Moment,
  what: Harm,
  workers = 1,
): Promise<void> {
  let started = 0;
  await app.route(new RegExp(`/${worker}\\.worker-[^/]*\\.js$`), async (route) => {
    const response = await route.fetch();
    const code = `{
      let over = false;
      let count = 0;
      const harming = (post) => function (message, ...rest) {
        const said = message?.argumentList?.[0]?.value;
        if (!over && (${WHEN[when]})) { over = true; console.log('harmed'); ${DO[what]}; }
        return post.call(this, message, ...rest);
      };
      MessagePort.prototype.postMessage = harming(MessagePort.prototype.postMessage);
      self.postMessage = harming(self.postMessage);
    }`;
    const body = await response.text();
    started += 1;
    await route.fulfill({ response, body: started <= workers ? code + body : body });
  });
}
