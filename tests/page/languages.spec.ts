/** The page in German, French and Spanish: everything it says, how it writes numbers, and the choice of its language. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, repository, test, type App } from '../browser.ts';
import { expectAccessible } from './accessible.ts';
import { keepCues } from './kept-transcript.ts';
import { heard, repeated } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const LONG = { timeout: 60_000 };

type Messages = Record<string, string>;
const wordsOf = (language: string): Messages =>
  (JSON.parse(readFileSync(`${repository}/src/locale/${language}.json`, 'utf8')) as { messages: Messages }).messages;

/** What a message may look like once its values are in it. */
function shapes(message: string): RegExp[] {
  return message
    .split('|')
    .map((form) =>
      form
        .trim()
        .replace(/[.*+?^$()[\]\\]/g, '\\$&')
        .replace(/\{\w+\}/g, '.+'),
    )
    .filter((form) => /\p{L}{3}/u.test(form.replace(/\.\+/g, '')))
    .map((form) => new RegExp(`^${form}$`, 'u'));
}

/** Everything on the page that somebody sees or hears: text, names, hints. */
function said(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>([document.title]);
    const note = (text: string | null) => {
      const line = text?.replace(/\s+/g, ' ').trim() ?? '';
      if (line !== '') found.add(line);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const parent = texts.currentNode.parentElement;
      // A transcript speaks its own language, and so do the names of languages and licences.
      if (parent?.closest('script, style, pre, .code, [lang], [role=textbox]') === document.documentElement)
        note(texts.currentNode.textContent);
    }
    for (const element of document.body.querySelectorAll('*'))
      for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'])
        note(element.getAttribute(name));
    return [...found];
  });
}

/** What still is English, though the catalogue has it in the page's language. */
async function english(page: Page, language: string): Promise<string[]> {
  const messages = Object.entries(wordsOf(language)).filter(([english, own]) => english !== own);
  const before = messages.flatMap(([english]) => shapes(english));
  const after = messages.flatMap(([, own]) => shapes(own));
  return (await said(page)).filter(
    (line) => before.some((shape) => shape.test(line)) && !after.some((shape) => shape.test(line)),
  );
}

/** In this language, without a fault that axe can find, and no wider than the window. */
async function expectWhole(page: Page, language: string): Promise<void> {
  expect(await english(page, language)).toEqual([]);
  await expectAccessible(page);
  // On a phone the four views stand side by side at the bottom, where too much would be cut off.
  const { width } = page.viewportSize()!;
  for (const link of await page.getByRole('navigation').getByRole('link').all()) {
    const box = (await link.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    expect(await link.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
  }
}

const SPOKEN = {
  de: {
    locale: 'de-DE',
    hello: 'Aufnahme hineinziehen.',
    more: 'Mehr',
    size: ' MB',
  },
  fr: { locale: 'fr-FR', hello: 'Déposez un enregistrement.', more: 'Plus', size: ' Mo' },
  es: { locale: 'es-ES', hello: 'Suelta una grabación.', more: 'Más', size: ' MB' },
} as const;

for (const [language, { locale, hello, more, size }] of Object.entries(SPOKEN)) {
  for (const [device, viewport] of [
    ['desktop', { width: 1280, height: 900 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    test.describe(`${language}, ${device}`, () => {
      test.use({ locale, viewport, contextOptions: { reducedMotion: 'reduce' } });

      test('first visit with its settings, and every other view', async ({ app }) => {
        await app.open();
        await expect(app.getByRole('heading', { level: 1, name: hello })).toBeVisible();
        await expect(app.locator('html')).toHaveAttribute('lang', language);
        await expect(app).toHaveTitle(wordsOf(language)['Earshot: words from your recordings']);
        await expect(app.getByRole('region', { name: wordsOf(language)['The model'] })).toContainText(size);
        await app.getByText(more, { exact: true }).click();
        await expect(app.getByRole('checkbox', { name: wordsOf(language)['Skip silence'] })).toBeVisible();
        await expectWhole(app, language);
        for (const [view, heading] of [
          ['record', 'Record'],
          ['library', 'Library'],
          ['engine', 'Engine'],
        ] as const) {
          await app.goto(`${app.url().replace(/#.*$/, '')}#${view}`);
          await expect(app.getByRole('heading', { level: 1, name: wordsOf(language)[heading] })).toBeVisible();
          await expect(app).toHaveTitle(`${wordsOf(language)[heading]} · Earshot`);
          await expectWhole(app, language);
        }
      });
    });
  }
}

test.describe('a file in German', () => {
  test.use({ locale: 'de-DE', contextOptions: { reducedMotion: 'reduce' } });

  test('is heard, edited, exported and kept, and a fault says what to do', async ({ app }) => {
    test.slow();
    await app.open('?model=whisper-digits-10s&backend=cpu');
    const input = app.getByLabel('Dateien hinzufügen');
    await input.setInputFiles(CLIP);
    const queue = app.getByRole('list', { name: 'Warteschlange' });
    await expect(queue).toContainText(/Fertig in .+\. 10 s, Englisch/, LONG);
    const transcript = app.getByRole('region', { name: 'Transkript' });
    await expect.poll(() => transcript.getByRole('textbox').allTextContents(), LONG).toContain('two');
    await expectWhole(app, 'de');

    await transcript.getByRole('textbox', { name: 'Text bei 0:00' }).first().click();
    await app.getByRole('button', { name: 'Suchen und ersetzen' }).click();
    await app.getByRole('button', { name: 'Sprecher', exact: true }).click();
    await expect(app.getByRole('heading', { name: 'Sprecher' })).toBeVisible();
    await expectWhole(app, 'de');
    // What is open below the menu is partly covered by it.
    await app.getByRole('form', { name: 'Suchen und ersetzen' }).getByRole('button', { name: 'Schließen' }).click();
    await app.getByText('Weitere Werkzeuge').click();
    await expectWhole(app, 'de');
    await app.getByRole('button', { name: 'Tastatur' }).click();
    await expect(app.getByRole('dialog')).toContainText('Strg');
    await expectWhole(app, 'de');
    await app.getByRole('dialog').getByRole('button', { name: 'Schließen' }).click();

    await app.getByRole('button', { name: 'Exportieren' }).click();
    await app.getByRole('menuitem', { name: 'Weitere Formate, Form und Vorschau…' }).click();
    await expect(app.getByRole('dialog')).toBeVisible();
    await app.getByRole('combobox', { name: 'Format' }).selectOption('SubRip (.srt)');
    await expect(app.getByRole('dialog')).toContainText('42 Zeichen, 2 Zeilen, 17 je Sekunde');
    await expectWhole(app, 'de');
    await app.keyboard.press('Escape');

    await input.setInputFiles({ name: 'leer.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) });
    await expect(queue).toContainText(
      'Diese Datei ist leer. Eine andere wählen oder die Aufnahme noch einmal speichern.',
    );
    await expect(queue.getByRole('button', { name: 'Noch einmal' })).toBeVisible();
    await expectWhole(app, 'de');

    await app.getByRole('link', { name: 'Motor', exact: true }).click();
    await expect(app.getByRole('region', { name: 'Motor' }).first()).toContainText('Echtzeitfaktor');
    await expectWhole(app, 'de');
    await app.getByRole('link', { name: 'Bibliothek' }).click();
    const today = new Intl.DateTimeFormat('de-DE', { dateStyle: 'medium' }).format(new Date());
    await expect(app.getByRole('list', { name: 'Transkripte' })).toContainText(today);
    await expectWhole(app, 'de');
  });
});

const radio = (app: App, name: string) => app.getByRole('radio', { name, exact: true });

test('the language is chosen in the settings, at once and for later visits', async ({ app }) => {
  await app.open();
  await expect(app.locator('html')).toHaveAttribute('lang', 'en');
  const fetched = (language: string) => app.requestLog.filter((url) => url.includes(`/${language}-`)).length;
  expect(fetched('de')).toBe(0);
  await app.getByText('More', { exact: true }).click();
  await expect(radio(app, 'Automatic')).toBeChecked();
  await radio(app, 'Deutsch').check();
  await expect(app.getByRole('heading', { level: 1, name: 'Aufnahme hineinziehen.' })).toBeVisible();
  await expect(app.locator('html')).toHaveAttribute('lang', 'de');
  await expect(app.getByRole('combobox', { name: 'Sprache' }).locator('option')).toContainText([
    'Erkennen',
    'Afrikaans',
  ]);
  await expectWhole(app, 'de');
  expect(fetched('de')).toBe(1);
  expect(fetched('fr') + fetched('es')).toBe(0);

  await app.reload();
  await expect(app.getByRole('heading', { level: 1, name: 'Aufnahme hineinziehen.' })).toBeVisible();
  await app.getByText('Mehr', { exact: true }).click();
  await expect(radio(app, 'Deutsch')).toBeChecked();
  await radio(app, 'Automatisch').check();
  await expect(app.getByRole('heading', { level: 1, name: 'Drop a recording.' })).toBeVisible();
});

test('changing the language while a file is heard loses nothing', async ({ app }) => {
  test.slow();
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await app.getByLabel('Add files').setInputFiles(repeated(CLIP, 60));
  await expect(app.getByRole('list', { name: 'Queue' }).getByRole('progressbar')).toBeVisible(LONG);
  await expect.poll(() => heard(app), LONG).toContain('two eight six');
  await radio(app, 'Français').check();
  const queue = app.getByRole('list', { name: 'File d’attente' });
  await expect(queue.getByRole('progressbar')).toBeVisible();
  await expect(queue).toContainText(/ sur le CPU à /);
  await expect(app.getByRole('region', { name: 'Transcription' })).toContainText('two');
  await queue.getByRole('button', { name: 'Annuler' }).click();
  await expect(queue).toContainText(/Arrêté à .+ Le texte jusque-là est conservé\./);
});

test('what stands above the work already is said in the language that is chosen then', async ({ app }) => {
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await keepCues(app, [{ start: 0, end: 2, text: 'two eight' }]);
  await app.reload();
  await app.getByRole('list', { name: 'Queue' }).getByRole('button', { name: 'Remove' }).click();
  const said = app.getByRole('status').filter({ hasText: 'kept.wav' });
  await expect(said).toContainText('kept.wav and its transcript are off the list.');
  await app.getByText('More', { exact: true }).click();
  for (const [language, name] of [
    ['de', 'Deutsch'],
    ['fr', 'Français'],
    ['es', 'Español'],
  ] as const) {
    await radio(app, name).check();
    const words = wordsOf(language);
    const sentence = words['{name} and its transcript are off the list.'].replace('{name}', 'kept.wav');
    await expect(said).toContainText(sentence);
    await expect(said.getByRole('button')).toHaveText([words['Undo'], words['Dismiss']]);
    await expectWhole(app, language);
  }
  await said.getByRole('button').first().click();
  await expect(said).toHaveCount(0);
  await expect(app.getByRole('region', { name: wordsOf('es')['Transcript'] })).toContainText('two eight');
});

test('what was said of models and of a recording is said in the language that is chosen then', async ({ app }) => {
  await app.context().grantPermissions(['microphone']);
  const go = (view: string) => app.evaluate((view) => void (location.hash = view), view);
  await app.open('?model=whisper-digits-10s&backend=cpu#record');
  await app.getByRole('button', { name: 'Start recording' }).click();
  const alert = app.getByRole('alert');
  await expect(alert).toContainText('No microphone was found.');
  await go('#engine');
  const nothing = { name: 'notes.bin', mimeType: 'application/octet-stream', buffer: Buffer.from('no model') };
  await app.getByLabel('Import from files or a zip').setInputFiles(nothing);
  const outcome = app.getByRole('status').filter({ hasText: /notes\.bin|model/i });
  const sentence = 'No model that Earshot knows was in that.';
  await expect(outcome.filter({ hasText: sentence })).toBeVisible();
  await go('#transcribe');
  await app.getByText('More', { exact: true }).click();
  await radio(app, 'Deutsch').check();
  const words = wordsOf('de');
  await go('#engine');
  await expect(app.getByRole('status').filter({ hasText: words[sentence] })).toBeVisible();
  await go('#record');
  await expect(alert).toContainText(words['No microphone was found.']);
  await expect(alert).not.toContainText('No microphone was found.');
});

test('where the words of a language do not come, the page says so in the one it speaks', async ({ app }) => {
  await app.context().route(/\/assets\/es-[^/]+\.js$/, (route) => route.abort());
  await app.open();
  await app.getByText('More', { exact: true }).click();
  await radio(app, 'Español').check();
  await expect(app.getByText('The words of this language could not be fetched.')).toBeVisible();
  await expect(app.getByRole('heading', { level: 1, name: 'Drop a recording.' })).toBeVisible();
  // The browser complains of what the test has cut off.
  app.consoleErrors.length = 0;
});
