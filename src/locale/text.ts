/**
 * The page's own words. The source is English and English is the key: `t('Add files')`. A catalogue (de.json, …) gives the
 * same message in another language, and is fetched only when that language is wanted, so English costs the calls alone.
 */

/** Languages that the page speaks. */
export const PAGE_LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** English message → message in another language. */
export type Catalogue = Readonly<Record<string, string>>;

declare const notYetLookedUp: unique symbol;
/** A message in a table that is made before the language is known. Only `t` makes text of it, when it is shown. */
export type Phrase = { readonly [notYetLookedUp]: true };

/** Marks a message for the catalogues, to be looked up with `t` when it is shown. */
export function phrase(english: string): Phrase {
  return english as unknown as Phrase;
}

type Values = Readonly<Record<string, string | number>>;

let language: PageLanguage = 'en';
let locale = 'en';
let catalogue: Catalogue = {};
let plurals: Intl.PluralRules | undefined;
/** Called at every look-up: what is drawn then is drawn again when the language changes (page-language.svelte.ts). */
let noteUse: () => void = () => undefined;

/**
 * Says which words hold from now on.
 * @param formats the BCP 47 tag by which numbers and dates are written: "de-AT" for German, where the browser says so
 */
export function speak(next: PageLanguage, formats: string, words: Catalogue): void {
  language = next;
  locale = formats;
  catalogue = words;
  plurals = undefined;
  formatters.clear();
}

export function onLookUp(note: () => void): void {
  noteUse = note;
}

/** The page's language as it is now: "de". */
export function pageLanguage(): PageLanguage {
  noteUse();
  return language;
}

/** How numbers and dates are written now: "de-AT". */
export function formatLocale(): string {
  noteUse();
  return locale;
}

/** Which words hold now, to be given back to `speak`. */
export function spoken(): Parameters<typeof speak> {
  return [language, locale, catalogue];
}

/**
 * The message in the page's language. `{name}` is replaced by a value. Of a message with a `|` the part before it is said
 * of one, that after it of more (`{n}` decides, by the plural rules of the language).
 */
export function t(message: string | Phrase, values?: Values): string {
  noteUse();
  const english = message as string;
  let text = catalogue[english] ?? english;
  if (values === undefined) return text;
  if (text.includes('|')) {
    plurals ??= new Intl.PluralRules(language);
    const [one = '', many = ''] = text.split('|');
    text = plurals.select(Number(values.n)) === 'one' ? one : many;
  }
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name] ?? placeholder;
    return typeof value === 'number' ? number(value) : value;
  });
}

/** Making one takes some 50 µs, and a list of transcripts asks a thousand times. */
const formatters = new Map<string, unknown>();

/** One formatter for each purpose, made when it is first needed in this language. */
export function cached<Formatter>(purpose: string, make: (locale: string) => Formatter): Formatter {
  noteUse();
  let formatter = formatters.get(purpose) as Formatter | undefined;
  if (formatter === undefined) {
    formatter = make(locale);
    formatters.set(purpose, formatter);
  }
  return formatter;
}

/**
 * A number as it is written in the page's language: "1.4", "1,4". English stays without separators of thousands.
 * @param decimals as many as are always written; left out: as many as the number has
 */
export function number(value: number, decimals?: number): string {
  if (pageLanguage() === 'en') return decimals === undefined ? String(value) : value.toFixed(decimals);
  return cached(
    `number ${decimals}`,
    (tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: decimals, maximumFractionDigits: decimals ?? 20 }),
  ).format(value);
}

/**
 * A day, or a moment, as it is written in the page's language: "12. März 2026".
 * @param english the form that English has here, whatever the browser prefers
 */
export function date(value: Date | number, style: Intl.DateTimeFormatOptions, english = locale): string {
  const tag = pageLanguage() === 'en' ? english : locale;
  return cached(`date ${tag} ${JSON.stringify(style)}`, () => new Intl.DateTimeFormat(tag, style)).format(value);
}
