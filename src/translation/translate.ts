/** Has cues translated by the browser, one after another, each from its own language. */
import type { EditableCue } from '../queue/job.ts';
import type { Translated } from '../queue/translations.ts';
import { browserCode, type BrowserTranslator, type PairTranslator } from './browser-translator.ts';
import { untranslated } from './translated.ts';

export type TranslationStep =
  /** The browser fetches a language pack; `share` of it in [0, 1]. */
  | { type: 'fetching'; share: number }
  | { type: 'translating'; share: number }
  /** The browser does not know this pair: cues in the language are left out. */
  | { type: 'unknown'; language: string }
  /** All that is translated so far. */
  | { type: 'texts'; texts: ReadonlyMap<string, Translated> };

/** What is done so far is told of this often. */
const TELL_MS = 1000;

/**
 * Translates what is not translated yet. Rejects with what the browser says, or the signal's reason; the last texts told of
 * are what was done until then.
 * @param known translations into the same language; null: none
 * @param tell is waited for
 */
export async function translateCues(
  translator: BrowserTranslator,
  cues: readonly EditableCue[],
  { target, known }: { target: string; known: ReadonlyMap<string, Translated> | null },
  tell: (step: TranslationStep) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const texts = new Map(known);
  const pairs = new Map<string, PairTranslator | null>();
  const open = async (source: string): Promise<PairTranslator | null> => {
    const pair = { sourceLanguage: browserCode(source), targetLanguage: browserCode(target) };
    if ((await translator.availability(pair).catch(() => 'unavailable')) === 'unavailable') {
      await tell({ type: 'unknown', language: source });
      return null;
    }
    await tell({ type: 'fetching', share: 0 });
    const monitor = (events: EventTarget) =>
      events.addEventListener('downloadprogress', (event) => {
        const { loaded } = event as Event & { loaded?: number };
        void tell({ type: 'fetching', share: Math.min(1, loaded ?? 0) });
      });
    return translator.create({ ...pair, signal, monitor });
  };
  const left = untranslated(cues, { language: target, texts });
  let toldMs = performance.now();
  try {
    for (const [index, { id, text, language }] of left.entries()) {
      signal.throwIfAborted();
      if (language !== target && !pairs.has(language)) pairs.set(language, await open(language));
      const translated = language === target ? text : await pairs.get(language)?.translate(text, { signal });
      if (translated !== undefined) texts.set(id, { of: text, text: translated });
      await tell({ type: 'translating', share: (index + 1) / left.length });
      if (performance.now() - toldMs < TELL_MS) continue;
      toldMs = performance.now();
      await tell({ type: 'texts', texts: new Map(texts) });
    }
  } finally {
    for (const pair of pairs.values()) pair?.destroy?.();
    if (texts.size > 0) await tell({ type: 'texts', texts: new Map(texts) });
  }
}
