/** The service worker: offline from the first visit on, and new versions that wait until the person reloads. */

class Updates {
  #canKeep = $state.raw('serviceWorker' in navigator && isSecureContext);
  #waiting = $state.raw(false);
  #overtaken = $state.raw(false);
  #registration: ServiceWorkerRegistration | null = null;
  /** This tab asked for the change. */
  #asked = false;

  /** This browser can keep the page on this device. False where it has no service workers, or refused ours. */
  get canKeep(): boolean {
    return this.#canKeep;
  }
  /** A new version is here and waits. */
  get waiting(): boolean {
    return this.#waiting;
  }
  /** Another tab has let a new version take over. This one goes on with the files it was built with. */
  get overtaken(): boolean {
    return this.#overtaken;
  }

  start(): void {
    if (!this.#canKeep) return;
    if (import.meta.env.DEV) {
      this.#canKeep = false;
      return;
    }
    const { serviceWorker } = navigator;
    let controlled = serviceWorker.controller !== null;
    serviceWorker.addEventListener('controllerchange', () => {
      if (this.#asked) location.reload();
      // The first one of all is no change of version, and none is there any more once the site's data were cleared.
      else if (controlled && serviceWorker.controller) {
        this.#waiting = false;
        this.#overtaken = true;
      }
      controlled = true;
    });
    serviceWorker.register('./sw.js', { scope: './' }).then(
      (registration) => this.#watch(registration),
      () => (this.#canKeep = false),
    );
  }

  /** Lets the new version take over, here and in the other tabs; this page reloads once it has. */
  reload(): void {
    const waiting = this.#registration?.waiting;
    if (!waiting) return location.reload();
    this.#asked = true;
    waiting.postMessage({ type: 'SKIP_WAITING' });
  }

  /** A test or a browser may answer with nothing at all. */
  #watch(registration: ServiceWorkerRegistration | undefined): void {
    if (registration === undefined) {
      this.#canKeep = false;
      return;
    }
    this.#registration = registration;
    const look = () => {
      // Without an active one the first version installs: that is no news.
      this.#waiting = registration.waiting !== null && registration.active !== null;
    };
    look();
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
  }
}

export const updates = new Updates();
