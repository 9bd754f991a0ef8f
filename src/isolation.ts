/**
 * Makes the page cross-origin isolated (threads for the CPU path) on hosts that send no COOP and COEP, with the
 * headers the service worker adds: one reload once it is in control. Fetched on those hosts alone. Call it once, first thing,
 * and await it before drawing.
 *
 * Resolves at once when there is nothing to do, or later to come; never when the page is about to reload. A reload that
 * becomes possible only later happens only if nobody has touched the page yet: nothing a person has begun is lost, and
 * their next visit is isolated.
 * @param tried the key under which the session remembers that a reload was tried
 */
export async function ensureIsolation(tried: string): Promise<void> {
  const workers = navigator.serviceWorker;
  let touched = false;
  const touch = () => {
    touched = true;
  };
  for (const type of ['pointerdown', 'keydown', 'drop', 'paste', 'change']) {
    addEventListener(type, touch, { capture: true, once: true });
  }
  try {
    if (sessionStorage.getItem(tried) !== null) return;
    workers.addEventListener(
      'controllerchange',
      () => {
        if (!touched) void reload(tried);
      },
      { once: true },
    );
    const registration = await workers.getRegistration();
    if (registration?.active) await reload(tried);
  } catch {
    // Site data is blocked: no service worker either, one thread must do.
  }
}

/** Never resolves: the page goes. */
function reload(tried: string): Promise<never> {
  sessionStorage.setItem(tried, 'yes');
  location.reload();
  return new Promise(() => undefined);
}
