/** The orders that transcripts are listed in. Pure. */
import { phrase, type Phrase } from '../locale/text.ts';
import { titleOf } from '../queue/file-name.ts';
import type { Header } from '../queue/saved.ts';

export type Order = 'newest' | 'oldest' | 'title' | 'longest';

export const ORDERS: readonly (readonly [Order, Phrase])[] = [
  ['newest', phrase('Newest first')],
  ['oldest', phrase('Oldest first')],
  ['title', phrase('By title')],
  ['longest', phrase('Longest first')],
];

/** Length of the recording in seconds, 0 where it is not known. */
export function secondsOf({ audioSeconds, facts, doneSeconds }: Header): number {
  return audioSeconds ?? facts?.seconds ?? doneSeconds;
}

/** Made once: a comparison that makes its own costs a hundred times as much. */
const NAMES = new Intl.Collator(undefined, { numeric: true });

/** @param entries newest first */
export function inOrder(entries: readonly Header[], order: Order): readonly Header[] {
  switch (order) {
    case 'newest':
      return entries;
    case 'oldest':
      return entries.toReversed();
    case 'longest':
      return entries.toSorted((a, b) => secondsOf(b) - secondsOf(a));
    case 'title': {
      const named = entries.map((entry) => ({ entry, title: titleOf({ title: '', ...entry }) }));
      return named.sort((a, b) => NAMES.compare(a.title, b.title)).map(({ entry }) => entry);
    }
  }
}
