/** The languages Whisper knows (openai/whisper tokenizer.py, LANGUAGES), with their names from the browser. */
import { cached, pageLanguage, phrase, t, type Phrase } from '../locale/text.ts';

const CODES =
  'en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy ' +
  'sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo ' +
  'uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su';

/** Where the code is not the one of BCP 47, the browser's name is another language's, or Chromium has none (2026-11). */
const NAMES: Record<string, Phrase> = {
  jw: phrase('Javanese'),
  tl: phrase('Tagalog'),
  ba: phrase('Bashkir'),
  bo: phrase('Tibetan'),
};

/** "English" for "en", in the page's language; the code itself where nobody has a name for it. */
export function languageName(code: string): string {
  const own = NAMES[code];
  if (own !== undefined) return t(own);
  const language = pageLanguage();
  return cached('languages', () => new Intl.DisplayNames([language], { type: 'language' })).of(code) ?? code;
}

export const LANGUAGE_CODES: readonly string[] = CODES.split(' ');

/** Sorted by name. */
export function languages(): { code: string; name: string }[] {
  const language = pageLanguage();
  return LANGUAGE_CODES.map((code) => ({ code, name: languageName(code) })).sort((a, b) =>
    a.name.localeCompare(b.name, language),
  );
}
