/**
 * A translation without the names that cues have on one device, so that it can go to another: each text stands with the words
 * that it was made of and the moment they are said at. Pure.
 */
import { flatMapping } from '../mapping.ts';
import type { EditableCue } from '../queue/job.ts';
import type { Translated, Translation } from '../queue/translations.ts';
import { LANGUAGE_CODES } from '../settings/languages.ts';
import { translationOf } from './translated.ts';

/** `start`: seconds, as the cue has it. */
export type PortableTranslation = { language: string; texts: (Translated & { start: number })[] };

/** What of a translation is of the words as they are now; null: nothing. */
export function portable(cues: readonly EditableCue[], translation: Translation | null): PortableTranslation | null {
  if (translation === null) return null;
  const texts = cues.flatMap((cue) => {
    const text = translationOf(cue, translation);
    return text === null ? [] : [{ start: cue.start, of: cue.text, text }];
  });
  return texts.length === 0 ? null : { language: translation.language, texts };
}

/** Out of a file, which may come from anywhere. @returns null: there is none that can be shown */
export function* readPortable(value: unknown): Generator<void, PortableTranslation | null> {
  const { language, texts } = (value ?? {}) as Record<string, unknown>;
  // It becomes a part of file names and the language of what is shown.
  if (typeof language !== 'string' || !LANGUAGE_CODES.includes(language) || !Array.isArray(texts)) return null;
  const read = yield* flatMapping(texts as unknown[], (one): PortableTranslation['texts'] => {
    const { start, of, text } = (one ?? {}) as Record<string, unknown>;
    const isOne = typeof start === 'number' && typeof of === 'string' && typeof text === 'string';
    return isOne ? [{ start, of, text }] : [];
  });
  return read.length === 0 ? null : { language, texts: read };
}

/** Laid on cues that say the same at the same moment. @returns null: none does */
export function laidOn(cues: readonly EditableCue[], { language, texts }: PortableTranslation): Translation | null {
  const nameOf = (start: number, text: string) => `${start} ${text}`;
  const known = new Map(texts.map(({ start, of, text }) => [nameOf(start, of), text]));
  const laid = cues.flatMap(({ id, start, text: of }): [string, Translated][] => {
    const text = known.get(nameOf(start, of));
    return text === undefined ? [] : [[id, { of, text }]];
  });
  return laid.length === 0 ? null : { language, texts: new Map(laid) };
}
