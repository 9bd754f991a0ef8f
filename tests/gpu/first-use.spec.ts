/** The first time a GPU is met it is tested with known words; what comes of it is kept and drives the backend Automatic. */
import { verdictsOf } from '../../src/engine/verdict.ts';
import { expect, fixture, test, type App } from '../browser.ts';
import { figure } from '../page/gauge.ts';
import { addFiles, heard } from '../page/words.ts';

const WORDS = 'two eight six seven zero four four zero';
const SLOW = { timeout: 240_000 };

/** Automatic leaves adapters in software alone, so this one says that it is a graphics card. */
const DISGUISE = `
  Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false });
  Object.defineProperty(GPUAdapterInfo.prototype, 'architecture', { get: () => 'disguised' });
  Object.defineProperty(GPUAdapterInfo.prototype, 'description', { get: () => 'A card' });
  Object.defineProperty(GPUAdapterInfo.prototype, 'device', { get: () => '' });
`;

const kept = (app: App) =>
  app.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith('earshot self-test')));

test('the first file on Automatic is preceded by the test, the next ones are not', async ({ app }) => {
  await app.route(/\/engine\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `{${DISGUISE}}\n${await response.text()}` });
  });
  // A GPU that takes a minute for ten seconds has hung, unless it is a program.
  await app.addInitScript(() => {
    const native = globalThis.setTimeout;
    Reflect.set(globalThis, 'setTimeout', (task: () => void, ms?: number, ...rest: unknown[]) =>
      native(task, ms === 60_000 ? 240_000 : ms, ...rest),
    );
  });
  const tests = () => app.requestLog.filter((url) => url.endsWith('/demo/digits.wav')).length;
  const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');

  await app.open('?model=whisper-digits-10s&backend=auto');
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  await expect(row).toContainText('Done', SLOW);
  expect(await heard(app)).toBe(WORDS);
  await expect(figure(app, 'Backend')).toHaveText(/^GPU/);
  expect(tests()).toBe(1);
  const found = await kept(app);
  expect(found).toHaveLength(1);
  const [key, text] = found[0] as [string, string];
  expect(key).toContain(await app.evaluate(() => navigator.userAgent));
  expect(key).toContain('A card');
  expect(verdictsOf(text).digits).toMatchObject({ backend: 'gpu', right: 17, total: 17 });

  await app.reload();
  await row.getByRole('button', { name: 'Remove' }).click();
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  await expect(row).toContainText('Done', SLOW);
  await expect(figure(app, 'Backend')).toHaveText(/^GPU/);
  expect(tests()).toBe(1);
  expect(await kept(app)).toEqual(found);
});
