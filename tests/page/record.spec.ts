/** Recording: the microphone's words reach the transcript, and whatever ends a recording, what there was of it is kept. */
import type { BrowserContext, Page } from 'playwright/test';
import { expect, fixture, test, watch, withoutGpu, type App } from '../browser.ts';
import { wordErrorRate } from '../engine.ts';
import { expectAccessible, onEveryDevice } from './accessible.ts';
import { runFirst } from './taken.ts';
import { heard } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const WORDS = 'two eight six seven zero four four zero';
const QUERY = '?model=whisper-digits-10s&backend=cpu';
const LONG = { timeout: 60_000 };

/** A microphone into which somebody speaks ten seconds of digits, again and again, from the moment that it is opened. */
const { args, ...options } = withoutGpu.launchOptions;
test.use({
  launchOptions: {
    ...options,
    args: [
      ...args,
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${CLIP}`,
      '--auto-select-tab-capture-source-by-title=Earshot',
    ],
  },
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const recorded = (page: Page) => page.getByRole('timer', { name: 'Recorded' });
const kept = (page: Page) => page.getByRole('list', { name: 'Recordings' }).getByRole('listitem');
const row = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');

async function start(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Record' }).click();
  await button(page, 'Start recording').click();
  await expect(button(page, 'Pause')).toBeVisible();
}

/** Until so many seconds are on the clock. */
async function until(page: Page, seconds: number): Promise<void> {
  const shown = async () => Number((await recorded(page).textContent())?.split(':')[1]);
  await expect.poll(shown, { timeout: 30_000 }).toBeGreaterThanOrEqual(seconds);
}

async function another(context: BrowserContext, url: string): Promise<App> {
  const page = await context.newPage();
  await page.goto(url);
  return Object.assign(page, watch(page)) as App;
}

test('a recording whose tab dies is found again, and its words are heard', async ({ page, site, context }) => {
  await context.grantPermissions(['microphone']);
  await page.goto(site.url + QUERY);
  await start(page);
  await expect(page.getByRole('meter', { name: 'Level' })).not.toHaveAttribute('aria-valuetext', 'silent');
  await expect(page.getByText('safe on this device')).toBeVisible();
  // All of the clip and a little of the silence before it begins again.
  await until(page, 12);
  await page.close({ runBeforeUnload: false });

  const app = await another(context, site.url + QUERY);
  const news = app.getByRole('status').filter({ hasText: 'A recording was cut off: Recording ' });
  // A busy machine is asked to close the tab some seconds later.
  await expect(news).toContainText(/0:[1-5]\d of it are safe on this device/);
  await news.getByRole('button', { name: 'Transcribe' }).click();
  await expect(row(app)).toContainText('Done', LONG);
  // The clip comes at the browser's own pace, and where that stumbles one word may be taken for another.
  const words = (await heard(app)).split(' ');
  const rates = words.map((_, from) => wordErrorRate(WORDS, words.slice(from, from + 8).join(' ')));
  expect(Math.min(...rates), words.join(' ')).toBeLessThanOrEqual(1 / 8);
  expect(app.consoleErrors).toEqual([]);
  // The offer is made once, and the recording stays.
  await app.reload();
  await app.getByRole('navigation').getByRole('link', { name: 'Record' }).click();
  await expect(kept(app)).toHaveCount(1);
  await expect(app.getByText('A recording was cut off')).toHaveCount(0);
  // Its transcript gets its sound back, and is not heard a second time.
  await kept(app).getByRole('button', { name: 'Transcribe' }).click();
  await expect(row(app)).toHaveCount(1);
  await expect(app.getByRole('region', { name: 'Player' })).toBeVisible();
});

test('each second of a recording is flushed past a power cut', async ({ app, context }) => {
  await context.grantPermissions(['microphone']);
  await runFirst(
    app,
    `const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...given) {
      const { db, durability } = this.transaction;
      if (db.name === 'earshot-recordings') console.log('written ' + durability);
      return put.apply(this, given);
    };`,
  );
  const written: string[] = [];
  app.on('console', (message) => {
    const [verb, durability] = message.text().split(' ');
    if (verb === 'written') written.push(durability);
  });
  await app.open(QUERY);
  await start(app);
  await until(app, 3);
  await button(app, 'Stop and transcribe').click();
  await expect(row(app)).toContainText('Recording ');
  // What workers say comes by another way than what the page shows, and may be later.
  await expect.poll(() => written.length).toBeGreaterThan(4);
  expect(written.filter((durability) => durability !== 'strict')).toEqual([]);
});

test('recorded, paused, gone on with, stopped: it is in the queue, can be saved, and deleting it can be undone', async ({
  app,
  context,
}) => {
  await context.grantPermissions(['microphone']);
  await app.open(QUERY);
  await start(app);
  await until(app, 1);
  await button(app, 'Pause').click();
  await expect(app.getByRole('status').filter({ hasText: 'Paused.' })).toBeAttached();
  const level = app.getByRole('meter', { name: 'Level' });
  const levelsGoBy = async () => {
    const levels = new Set<string | null>();
    await expect.poll(async () => levels.add(await level.getAttribute('aria-valuenow')).size).toBeGreaterThan(3);
  };
  // What was on its way when it was pressed has come.
  await levelsGoBy();
  const paused = await recorded(app).textContent();
  // Half a second of levels go by, and the clock stands.
  await levelsGoBy();
  expect(await recorded(app).textContent()).toBe(paused);
  await button(app, 'Go on').click();
  await until(app, 2);
  // It goes on beside the files.
  await app.getByRole('navigation').getByRole('link', { name: 'Transcribe' }).click();
  await app.getByRole('navigation').getByRole('link', { name: 'Record running' }).click();
  await button(app, 'Stop and transcribe').click();
  await expect(row(app)).toContainText(/Recording \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.ogg/);
  await expect(row(app)).toContainText('Done', LONG);

  await app.getByRole('navigation').getByRole('link', { name: 'Record' }).click();
  const download = app.waitForEvent('download');
  await kept(app).getByRole('button', { name: 'Save' }).click();
  expect((await download).suggestedFilename()).toMatch(/^Recording .*\.ogg$/);
  await kept(app).getByRole('button', { name: 'Delete' }).click();
  await expect(kept(app)).toHaveCount(0);
  await app.getByRole('status').filter({ hasText: 'is deleted' }).getByRole('button', { name: 'Undo' }).click();
  await expect(kept(app)).toHaveCount(1);
});

test('no permission, a level that is only looked at, another tab: each says what to do', async ({
  app,
  site,
  context,
}) => {
  await app.open('#record');
  await button(app, 'Start recording').click();
  const alert = app.getByRole('alert');
  await expect(alert).toContainText('This page may not use the microphone. Allow it in the browser');

  await context.grantPermissions(['microphone']);
  await button(app, 'Check the level').click();
  await expect(alert).toHaveCount(0);
  await expect(app.getByText('Only the level is shown. Nothing is kept.')).toBeVisible();
  await expect(app.getByLabel('Microphone').getByRole('option')).not.toHaveCount(1);
  await button(app, 'End the check').click();
  await expect(button(app, 'Check the level')).toBeEnabled();
  await expect(kept(app)).toHaveCount(0);

  const other = await another(context, `${site.url}#record`);
  await start(other);
  await button(app, 'Start recording').click();
  await expect(alert).toContainText('Another tab of Earshot is recording. Stop it there, then record here.');
  await until(other, 1);
  await app.reload();
  // What is recorded there now was not cut off.
  await expect(app.getByText('None yet.')).toBeVisible();
  await other.close({ runBeforeUnload: false });
});

test('the device is unplugged, the disk is full: what was recorded is kept, and a sentence says so', async ({
  app,
  context,
}) => {
  await context.grantPermissions(['microphone']);
  await app.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await ask(constraints);
      // What the browser does when the cable comes out.
      addEventListener('unplug', () => stream.getTracks().forEach((track) => track.dispatchEvent(new Event('ended'))));
      return stream;
    };
  });
  // What the browser does when the disk is full. Chromium itself looks at a quota that is set only half a minute later.
  await runFirst(
    app,
    `let full = false;
     new BroadcastChannel('disk').onmessage = () => (full = true);
     const { put } = IDBObjectStore.prototype;
     IDBObjectStore.prototype.put = function (...record) {
       if (!full || this.transaction.db.name !== 'earshot-recordings') return put.apply(this, record);
       this.transaction.abort();
       throw new DOMException('no room', 'QuotaExceededError');
     };`,
  );
  await app.open('#record');
  await start(app);
  await until(app, 1);
  await app.evaluate(() => dispatchEvent(new Event('unplug')));
  const alert = app.getByRole('alert');
  await expect(alert).toContainText(/The microphone was disconnected at 0:0\d, and the recording ended/);
  await expect(kept(app)).toHaveCount(1);

  await start(app);
  // On a busy machine the disk is seconds behind the clock.
  await expect(app.getByText(/\d kB safe on this device/)).toBeVisible({ timeout: 30_000 });
  await app.evaluate(() => new BroadcastChannel('disk').postMessage('full'));
  await expect(alert).toContainText(/There is no more room on this device: the recording ended at 0:\d\d/);
  await expect(kept(app).filter({ hasText: 'It was cut off here, and this much is safe.' })).toHaveCount(1);
});

test('the sound of a tab is recorded; a share that has none, or is refused, says so', async ({ app, context }) => {
  await context.grantPermissions(['microphone']);
  // What a person chooses in the browser's own window, which no test can press.
  await app.addInitScript(() => {
    const answers: (() => Promise<MediaStream>)[] = [
      () => Promise.reject(new DOMException('', 'NotAllowedError')),
      async () => new MediaStream(),
      async () => {
        const sound = new AudioContext();
        const tone = new OscillatorNode(sound);
        const out = sound.createMediaStreamDestination();
        tone.connect(out);
        tone.start();
        addEventListener('stop-sharing', () => out.stream.getTracks()[0].dispatchEvent(new Event('ended')));
        return out.stream;
      },
    ];
    navigator.mediaDevices.getDisplayMedia = () => (answers.shift() ?? answers[0])();
  });
  await app.open('#record');
  await app.getByLabel('What to record').selectOption('The sound of a tab or the system');
  const alert = app.getByRole('alert');
  await button(app, 'Start recording').click();
  await expect(alert).toContainText('Nothing was shared, so nothing is recorded.');
  await button(app, 'Start recording').click();
  await expect(alert).toContainText('What you shared came without its sound.');
  await app.getByLabel('What to record').selectOption('Both, mixed');
  await start(app);
  await expect(app.getByRole('meter', { name: 'Level' })).toHaveAttribute('aria-valuetext', 'too loud');
  await until(app, 1);
  await app.evaluate(() => dispatchEvent(new Event('stop-sharing')));
  await expect(alert).toContainText('The sharing ended. The microphone is recorded on.');
  await until(app, 2);
  await expect(button(app, 'Stop and transcribe')).toBeEnabled();
  await button(app, 'Stop and transcribe').click();
  await expect(row(app)).toHaveCount(1);
});

onEveryDevice(() => {
  test('no accessibility fault: idle, recording, with a recording that is kept', async ({ app, context }) => {
    await app.open('#record');
    await button(app, 'Start recording').click();
    await expect(app.getByRole('alert')).toBeVisible();
    await expectAccessible(app);
    await context.grantPermissions(['microphone']);
    await start(app);
    await until(app, 1);
    await expectAccessible(app);
    await button(app, 'Stop and transcribe').click();
    await expect(row(app)).toHaveCount(1);
    await app.getByRole('navigation').getByRole('link', { name: 'Record' }).click();
    await expect(kept(app)).toHaveCount(1);
    await expectAccessible(app);
  });
});
