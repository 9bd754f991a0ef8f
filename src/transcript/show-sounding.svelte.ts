/** Shows which cue and which word sound: on the one row, not asked by each of thousands. */
import type { Cue } from '../../workers/protocol.ts';
import { wordAt } from './cue-at.ts';

/**
 * Call while a component starts.
 * @param sounding the cue as it is shown, and the time that is played
 * @param boxOf the text box of a cue; null: not drawn yet
 * @param onrow the row that has begun to sound
 */
export function showSounding(
  sounding: () => { cue: Cue & { id: string }; time: number } | null,
  boxOf: (id: string) => HTMLElement | null,
  onrow: (row: Element) => void,
): void {
  // Derived one by one: the time is new many times a second, and the cue and the word are not.
  const now = $derived(sounding());
  const id = $derived(now?.cue.id ?? null);
  const word = $derived(now && wordAt(now.cue.text, now.cue.words, now.time));
  const from = $derived(word?.from ?? -1);
  const to = $derived(word?.to ?? -1);

  $effect(() => {
    const row = id === null ? null : (boxOf(id)?.closest('.cue') ?? null);
    row?.classList.add('now');
    row?.setAttribute('aria-current', 'true');
    if (row) onrow(row);
    return () => {
      row?.classList.remove('now');
      row?.removeAttribute('aria-current');
    };
  });

  // The word is painted over the text, not wrapped in an element: the text stays one piece that can be edited.
  $effect(() => {
    if (id === null || from < 0 || !('highlights' in CSS)) return;
    const text = boxOf(id)?.firstChild;
    if (text?.nodeType !== Node.TEXT_NODE || to > (text.textContent?.length ?? 0)) return;
    const range = new Range();
    range.setStart(text, from);
    range.setEnd(text, to);
    CSS.highlights.set('word-now', new Highlight(range));
    return () => {
      CSS.highlights.delete('word-now');
    };
  });
}
