/** Before the first file: what is offered, what is asked, and that nothing is fetched before the answer. */
import { readFileSync } from 'node:fs';
import type { Route } from 'playwright/test';
import { expect, fixture, test, type App } from '../browser.ts';
import { addFiles, heard } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const HUB = 'https://huggingface.co/';
const DOWNLOAD = /^Download Whisper base \(206 MB\)$/;
const LONG = { timeout: 60_000 };
const DEMO = JSON.parse(readFileSync(fixture('../../public/demo/digits.json'), 'utf8')) as {
  words: { text: string }[];
};

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

test('a file asks one question first, with the size; nothing is fetched before the answer', async ({ app }) => {
  await hub(app, (route) => route.fulfill({ status: 404, headers: cors, body: 'no' }));
  await app.open();
  await addFiles(app, CLIP);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Waiting for the model. 10 s');
  await expect(app.getByRole('button', { name: DOWNLOAD })).toHaveCount(1);
  await expect(app.getByText('huggingface.co', { exact: false })).toBeVisible();
  expect(toHub(app)).toEqual([]);

  // Another model that is here: the file starts by itself.
  await app.getByRole('combobox', { name: 'Model' }).selectOption('whisper-digits-10s');
  await expect(app.getByRole('listitem').filter({ hasText: 'Done' })).toBeVisible(LONG);
  await expect(app.getByRole('button', { name: DOWNLOAD })).toHaveCount(0);
  expect(toHub(app)).toEqual([]);
});

test('a login page instead of the model is told from the model', async ({ app }) => {
  await hub(app, (route) =>
    route.fulfill({ status: 200, headers: { ...cors, 'content-type': 'text/html' }, body: '<html>Sign in</html>' }),
  );
  await app.open();
  await addFiles(app, CLIP);
  await app.getByRole('button', { name: DOWNLOAD }).click();
  const alert = app.getByRole('alert');
  await expect(alert).toContainText('A login page came instead of the model.', LONG);
  await expect(alert).toContainText('Sign in to the network, then download again.');
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
  await app.open();
  await addFiles(app, CLIP);
  await app.getByRole('button', { name: DOWNLOAD }).click();
  await expect(app.getByRole('heading', { name: 'Fetching Whisper base' })).toBeVisible();
  await expect(app.getByRole('progressbar', { name: 'Whisper base download' })).toHaveAttribute('aria-valuenow', '0');
  await app.getByRole('region', { name: 'Model' }).getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByRole('button', { name: DOWNLOAD })).toBeVisible();
  await expect(app.getByRole('alert')).toHaveCount(0);
  await Promise.all(held.map((route) => route.abort().catch(() => {})));
});

test('it can be tried without a download, and says that it is a demonstration', async ({ app }) => {
  await app.open();
  await app.getByRole('button', { name: 'Try it without a download' }).click();
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
  await expect(value('Backend')).toHaveAccessibleDescription('Whisper base, compact runs on the CPU only.');
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
