/** Text boxes that grow with their text and never hold markup. */

/** Firefox before 136 knows only `true`: then pasting is the one way markup could come in, and `pasteText` closes it. */
export const EDITABLE = supportsPlainText() ? 'plaintext-only' : 'true';

function supportsPlainText(): boolean {
  try {
    document.createElement('div').contentEditable = 'plaintext-only';
    return true;
  } catch {
    return false;
  }
}

/** What was pasted, as text, where the browser would put markup. */
export function pasteText(event: ClipboardEvent): void {
  const selection = getSelection();
  if (EDITABLE === 'plaintext-only' || !selection?.rangeCount) return;
  event.preventDefault();
  const range = selection.getRangeAt(0);
  range.deleteContents();
  range.insertNode(document.createTextNode(event.clipboardData?.getData('text/plain') ?? ''));
  range.collapse(false);
}

/** The text as a cue keeps it: one line, since what breaks a line in the box is a space in the transcript. */
export function textOf(box: HTMLElement): string {
  return oneLine(box.textContent ?? '');
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Writes a text into a box, unless that is what a person has typed there. */
export function showText(box: HTMLElement, text: string): void {
  if (textOf(box) !== text || document.activeElement !== box) put(box, text);
}

/** Writes a text into a box as it is. Who is in it stays where they are: before the same words, or behind them. */
export function put(box: HTMLElement, text: string): void {
  const before = box.textContent ?? '';
  if (before === text) return;
  const caret = document.activeElement === box ? caretIn(box) : null;
  box.textContent = text;
  if (caret === null || box.firstChild === null) return;
  const isBefore = text.startsWith(before.slice(0, caret));
  const place = isBefore ? caret : Math.max(0, text.length - (before.length - caret));
  getSelection()?.collapse(box.firstChild, place);
}

/** UTF-16 code units of the box's text before the end of what is selected in it; null: nothing is. */
function caretIn(box: HTMLElement): number | null {
  const selection = getSelection();
  if (!selection?.rangeCount) return null;
  const { endContainer, endOffset } = selection.getRangeAt(0);
  if (!box.contains(endContainer)) return null;
  return textUpTo(box, endContainer, endOffset).length;
}

/** The text of a box up to a place in it, as it stands there. */
export function textUpTo(box: HTMLElement, node: Node, offset: number): string {
  const range = new Range();
  range.setStart(box, 0);
  range.setEnd(node, offset);
  return range.toString();
}
