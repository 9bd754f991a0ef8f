/**
 * Focus that would be lost with what leaves the page goes to what stands next to it. A browser forgets where it was, and
 * somebody who works by keys would begin at the top again. A pointer needs no focus, and a key that is pressed after a
 * click must not press a button that nobody has looked at: then nothing is done.
 */

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]';

/** Where something was: in what, and what came after it. */
type Spot = { inside: Element; next: Node | null };

/** What can be come to by Tab inside, in order. */
function stops(inside: Element): HTMLElement[] {
  return [...inside.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (element) => element.tabIndex >= 0 && !element.matches(':disabled') && element.checkVisibility(),
  );
}

/** The next stop after the spot, or else the one before it, as near as there is one. */
function nearest({ inside, next }: Spot, root: Element): HTMLElement | undefined {
  const isAfter = (stop: HTMLElement) =>
    next !== null &&
    (next.contains(stop) || (next.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING) > 0);
  for (let scope: Element | null = inside; scope !== null; scope = scope.parentElement) {
    const all = stops(scope);
    const found = all.find(isAfter) ?? all.findLast((stop) => !isAfter(stop));
    if (found !== undefined || scope === root) return found;
  }
  return undefined;
}

/** What cannot be pressed for a moment has the focus again as soon as it can; after so long one goes on elsewhere. */
const PATIENCE_MS = 1000;

/** @returns ends it */
export function keepFocus(): () => void {
  let last: HTMLElement | null = null;
  let byKeys = false;
  const ended = new AbortController();
  const listen = { capture: true, passive: true, signal: ended.signal };
  addEventListener('keydown', () => (byKeys = true), listen);
  addEventListener('pointerdown', () => (byKeys = false), listen);
  addEventListener('focusin', ({ target }) => (last = target instanceof HTMLElement ? target : null), listen);

  const isLost = () => document.activeElement === null || document.activeElement === document.body;
  const goOn = (spot: Spot) => {
    if (!byKeys || !isLost() || !spot.inside.isConnected) return;
    const next = spot.next?.isConnected === false ? null : spot.next;
    nearest({ ...spot, next }, [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body)?.focus();
  };

  const observer = new MutationObserver((records) => {
    const gone = last;
    if (!byKeys || gone === null) return;
    if (!gone.isConnected) {
      const record = records.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(gone)));
      // Who took it away may know better where to go on, and says so in the same turn.
      if (record?.target instanceof Element) setTimeout(goOn, 0, { inside: record.target, next: record.nextSibling });
    } else if (records.some(({ type, target }) => type === 'attributes' && target === gone)) {
      if (!gone.matches(':disabled')) {
        if (isLost()) gone.focus();
      } else
        setTimeout(() => {
          const { parentElement: inside, nextSibling: next } = gone;
          if (inside !== null && gone === last && gone.matches(':disabled')) goOn({ inside, next });
        }, PATIENCE_MS);
    }
  });
  observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  return () => {
    ended.abort();
    observer.disconnect();
  };
}
