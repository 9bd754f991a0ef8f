/** The page's own languages: every message in every one, and numbers, sizes and dates as each writes them. */
import { parse } from 'svelte/compiler';
import { expect, test } from 'playwright/test';
import { percent, preciseSize, size, speed } from '../../src/clock.ts';
import { faultWords } from '../../src/fault-words.ts';
import { inEnglish } from '../../src/locale/in-english.ts';
import { date, number, PAGE_LANGUAGES, phrase, speak, t, type Catalogue } from '../../src/locale/text.ts';
import { languageName, languages } from '../../src/settings/languages.ts';
import { pageMessages } from './page-messages.ts';
import { source, src } from './sources.ts';

const OTHERS = PAGE_LANGUAGES.filter((language) => language !== 'en');
const catalogue = (language: string) =>
  (JSON.parse(source(`src/locale/${language}.json`)) as { messages: Catalogue }).messages;

test.afterEach(() => speak('en', 'en', {}));

const { found, unreadable } = pageMessages();

test('every message can be read from the sources', () => {
  expect(unreadable).toEqual([]);
  expect(found.length).toBeGreaterThan(1000);
});

/** The places for values in a message, in the order of their names. */
const placeholders = (message: string) => [...new Set(message.match(/\{\w+\}/g))].sort();

for (const language of OTHERS) {
  test(`${language}: every message, and none that the page no longer says`, () => {
    const messages = catalogue(language);
    const wanted = new Set(found.map(({ message }) => message));
    expect([...wanted].filter((message) => !Object.hasOwn(messages, message))).toEqual([]);
    expect(Object.keys(messages).filter((message) => !wanted.has(message))).toEqual([]);
  });

  test(`${language}: the same values, the same number of forms, and a space wherever one has to stand`, () => {
    const wrong = Object.entries(catalogue(language)).filter(
      ([english, own]) =>
        own.trim() === '' ||
        placeholders(own).join() !== placeholders(english).join() ||
        own.split('|').length !== english.split('|').length ||
        own.split('|').some((form) => placeholders(form).join() !== placeholders(english).join()) ||
        (english.startsWith(' ') && !/^\s/.test(own)) ||
        (english.endsWith(' ') && !/\s$/.test(own)),
    );
    expect(wrong).toEqual([]);
  });
}

test('one and more, by the rules of each language', () => {
  const files = (n: number) => t('{n} file|{n} files', { n });
  expect([0, 1, 2].map(files)).toEqual(['0 files', '1 file', '2 files']);
  speak('de', 'de', catalogue('de'));
  expect([0, 1, 2].map(files)).toEqual(['0 Dateien', '1 Datei', '2 Dateien']);
  // In French nought is one.
  speak('fr', 'fr', catalogue('fr'));
  expect([0, 1, 2].map(files)).toEqual(['0 fichier', '1 fichier', '2 fichiers']);
  speak('es', 'es', catalogue('es'));
  expect([0, 1, 2].map(files)).toEqual(['0 archivos', '1 archivo', '2 archivos']);
});

test('numbers, sizes and dates as each language writes them, and English as it always did', () => {
  const day = new Date(2026, 2, 12, 14, 6);
  const long = () => date(day, { dateStyle: 'long' });
  expect([number(1234.5), number(3, 1), size(1_400_000), speed(3.1), percent(0.53)]).toEqual([
    ...['1234.5', '3.0', '1.4 MB', '3.1×', '53 %'],
  ]);
  expect(long()).toBe('March 12, 2026');
  speak('de', 'de', catalogue('de'));
  expect([number(1234.5), size(1_400_000), preciseSize(206_000_000), speed(3.1)]).toEqual([
    ...['1.234,5', '1,4 MB', '206 MB', '3,1×'],
  ]);
  expect(long()).toBe('12. März 2026');
  speak('de', 'de-CH', catalogue('de'));
  expect(size(1_400_000)).toBe('1.4 MB');
  speak('fr', 'fr', catalogue('fr'));
  expect([size(1_400_000), size(712)]).toEqual(['1,4 Mo', '712 o']);
  expect(long()).toBe('12 mars 2026');
  speak('es', 'es', catalogue('es'));
  expect([size(1_400_000), long()]).toEqual(['1,4 MB', '12 de marzo de 2026']);
});

test('languages by their names in the page’s language, sorted as that language sorts', () => {
  expect([languageName('de'), languageName('jw')]).toEqual(['German', 'Javanese']);
  speak('de', 'de', catalogue('de'));
  expect([languageName('de'), languageName('jw')]).toEqual(['Deutsch', 'Javanisch']);
  const names = languages().map(({ name }) => name);
  expect(names).toContain('Ukrainisch');
  expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'de')));
});

test('a message that was made before the language was known is looked up when it is shown', () => {
  const undo = phrase('Undo');
  expect(t(undo)).toBe('Undo');
  speak('fr', 'fr', catalogue('fr'));
  expect(t(undo)).toBe('Annuler');
  expect(faultWords('EmptyFile').sentence).toBe('Ce fichier est vide.');
});

test('what others read stays English: a report', () => {
  speak('de', 'de', catalogue('de'));
  expect(inEnglish(() => [t('Encoder'), size(1_400_000), t('Undo')])).toEqual(['Encoder', '1.4 MB', 'Undo']);
  expect(t('Undo')).toBe('Rückgängig');
  expect(() =>
    inEnglish(() => {
      throw new Error('while it was said');
    }),
  ).toThrow();
  expect(t('Undo')).toBe('Rückgängig');
});

/** Names and units that are the same everywhere. */
const EVERYWHERE = /^(Earshot|GPU|CPU|Morag Sinclair, Fresnel lens|owner\/name|https:\/\/huggingface\.co)$/;
const SAID = /^(aria-label|aria-description|aria-valuetext|title|placeholder|alt)$/;

/** Words in the markup of a component that no call of `t` looks up. */
function wordsInMarkup(path: string): string[] {
  const text = source(path);
  const lone: string[] = [];
  const note = (words: string, at: number): void => {
    const said = words.replace(/\s+/g, ' ').trim();
    if (/\p{L}{2}/u.test(said) && !EVERYWHERE.test(said))
      lone.push(`${path}:${text.slice(0, at).split('\n').length}: ${said}`);
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const { type, name, start, data, value, ...rest } = node as Record<string, unknown> & { start: number };
    if (type === 'Script' || type === 'StyleSheet') return;
    if (type === 'Text') return note(String(data), start);
    if (type === 'Attribute') {
      const parts = Array.isArray(value) ? (value as { type: string; data: string }[]) : [];
      if (SAID.test(String(name)))
        parts.filter((part) => part.type === 'Text').forEach((part) => note(part.data, start));
      return;
    }
    Object.values(rest).forEach(visit);
  };
  visit(parse(text, { modern: true }).fragment);
  return lone;
}

test('no words in the markup that could not be said in another language', () => {
  expect(src.filter((path) => path.endsWith('.svelte')).flatMap(wordsInMarkup)).toEqual([]);
});
