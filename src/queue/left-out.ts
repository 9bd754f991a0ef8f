/** Says which files of a folder were left out because they are no recordings. Pure. */
import { phrase, t, type Phrase } from '../locale/text.ts';
import type { News } from '../messages/message.ts';
import { lineOf } from './file-name.ts';
import type { LeftOut } from '../given-files.ts';
import type { Intake } from './intake.ts';

/** How many paths are listed at most. */
const MOST_PATHS = 50;

const KINDS: readonly [kind: Phrase, of: RegExp][] = [
  [phrase('{n} picture|{n} pictures'), /\.(jpe?g|png|gif|webp|avif|heic|heif|bmp|tiff?|svg|psd|raw|cr2|nef)$/i],
  [phrase('{n} document|{n} documents'), /\.(txt|md|pdf|docx?|odt|rtf|xlsx?|csv|pptx?|html?|json|xml|log|nfo|cue)$/i],
  [phrase('{n} subtitle|{n} subtitles'), /\.(srt|vtt|ass|ssa|sub|sbv|lrc)$/i],
  [phrase('{n} playlist|{n} playlists'), /\.(m3u8?|pls|xspf|wpl)$/i],
  [phrase('{n} archive|{n} archives'), /\.(zip|rar|7z|tar|gz|bz2|xz|iso|dmg)$/i],
];
const UNREADABLE = phrase('{n} unreadable item|{n} unreadable items');
const HIDDEN = phrase('{n} hidden file|{n} hidden files');
const OTHER = phrase('{n} other file|{n} other files');

/** "2 pictures, 1 hidden file, 3 other files (.db, .xyz)". */
export function kindsOf(left: readonly LeftOut[]): string {
  const counts = new Map<Phrase, number>();
  const others = new Set<string>();
  for (const { path, unread } of left) {
    const kind = unread ? UNREADABLE : kindOf(path);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const extension = kind === OTHER ? /\.[^./\s]{1,10}$/.exec(lineOf(path))?.[0] : undefined;
    if (extension !== undefined) others.add(extension.toLowerCase());
  }
  return [...counts]
    .sort(([one, a], [other, b]) => b - a || (t(one) < t(other) ? -1 : 1))
    .map(([kind, many]) => {
      const endings = kind === OTHER && others.size > 0 ? ` (${[...others].sort().join(', ')})` : '';
      return t(kind, { n: many }) + endings;
    })
    .join(', ');
}

function kindOf(path: string): Phrase {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.startsWith('.') || /^(thumbs\.db|desktop\.ini)$/i.test(name)) return HIDDEN;
  return KINDS.find(([, of]) => of.test(name))?.[0] ?? OTHER;
}

/** The paths, one a line; of a long list the first of them and how many more there are. */
export function pathsOf(left: readonly LeftOut[]): string {
  const lines = left
    .slice(0, MOST_PATHS)
    .map(({ path, unread }) => `${lineOf(path)}${unread ? t(' (not readable)') : ''}`);
  const more = left.length - lines.length;
  return [...lines, ...(more > 0 ? [t('and {more} more', { more })] : [])].join('\n');
}

/** What of the given files was left out; null: nothing, so there is nothing to say. */
export function leftOutNews({ files, model, leftOut, folders }: Intake): News | null {
  const nothing = files.length === 0 && model.length === 0;
  if (!nothing && leftOut.length === 0) return null;
  const left = leftOut.length === 0 ? '' : t('Left out: {leftOut}.', { leftOut: kindsOf(leftOut) });
  const none = folders > 0 ? t('This folder has no audio or video in it.') : t('There was no file in that.');
  return {
    key: 'intake',
    sentence: nothing ? none : left,
    more: nothing ? left : t('To have one of them transcribed all the same, add the file itself.'),
    detail: pathsOf(leftOut),
  };
}
