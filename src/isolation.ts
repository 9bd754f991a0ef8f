/** Set while a reload for isolation is being tried, so that a host it does not help is not reloaded forever. */
const TRIED = 'earshot-isolation-tried';

/**
 * Makes the page cross-origin isolated (threads for the CPU path) on hosts that send no COOP and COEP, with the
 * headers the service worker adds: one reload once it is in control. Also asks the service worker to keep ORT's
 * WebAssembly for offline use. Call it once, first thing, and await it before drawing.
 *
 * Resolves at once when there is nothing to do, or later to come; never when the page is about to reload. A reload that
 * becomes possible only later happens only if nobody has touched the page yet: nothing a person has begun is lost, and
 * their next visit is isolated.
 */
export async function ensureIsolation(): Promise<void> {
  if (import.meta.env.DEV || !isSecureContext || !('serviceWorker' in navigator)) return;
  const workers = navigator.serviceWorker;
  void workers.ready.then(({ active }) => active?.postMessage({ type: 'KEEP_RUNTIME' }));
  let touched = false;
  const touch = () => {
    touched = true;
  };
  for (const type of ['pointerdown', 'keydown', 'drop', 'paste', 'change']) {
    addEventListener(type, touch, { capture: true, once: true });
  }
  try {
    if (crossOriginIsolated) {
      sessionStorage.removeItem(TRIED);
      return;
    }
    if (sessionStorage.getItem(TRIED) !== null) return;
    workers.addEventListener(
      'controllerchange',
      () => {
        if (!touched) void reload();
      },
      { once: true },
    );
    const registration = await workers.getRegistration();
    if (registration?.active) await reload();
  } catch {
    // Site data is blocked: no service worker either, one thread must do.
  }
}

/** Never resolves: the page goes. */
function reload(): Promise<never> {
  sessionStorage.setItem(TRIED, 'yes');
  location.reload();
  return new Promise(() => undefined);
}
