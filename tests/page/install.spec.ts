/** The page and the operating system: install, files opened from the desktop, shortcuts, the version. */
import { readFileSync } from 'node:fs';
import { expect, fixture, repository, test, type App } from '../browser.ts';
import { addFiles, heard, repeated } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const LONG = { timeout: 60_000 };

test('the install button is there while the browser offers it, asks once, and is gone when it is installed', async ({
  app,
}) => {
  await app.open();
  const button = app.getByRole('button', { name: 'Install' });
  await expect(app.getByLabel('Add files')).toBeAttached();
  await expect(button).toHaveCount(0);
  const offer = () =>
    app.evaluate(() => {
      const event = new Event('beforeinstallprompt', { cancelable: true });
      const asked = window as { asked?: number };
      Object.assign(event, {
        prompt: () => {
          asked.asked = (asked.asked ?? 0) + 1;
          return Promise.resolve({ outcome: 'dismissed' });
        },
      });
      return !dispatchEvent(event);
    });
  // The browser's own bar is held back.
  expect(await offer()).toBe(true);
  await button.click();
  expect(await app.evaluate(() => (window as { asked?: number }).asked)).toBe(1);
  await expect(button).toHaveCount(0);
  await offer();
  await expect(button).toBeVisible();
  await app.evaluate(() => dispatchEvent(new Event('appinstalled')));
  await expect(button).toHaveCount(0);
});

/** In place of the browser's queue, which only an installed page has. */
async function withLaunchQueue(app: App): Promise<void> {
  await app.addInitScript(() => {
    Object.defineProperty(window, 'launchQueue', {
      value: { setConsumer: (take: unknown) => Object.assign(window, { launch: take }) },
    });
  });
}

/** What the desktop does: hands a file, or an address, to the page that is open. */
async function launch(app: App, files: string[], targetURL?: string): Promise<void> {
  // Whoever listens to it is a late part of the page.
  await app.waitForFunction(() => 'launch' in window);
  await app.evaluate(
    ([list, targetURL]) => {
      const handles = list.map(({ name, bytes }) => ({
        getFile: () => Promise.resolve(new File([new Uint8Array(bytes)], name, { type: 'audio/wav' })),
      }));
      const gone = { getFile: () => Promise.reject(new DOMException('gone', 'NotFoundError')) };
      (window as unknown as { launch: (params: object) => void }).launch({
        files: list.length > 0 ? [gone, ...handles] : [],
        ...(targetURL !== undefined && { targetURL: new URL(targetURL, location.href).href }),
      });
    },
    [files.map((path) => ({ name: path.split('/').at(-1)!, bytes: [...readFileSync(path)] })), targetURL] as const,
  );
}

test('a file opened from the desktop joins the queue of the running tab, whose job goes on', async ({ app }) => {
  await withLaunchQueue(app);
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 40));
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(rows.getByRole('progressbar')).toBeVisible();
  await launch(app, [fixture('windows/synthetic_en_10s_1.wav')]);
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toContainText('Waiting');
  await expect(rows.first().getByRole('progressbar')).toBeVisible();
  await expect(rows.first()).toContainText('Done in', LONG);
  await expect(rows.last()).toContainText('Done in', LONG);
  expect(await heard(app)).toBe('one nine zero two seven zero five');

  // The shortcuts, while the page is open: they lead there, and change nothing.
  await launch(app, [], './#engine');
  await expect(app.getByRole('heading', { name: 'Engine', level: 1 })).toBeVisible();
  const { version } = JSON.parse(readFileSync(`${repository}/package.json`, 'utf8')) as { version: string };
  await expect(app.getByText(new RegExp(`^Earshot ${version}( \\([0-9a-f]{7,}\\))?$`))).toBeVisible();
  await launch(app, [], './?add');
  await expect(app.getByLabel('Add files')).toBeFocused();
  await expect(rows).toHaveCount(2);
});

test('the shortcut for adding files leads to the button, once', async ({ app }) => {
  await app.open('?add');
  await expect(app.getByLabel('Add files')).toBeFocused();
  await expect.poll(() => new URL(app.url()).search).toBe('');
});
