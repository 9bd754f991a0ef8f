/** A question to the service worker that is in charge of this page's folder. */
import type { ServiceOrder } from '../workers/protocol.ts';

/** One that is being stopped or started anew never answers. */
const PATIENCE_MS = 5000;

/** @returns null where there is none, or none that answers */
export async function askServiceWorker<Answer>(order: ServiceOrder): Promise<Answer | null> {
  const active = await activeServiceWorker();
  if (active === null) return null;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const settle = (answer: Answer | null) => {
      clearTimeout(impatience);
      port1.close();
      resolve(answer);
    };
    const impatience = setTimeout(() => settle(null), PATIENCE_MS);
    port1.onmessage = ({ data }: MessageEvent<Answer>) => settle(data);
    active.postMessage(order, [port2]);
  });
}

/** For orders without an answer. */
export async function tellServiceWorker(order: ServiceOrder): Promise<void> {
  (await activeServiceWorker())?.postMessage(order);
}

async function activeServiceWorker(): Promise<ServiceWorker | null> {
  if (!('serviceWorker' in navigator)) return null;
  // Site data is blocked: it rejects.
  const registration = await navigator.serviceWorker.getRegistration().catch(() => undefined);
  return registration?.active ?? null;
}

/**
 * Waits for the service worker that is being installed to take charge of this page. On a slow line the first one takes its
 * time: it is waited for as long as it is on its way.
 * @param stopped nobody waits any more
 * @returns false: there is none, or it leaves this page alone (a reload past it)
 */
export async function serviceWorkerInCharge(stopped: () => boolean): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  const { serviceWorker } = navigator;
  if (serviceWorker.controller !== null) return true;
  const registration = await serviceWorker.getRegistration().catch(() => undefined);
  if (registration === undefined) return false;
  let since = performance.now();
  while (serviceWorker.controller === null && !stopped()) {
    if (registration.installing !== null) since = performance.now();
    else if (performance.now() - since > PATIENCE_MS) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return serviceWorker.controller !== null;
}
