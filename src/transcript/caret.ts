/** Where a person is in a text box, counted as the transcript counts: white space is one space, none at the ends. */
import { oneLine, textUpTo } from './plain-text-box.ts';

/** UTF-16 code units of the cue's text; `from` equals `to` where nothing is selected. */
type Selected = { from: number; to: number; length: number };

/** What is selected in a box; null: nothing of it. */
export function selectedIn(box: HTMLElement): Selected | null {
  const selection = getSelection();
  if (!selection?.rangeCount) return null;
  const range = selection.getRangeAt(0);
  if (!box.contains(range.startContainer) || !box.contains(range.endContainer)) return null;
  return {
    from: lengthUpTo(box, range.startContainer, range.startOffset),
    to: lengthUpTo(box, range.endContainer, range.endOffset),
    length: oneLine(box.textContent ?? '').length,
  };
}

function lengthUpTo(box: HTMLElement, node: Node, offset: number): number {
  const before = textUpTo(box, node, offset).replace(/\s+/g, ' ').trimStart();
  return Math.min(before.length, oneLine(box.textContent ?? '').length);
}

/** Goes into a box whose text is as the transcript has it, and selects there. */
export function select(box: HTMLElement, from: number, to = from): void {
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: 'nearest' });
  const text = box.firstChild;
  const most = text?.textContent?.length ?? 0;
  const [start, end] = [Math.min(from, most), Math.min(to, most)];
  getSelection()?.setBaseAndExtent(text ?? box, start, text ?? box, end);
}
