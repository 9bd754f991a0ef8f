/** What is on the disk: no holes, nothing of an earlier run, files that failed, and what is said where there is no disk. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, test } from '../browser.ts';
import { lineOf } from '../fault-table.ts';
import { wav } from '../fixtures/wav.ts';
import { keptKeys } from './kept-transcript.ts';
import { runFirst } from './taken.ts';
import { addFiles, heard, repeated } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const LONG = { timeout: 60_000 };

const items = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
const item = (page: Page, name: string) => items(page).filter({ hasText: name });

test('a window that could not be written goes with the next one: a reload shows every word', async ({ app }) => {
  await app.addInitScript(() => {
    const { value: put } = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put') as {
      value: (...args: unknown[]) => IDBRequest<IDBValidKey>;
    };
    let windows = 0;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
      if (typeof key === 'string' && key.includes('/') && ++windows === 2)
        throw new DOMException('no room', 'QuotaExceededError');
      return put.call(this, value, key);
    };
  });
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 5));
  await expect(items(app)).toContainText('Done', LONG);
  const whole = await heard(app);
  expect(whole.split(' ').length).toBeGreaterThan(30);
  // The warning went with the write that made up for it.
  await expect(app.getByRole('status').filter({ hasText: 'keep transcripts' })).toHaveCount(0);
  await app.reload();
  await expect(items(app)).toContainText('Saved');
  await expect.poll(() => heard(app)).toBe(whole);
});

test('the site’s data are cleared beside an open page: what is corrected next is kept with all its words', async ({
  app,
  site,
}) => {
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 2));
  await expect(items(app)).toContainText('Done', LONG);
  const session = await app.context().newCDPSession(app);
  const { origin } = new URL(site.url);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  await app.getByRole('region', { name: 'Transcript' }).getByRole('textbox').first().click();
  await app.keyboard.press('End');
  await app.keyboard.type(' CORRECTED');
  await app.keyboard.press('Tab');
  const whole = await heard(app);
  expect(whole).toContain('CORRECTED');
  expect(whole.split(' ').length).toBe(17);
  // A record, two windows, a correction.
  await expect.poll(async () => (await keptKeys(app)).length).toBe(4);
  await app.reload();
  await expect(items(app)).toContainText('Saved');
  await expect.poll(() => heard(app)).toBe(whole);
});

test('a window is on the disk, flushed past a power cut, before it is on the screen', async ({ app }) => {
  type Held = { durability: string[]; windows: number; goOn: boolean };
  await app.addInitScript(() => {
    const { value: put } = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put') as {
      value: (...args: unknown[]) => IDBRequest<IDBValidKey>;
    };
    const held: Held = { durability: [], windows: 0, goOn: false };
    Reflect.set(globalThis, 'held', held);
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
      const request = put.call(this, value, key);
      if (this.transaction.db.name !== 'earshot-transcripts') return request;
      held.durability.push(this.transaction.durability);
      if (typeof key !== 'string' || !key.includes('/') || ++held.windows !== 2) return request;
      // The write is not over as long as its transaction has something to do, and nobody says that there is no more.
      this.transaction.commit = () => {};
      const stay = () => {
        if (!held.goOn) this.get('nothing').onsuccess = stay;
      };
      stay();
      return request;
    };
  });
  const held = () => app.evaluate(() => Reflect.get(globalThis, 'held') as Held);
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 3));
  await expect.poll(async () => (await held()).windows, LONG).toBe(2);
  await expect.poll(() => heard(app)).not.toBe('');
  // Two windows are written, and the words of one are there.
  expect((await heard(app)).split(' ').length).toBeLessThanOrEqual(WORDS.split(' ').length);
  await app.evaluate(() => ((Reflect.get(globalThis, 'held') as Held).goOn = true));
  await expect(items(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe([WORDS, WORDS, WORDS].join(' '));
  const { durability } = await held();
  expect(durability.length).toBeGreaterThan(3);
  expect(durability.filter((one) => one !== 'strict')).toEqual([]);
});

test('a finished file that is run again keeps no window of its earlier run', async ({ app }) => {
  const silence = wav({ samples: [new Float32Array(25 * 16000)] });
  await app.open(QUERY);
  await app.evaluate(() => localStorage.setItem('earshot-settings', '{"skipSilence":false}'));
  await app.reload();
  await addFiles(app, { name: 'silence.wav', mimeType: 'audio/wav', buffer: Buffer.from(silence) });
  await expect(items(app).getByRole('button', { name: 'Retry' })).toBeVisible(LONG);
  await expect.poll(async () => (await keptKeys(app)).some((key) => key.includes('/'))).toBe(true);
  // Silence that is skipped gives no windows: whatever is left on the disk is of the first run.
  await app.getByRole('checkbox', { name: /Skip silence/ }).check();
  await items(app).getByRole('button', { name: 'Retry' }).click();
  await expect(items(app).getByRole('button', { name: 'Retry' })).toBeVisible(LONG);
  await expect.poll(() => keptKeys(app)).toHaveLength(1);
  expect((await keptKeys(app)).filter((key) => key.includes('/'))).toEqual([]);
});

test('files that failed, and files without words, are in the list after a reload, with their reasons', async ({
  app,
}) => {
  await app.open(QUERY);
  const silence = wav({ samples: [new Float32Array(3 * 16000)] });
  const text = { name: 'notes.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('Nobody said this. '.repeat(300)) };
  await addFiles(
    app,
    { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) },
    text,
    { name: 'silence.wav', mimeType: 'audio/wav', buffer: Buffer.from(silence) },
    { name: 'words.wav', mimeType: 'audio/wav', buffer: readFileSync(CLIP) },
  );
  await expect(item(app, 'words.wav')).toContainText('Done', LONG);
  await expect(item(app, 'silence.wav').getByRole('status')).toContainText('No speech was found.');
  const reasons = [
    (await item(app, 'empty.wav').getByRole('alert').innerText()).trim(),
    (await item(app, 'notes.mp3').getByRole('alert').innerText()).trim(),
  ];
  await expect.poll(async () => (await keptKeys(app)).filter((key) => !key.includes('/')).length).toBe(4);

  await app.reload();
  await expect(items(app)).toHaveCount(4);
  await expect(item(app, 'empty.wav').getByRole('alert')).toHaveText(reasons[0]);
  await expect(item(app, 'notes.mp3').getByRole('alert')).toHaveText(reasons[1]);
  await expect(item(app, 'silence.wav').getByRole('status')).toContainText('No speech was found.');
  await item(app, 'notes.mp3').getByRole('button', { name: 'Retry' }).click();
  await expect(app.getByRole('status').filter({ hasText: 'Add notes.mp3 again to go on' })).toBeVisible();
});

/** Takes the database away. */
const WITHOUT: Record<string, string> = {
  'is not there': "Object.defineProperty(self, 'indexedDB', { configurable: true, value: null });",
  refuses: `IDBFactory.prototype.open = () => {
    const request = new EventTarget();
    request.error = new DOMException('not in this window', 'InvalidStateError');
    setTimeout(() => request.onerror?.(new Event('error')));
    return request;
  };`,
  'never answers': 'IDBFactory.prototype.open = () => new EventTarget();',
};

for (const [how, code] of Object.entries(WITHOUT)) {
  test(`a database that ${how}: the page waits no three seconds for it, says so, and shows the words`, async ({
    app,
  }) => {
    // By the page's own clock, which stands still but for what it is told: how busy this machine is says nothing of the page.
    await app.clock.install();
    await app.clock.pauseAt(Date.now() + 60_000);
    await runFirst(app, code);
    await app.open(QUERY);
    const question = app.getByRole('heading', { name: /Drop a recording/ });
    // Its scripts are here: all that is still to come is what it waits for.
    await app.waitForLoadState('networkidle');
    // And they run.
    await expect(app.locator('main')).toBeAttached();
    let waited = 0;
    for (; waited < 2999 && !(await question.isVisible()); waited += 100) await app.clock.runFor(100);
    await expect(question).toBeVisible();
    expect(waited).toBeLessThan(3000);
    await app.clock.resume();
    const news = app.getByRole('status').filter({ hasText: "doesn't let Earshot keep transcripts here" });
    await expect(news).toHaveCount(1);
    await expect(news).toContainText(
      "This browser doesn't let Earshot keep transcripts here: export them before you close the tab.",
    );
    await addFiles(app, CLIP);
    await expect(items(app)).toContainText('Done', LONG);
    expect(await heard(app)).toBe(WORDS);
    // The model came with the page and was run from memory: one sentence says so, and nobody claims to be ready offline.
    const ofModels = app.getByRole('status').filter({ hasText: 'keeps no models here' });
    await expect(ofModels).toHaveText(
      /^\s*This browser keeps no models here: this one runs from memory and comes with the page again next time\.\s*OK$/,
    );
    await expect(app.getByRole('alert')).toHaveCount(0);
    await expect(app.getByRole('combobox', { name: 'Model' })).not.toContainText('on this device');

    // A second file needs no second load.
    const asked = app.requestLog.filter((url) => url.includes('/models/')).length;
    await items(app).getByRole('button', { name: 'Remove' }).click();
    await addFiles(app, CLIP);
    await expect(items(app)).toContainText('Done', LONG);
    expect(app.requestLog.filter((url) => url.includes('/models/'))).toHaveLength(asked);
    const survived = { fault: `a database that ${how}`, phase: 'opening the page', lost: '0 words', how: 'by itself' };
    test.info().annotations.push({ type: 'fault matrix', description: lineOf(survived) });
  });
}

test('a database that never answers: the workers wait for it at the same time, not one after the other', async ({
  app,
}) => {
  // The workers' own patience, told when it begins and when it is over.
  const watch = `
    if (!('document' in self)) {
      const { setTimeout } = self;
      const who = /(engine|store)\\.worker/.exec(location.pathname)?.[1];
      self.setTimeout = (task, ms, ...rest) => {
        if (ms !== 8000) return setTimeout(task, ms, ...rest);
        console.log('waits ' + who + ' ' + Date.now());
        return setTimeout(() => (console.log('waited ' + who + ' ' + Date.now()), task()), ms, ...rest);
      };
    }`;
  const told = new Map<string, number>();
  app.on('console', (message) => {
    const [verb, who, at] = message.text().split(' ');
    if (/^wait(s|ed)$/.test(verb) && !told.has(`${verb} ${who}`)) told.set(`${verb} ${who}`, Number(at));
  });
  await runFirst(app, WITHOUT['never answers'] + watch);
  await app.open(QUERY);
  await addFiles(app, CLIP);
  await expect(items(app)).toContainText('Done', LONG);
  expect(await heard(app)).toBe(WORDS);
  const [engine, store] = ['waits engine', 'waits store'].map((what) => told.get(what) ?? NaN);
  // Each began before either was over.
  for (const over of ['waited engine', 'waited store'].map((what) => told.get(what) ?? NaN)) {
    expect(engine).toBeLessThan(over);
    expect(store).toBeLessThan(over);
  }
});
