import { speak, spoken } from './text.ts';

/** What `say` makes in English, whatever the page's language: for bug reports and tables that others read. */
export function inEnglish<Said>(say: () => Said): Said {
  const before = spoken();
  speak('en', 'en', {});
  try {
    return say();
  } finally {
    speak(...before);
  }
}
