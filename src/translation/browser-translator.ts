/**
 * The translator that some browsers have (https://webmachinelearning.github.io/translation-api/), in no standard library of
 * TypeScript yet. It works on the device; for a pair of languages that is new to it, it asks its maker for a language pack.
 */

/** `downloadable`: the browser will fetch a language pack first. `unavailable`: it does not know this pair. */
export type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available';

/** BCP 47. */
export type Pair = { sourceLanguage: string; targetLanguage: string };

/** One pair of languages, ready. */
export type PairTranslator = {
  translate(text: string, options?: { signal?: AbortSignal }): Promise<string>;
  destroy?(): void;
};

export type BrowserTranslator = {
  availability(pair: Pair): Promise<Availability>;
  create(options: Pair & { signal?: AbortSignal; monitor?: (monitor: EventTarget) => void }): Promise<PairTranslator>;
};

/** Null: this browser has none. */
export function browserTranslator(): BrowserTranslator | null {
  const { Translator } = globalThis as { Translator?: BrowserTranslator };
  return typeof Translator?.availability === 'function' && typeof Translator.create === 'function' ? Translator : null;
}

/** Where ISO 639-1 and Whisper call a language otherwise than browsers do. */
const BROWSER_CODES: Record<string, string> = { jw: 'jv', tl: 'fil', no: 'nb' };

export function browserCode(language: string): string {
  return BROWSER_CODES[language] ?? language;
}
