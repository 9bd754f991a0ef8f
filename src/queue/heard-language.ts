import type { JobRequest, WindowResult } from '../../workers/protocol.ts';

/**
 * The language that was detected in a window, to go on with. Null where a person had chosen the language: their choice
 * says nothing of the sound, and a file that is run again with "Detect" must not keep it.
 */
export function languageOf(window: WindowResult): JobRequest['heardLanguage'] {
  // The engine gives a chosen language the probability 1, a detected one less.
  if (window.languageProbability >= 1) return null;
  return { language: window.language, probability: window.languageProbability };
}
