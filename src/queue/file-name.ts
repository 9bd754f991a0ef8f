/** Names of files as they are shown: one readable line, whatever a name holds. Pure. */
import { t } from '../locale/text.ts';

/** Control characters and everything that breaks a line (Unicode classes Cc, Zl and Zp). */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/**
 * What turns the direction of text around, so that "exe.3pm" reads as "mp3.exe" (UAX #9, explicit directional
 * formatting), and what has no width. The joiners of emoji and of Indic scripts (U+200C, U+200D) stay.
 */
const UNSEEN = /[\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\u{E0000}-\u{E007F}]/gu;
/** Half of a surrogate pair, which stands for no character. */
const LONE = /\p{Cs}/gu;
/** Longer endings are no extension but a part of the name. */
const EXTENSION = /\.[^.\s]{1,10}$/u;

/** A name in two parts: the stem gives way where there is no room, the extension is always seen. */
type ShownName = { stem: string; extension: string };

/** One line without anything that hides the true extension. */
export function shownName(name: string): ShownName {
  const line = name.replace(LONE, '\uFFFD').replace(UNSEEN, '').replace(BREAKS, ' ').replace(/\s+/gu, ' ').trim();
  const whole = line === '' ? 'unnamed' : line;
  const extension = EXTENSION.exec(whole)?.[0] ?? '';
  // In a name like ".wav" the point begins the stem, not an extension.
  if (extension.length === whole.length) return { stem: whole, extension: '' };
  return { stem: whole.slice(0, whole.length - extension.length), extension };
}

/** `shownName` as one text, for titles and sentences. */
export function lineOf(name: string): string {
  const { stem, extension } = shownName(name);
  return stem + extension;
}

/** What a transcript is called: its title, or else the name of its file. */
export function titleOf({ title, name }: { title: string; name: string }): string {
  return lineOf(title === '' ? name : title);
}

/**
 * A mark for each file whose name another file has too, by the files' ids: its folder where the folders differ, else a
 * number such as "2 of 3".
 */
export function marksOf(files: readonly { id: string; name: string; folder: string }[]): ReadonlyMap<string, string> {
  const groups = new Map<string, { id: string; folder: string }[]>();
  for (const file of files) {
    const group = groups.get(file.name);
    if (group === undefined) groups.set(file.name, [file]);
    else group.push(file);
  }
  const marks = new Map<string, string>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const folders = new Set(group.map(({ folder }) => folder));
    const apart = folders.size === group.length && !folders.has('');
    group.forEach(({ id, folder }, index) =>
      marks.set(id, apart ? lineOf(folder) : t('{index} of {n}', { index: index + 1, n: group.length })),
    );
  }
  return marks;
}
