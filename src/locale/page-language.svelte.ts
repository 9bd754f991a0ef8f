/** Which of its languages the page speaks, and changing it while it runs: nothing is loaded anew, nothing is lost. */
import { onLookUp, PAGE_LANGUAGES, speak, type Catalogue, type PageLanguage } from './text.ts';

type Words = { default: { messages: Catalogue } };

/** Each is a script of its own, kept by the service worker like any other. */
const CATALOGUES: Record<Exclude<PageLanguage, 'en'>, () => Promise<Words>> = {
  de: () => import('./de.json'),
  fr: () => import('./fr.json'),
  es: () => import('./es.json'),
};

/** The first of the browser's languages that the page speaks; English where it speaks none of them. */
function preferred(): PageLanguage {
  const known = navigator.languages.map((tag) => PAGE_LANGUAGES.find((one) => tag.toLowerCase().split('-')[0] === one));
  return known.find((one) => one !== undefined) ?? 'en';
}

class PageLanguageChoice {
  /** Counts the changes. Whatever looked a word up has read it, and is drawn anew. */
  #changes = $state(0);
  #wanted: PageLanguage = 'en';

  constructor() {
    onLookUp(() => void this.#changes);
  }

  /**
   * Resolves when the page speaks it.
   * @param choice empty: as the browser prefers
   */
  async choose(choice: PageLanguage | ''): Promise<void> {
    const wanted = choice === '' ? preferred() : choice;
    this.#wanted = wanted;
    const words = wanted === 'en' ? {} : (await CATALOGUES[wanted]()).default.messages;
    // Chosen again while this one was fetched.
    if (this.#wanted !== wanted) return;
    const formats = navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === wanted) ?? wanted;
    speak(wanted, formats, words);
    document.documentElement.lang = wanted;
    document.documentElement.dir = 'ltr';
    this.#changes += 1;
  }
}

export const pageLanguageChoice = new PageLanguageChoice();
