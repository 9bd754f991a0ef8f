/**
 * A service worker takes charge of a page that was open before it (`clients.claim()`), and of the page's workers with it.
 * Firefox 153 tells each of them and waits for its word, and a thread of ONNX Runtime, which sleeps in WebAssembly, never
 * gives it: the claim has no end, and whatever the worker that started the thread asks the page's own origin for gets no
 * answer (every second first visit in which a file was dropped within two seconds, 2026-11). So there a claim comes before
 * the first thread, or not in this visit: the next one is in its charge from the start. A lock that all tabs share tells.
 */
const LOCK = 'earshot-threads';
/** A claim takes milliseconds; a service worker that was stopped in the middle of it is not waited for any longer. */
const CLAIM_MS = 5000;

/** Before a worker starts threads: from here on until it ends nobody takes charge of it. */
export async function startingThreads(): Promise<void> {
  if (!('locks' in navigator)) return;
  await new Promise<void>((resolve) => {
    const untilTheEnd = () => {
      resolve();
      return new Promise<never>(() => undefined);
    };
    const options: LockOptions = { mode: 'shared', signal: AbortSignal.timeout(CLAIM_MS) };
    navigator.locks.request(LOCK, options, untilTheEnd).catch(() => resolve());
  });
}

/**
 * Takes charge of the open pages if that does no harm.
 * @returns false: a page has threads, in a browser in which that matters
 */
export async function takeCharge(clients: { claim(): Promise<void> }): Promise<boolean> {
  // No feature tells: where it goes wrong, it goes wrong for good.
  if (!/ Firefox\//.test(navigator.userAgent)) {
    await clients.claim();
    return true;
  }
  return navigator.locks.request(LOCK, { ifAvailable: true }, async (free) => {
    if (free !== null) await clients.claim();
    return free !== null;
  });
}
