/** The service worker: offline from the first visit on, and new versions that wait until the person reloads. */
import { registerSW } from 'virtual:pwa-register';

class Updates {
  #offline = $state.raw(false);
  #waiting = $state.raw(false);
  #reload: ((reloadPage?: boolean) => Promise<void>) | null = null;

  /** The page itself is kept on this device: it opens with the network off. */
  get offline(): boolean {
    return this.#offline;
  }
  /** A new version is here and waits. */
  get waiting(): boolean {
    return this.#waiting;
  }

  start(): void {
    if (!('serviceWorker' in navigator)) return;
    // `ready` waits for an active worker, from this visit or an earlier one.
    void navigator.serviceWorker.ready.then(() => (this.#offline = true));
    this.#reload = registerSW({
      immediate: true,
      onNeedRefresh: () => (this.#waiting = true),
    });
  }

  /** Lets the new version take over; the page reloads once it has. */
  async reload(): Promise<void> {
    await this.#reload?.(true);
  }
}

export const updates = new Updates();
