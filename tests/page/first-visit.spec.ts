/** Before the first file: what comes with the page, what is asked, and that nothing is fetched before the answer. */
import { readFileSync } from 'node:fs';
import type { Route } from 'playwright/test';
import { size } from '../../src/clock.ts';
import { catalogue } from '../../workers/store/catalogue.ts';
import { expect, fixture, test, type App } from '../browser.ts';
import { addFiles, allHeard, heard, repeated } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const HUB = 'https://huggingface.co/';
const HUB_BASE = '?model=whisper-base-hub';
const DOWNLOAD = /^Download Whisper base, from the hub \(206 MB\)$/;
const LONG = { timeout: 60_000 };
const DEMO = JSON.parse(readFileSync(fixture('../../public/demo/digits.json'), 'utf8')) as {
  words: { text: string }[];
};
const base = catalogue.find(({ id }) => id === 'whisper-base')!;
const baseBytes = base.files.reduce((total, file) => total + file.bytes, 0);

/** Stands in for the hub. */
async function hub(app: App, answer: (route: Route) => Promise<void>): Promise<void> {
  app.allowed.push(HUB);
  await app.context().route(`${HUB}**`, answer);
}

const toHub = (app: App) => app.requestLog.filter((url) => url.startsWith(HUB));
const cors = { 'access-control-allow-origin': '*' };

test('the page says what it does and offers a way in', async ({ app }) => {
  await app.open();
  await expect(app.getByRole('heading', { level: 1, name: /Drop a recording\.\s*Read what was said\./ })).toBeVisible();
  await expect(app.getByLabel('Add files')).toBeAttached();
  await expect(app.getByText('Your sound and your words never leave this tab.')).toBeVisible();
  await expect(app.getByText('Not offline yet: this browser keeps no pages')).toBeVisible();
  await expect(app.getByText('This browser offers no GPU here. The CPU does the work.')).toBeVisible();
  await expect(app.getByRole('combobox', { name: 'Model' })).toHaveValue('whisper-base');
  await expect(app.getByRole('combobox', { name: 'Model' }).locator('option')).toHaveText([
    'Whisper base · comes with the page',
    'Whisper base, from the hub · 206 MB',
    'Whisper base, 8-bit, from the hub · 77 MB',
    'Whisper tiny · 120 MB',
    'Whisper small, compact · 249 MB',
  ]);
  // What comes with the page, its one size, and no question.
  const model = app.getByRole('region', { name: 'The model' });
  await expect(model).toContainText(`Whisper base comes with the page: ${size(baseBytes)}.`);
  await expect(model).toContainText('It is loaded from this page once');
  await expect(model).toContainText('From then on Earshot works with the network off.');
  await expect(app.getByRole('button', { name: /^Download/ })).toHaveCount(0);
  expect(app.requestLog.filter((url) => url.includes('/models/'))).toEqual([]);
  await expect(app.getByRole('combobox', { name: 'Backend' }).locator('option')).toHaveText([
    'Automatic',
    'GPU',
    'CPU',
  ]);
  await expect(app.getByRole('combobox', { name: 'Task' }).locator('option')).toHaveText([
    'Transcribe',
    'Translate to English',
  ]);
  const languages = await app.getByRole('combobox', { name: 'Language' }).locator('option').allTextContents();
  expect(languages.slice(0, 2)).toEqual(['Detect', 'Afrikaans']);
  expect(languages).toHaveLength(100);
  expect(languages).toContain('English');
  // Every code has a name in this browser.
  expect(languages.filter((name) => !/^\p{Lu}\p{Ll}{2}/u.test(name))).toEqual([]);
  expect(toHub(app)).toEqual([]);
});

test('a model of the hub asks one question first, with the size; nothing is fetched before the answer', async ({
  app,
}) => {
  await hub(app, (route) => route.fulfill({ status: 404, headers: cors, body: 'no' }));
  await app.open('?model=whisper-digits-10s');
  const model = app.getByRole('combobox', { name: 'Model' });
  await model.selectOption('whisper-base-hub');
  await addFiles(app, CLIP);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Waiting for the model. 10 s');
  await expect(app.getByRole('button', { name: DOWNLOAD })).toHaveCount(1);
  await expect(app.getByText('This page asks huggingface.co only because you choose it.')).toBeVisible();
  expect(toHub(app)).toEqual([]);

  // Another model that is here: the file starts by itself.
  await model.selectOption('whisper-digits-10s');
  await expect(app.getByRole('listitem').filter({ hasText: 'Done' })).toBeVisible(LONG);
  await expect(app.getByRole('button', { name: DOWNLOAD })).toHaveCount(0);
  expect(toHub(app)).toEqual([]);
});

test('without a service worker the hub stays out: said in words, with a next step, and nothing is asked', async ({
  app,
}) => {
  await app.open(HUB_BASE);
  await addFiles(app, CLIP);
  await app.getByRole('button', { name: DOWNLOAD }).click();
  const alert = app.getByRole('alert');
  await expect(alert).toContainText('This page may not fetch from https://huggingface.co yet. Reload it once.', LONG);
  await expect(alert).toContainText('put the models beside the page and name that folder');
  expect(toHub(app)).toEqual([]);
  // The one that comes with the page needs nobody else.
  await app.getByRole('button', { name: 'Use the Whisper base that comes with the page' }).click();
  await expect(app.getByRole('combobox', { name: 'Model' })).toHaveValue('whisper-base');
  expect(app.consoleErrors.splice(0).filter((line) => !line.includes('Content Security Policy'))).toEqual([]);
});

test.describe('with a service worker, which lets the hub in', () => {
  test.use({ serviceWorkers: 'allow' });

  test('a login page instead of the model is told from the model', async ({ app }) => {
    await hub(app, (route) =>
      route.fulfill({ status: 200, headers: { ...cors, 'content-type': 'text/html' }, body: '<html>Sign in</html>' }),
    );
    await app.open(HUB_BASE);
    await addFiles(app, CLIP);
    await app.getByRole('button', { name: DOWNLOAD }).click();
    const alert = app.getByRole('alert');
    await expect(alert).toContainText('A web page came instead of the model, most likely a login page.', LONG);
    await expect(alert).toContainText('Sign in to the network, then try again.');
    await expect(app.getByRole('button', { name: DOWNLOAD })).toBeEnabled();
    await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Waiting for the model');
  });

  test('a download shows its progress and stops when told', async ({ app }) => {
    // Headers come, the body does not: as slow as a network can be.
    const held: Route[] = [];
    await hub(app, (route) => {
      held.push(route);
      return Promise.resolve();
    });
    await app.open(HUB_BASE);
    await addFiles(app, CLIP);
    await app.getByRole('button', { name: DOWNLOAD }).click();
    await expect(app.getByRole('heading', { name: 'Fetching Whisper base, from the hub' })).toBeVisible();
    await expect(app.getByRole('progressbar', { name: 'Whisper base, from the hub download' })).toHaveAttribute(
      'aria-valuenow',
      '0',
    );
    await app.getByRole('region', { name: 'Model' }).getByRole('button', { name: 'Cancel' }).click();
    await expect(app.getByRole('button', { name: DOWNLOAD })).toBeVisible();
    await expect(app.getByRole('alert')).toHaveCount(0);
    await Promise.all(held.map((route) => route.abort().catch(() => {})));
  });
});

test.describe('with a service worker and a file that is heard', () => {
  test.use({ serviceWorkers: 'allow' });

  test('a model of the hub can be asked for meanwhile, and takes nothing from the file', async ({ app }) => {
    test.slow();
    await hub(app, (route) => route.fulfill({ status: 404, headers: cors, body: 'no' }));
    await app.open('?model=whisper-digits-10s&backend=cpu');
    await app.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await addFiles(app, repeated(CLIP, 60));
    await expect.poll(() => heard(app), LONG).toContain('two eight');
    expect(toHub(app)).toEqual([]);
    await app.getByRole('link', { name: 'Engine', exact: true }).click();
    const row = app.getByRole('region', { name: 'Models' }).getByRole('listitem').filter({ hasText: 'Whisper tiny' });
    await row.getByRole('button', { name: /^Download Whisper tiny/ }).click();
    await expect.poll(() => toHub(app).length, LONG).toBeGreaterThan(0);
    await expect(row.getByRole('alert')).toContainText('The model could not be fetched whole.');
    await app.getByRole('link', { name: 'Transcribe' }).click();
    const job = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
    await expect(job).toContainText('Done in', LONG);
    // Each of the sixty clips says it once.
    expect((await allHeard(app)).match(/two/g)).toHaveLength(60);
    app.consoleErrors.splice(0);
  });
});

/** What the page's own host answers for the weights of Whisper base. */
const broken: [what: string, answer: (route: Route) => Promise<void>, words: string][] = [
  ['is missing', (route) => route.fulfill({ status: 404, body: 'no' }), 'The model could not be fetched whole.'],
  [
    'is a web page',
    (route) => route.fulfill({ contentType: 'text/html', body: '<html>Not found</html>' }),
    'A web page came instead of the model, most likely a login page.',
  ],
  [
    'has another hash',
    async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[1000] ^= 1;
      await route.fulfill({ response, body });
    },
    'The model arrived damaged and was thrown away.',
  ],
];
for (const [what, answer, words] of broken) {
  test(`a bundled file that ${what}: said in words, and mended from the page itself`, async ({ app }) => {
    await app.context().route('**/models/whisper-digits-10s/onnx/encoder*', answer);
    await app.open('?model=whisper-digits-10s&backend=cpu');
    await addFiles(app, CLIP);
    const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
    await expect(row.getByRole('alert')).toContainText(words, LONG);
    await app.context().unroute('**/models/whisper-digits-10s/onnx/encoder*');
    await row.getByRole('button', { name: 'Retry' }).click();
    await expect.poll(() => heard(app), LONG).toBe('two eight six seven zero four four zero');
    // What had come whole is not fetched again.
    expect(app.requestLog.filter((url) => url.endsWith('/config.json'))).toHaveLength(1);
    app.consoleErrors.splice(0);
  });
}

test('Whisper base comes without a question, shows how far it is, and asks nobody else', async ({ app }) => {
  // The weights are never answered.
  await app.context().route('**/models/whisper-base/onnx/*', () => undefined);
  await app.open('?backend=cpu');
  await addFiles(app, CLIP);
  const panel = app.getByRole('region', { name: 'Model', exact: true });
  await expect(panel.getByRole('heading', { name: 'Loading Whisper base' })).toBeVisible(LONG);
  await expect(panel.getByRole('progressbar', { name: 'Loading Whisper base' })).toHaveAttribute(
    'aria-valuenow',
    /^\d+$/,
  );
  await expect(panel).toContainText('From this page, this once.');
  // The small files are here: the bar has left its beginning.
  await expect(panel).toContainText(/2\.8 MB of [\d.]+ MB/);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText(/Loading the model, [34] %/);
  await expect(app.getByText('One question first')).toHaveCount(0);
  expect(toHub(app)).toEqual([]);
});

test('it can be tried with a clip, and says that it is a demonstration', async ({ app }) => {
  await app.open();
  await app.getByRole('button', { name: 'Try it with a clip' }).click();
  const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(row).toContainText('Done', LONG);
  await expect(row).toContainText('A demonstration: this model hears only spoken digits.');
  expect(await heard(app)).toBe(DEMO.words.map(({ text }) => text).join(' '));
  // For that clip only: the choice is as it was.
  await expect(app.getByRole('combobox', { name: 'Model' })).toHaveValue('whisper-base');
});

test('an address presets the choices and is not kept; a choice made by hand is', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu&language=de&task=translate');
  const value = (name: string) => app.getByRole('combobox', { name });
  await expect(value('Model')).toHaveValue('whisper-digits-10s');
  await expect(value('Backend')).toHaveValue('cpu');
  await expect(value('Language')).toHaveValue('de');
  await expect(value('Task')).toHaveValue('translate');
  await value('Language').selectOption('French');

  await app.open('?model=whisper-base-q8');
  await expect(value('Backend')).toHaveAccessibleDescription('Whisper base, 8-bit, from the hub runs on the CPU only.');
  await value('Backend').selectOption('CPU');
  await expect(value('Backend')).toHaveAccessibleDescription('');
  await value('Backend').selectOption('Automatic');
  await app.getByText('No network? Import it from a disk or a USB stick').click();
  await expect(app.getByLabel('Import from files or a zip')).toBeEnabled();

  await app.open();
  await expect(value('Model')).toHaveValue('whisper-base');
  await expect(value('Backend')).toHaveValue('auto');
  await expect(value('Language')).toHaveValue('fr');
  await expect(value('Task')).toHaveValue('transcribe');
});
