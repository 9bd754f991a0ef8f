/** The browser's offer to install the page: kept until the person asks for it, and never brought up by the page. */

/** Chromium's event, in no standard yet. */
type InstallOffer = Event & { prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }> };

class Install {
  #offer = $state.raw<InstallOffer | null>(null);

  /** The browser would install the page now. */
  get offered(): boolean {
    return this.#offer !== null;
  }

  start(): void {
    addEventListener('beforeinstallprompt', (event) => {
      // Its own bar would come by itself, at a moment of its choosing.
      event.preventDefault();
      this.#offer = event as InstallOffer;
    });
    addEventListener('appinstalled', () => (this.#offer = null));
  }

  /** An offer is good for one question. After a no the browser makes another when it thinks fit. */
  async ask(): Promise<void> {
    const offer = this.#offer;
    this.#offer = null;
    await offer?.prompt().catch(() => undefined);
  }
}

export const install = new Install();
