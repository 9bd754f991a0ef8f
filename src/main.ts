import { mount } from 'svelte';
import { allowOwnScripts } from '../workers/protocol.ts';
import App from './App.svelte';
import './tokens.css';
import './app.css';
import './controls.css';
import { install } from './install/install.svelte.ts';
import { pageLanguageChoice } from './locale/page-language.svelte.ts';
import { ledger } from './network/ledger.svelte.ts';
import { settings } from './settings/settings.svelte.ts';
import { updates } from './updates.svelte.ts';

/** Set while a reload for isolation is being tried, so that a host it does not help is not reloaded forever. */
const ISOLATION_TRIED = 'earshot-isolation-tried';

/**
 * Asks the service worker to keep ORT's WebAssembly for offline use, and sees to it that the page is cross-origin isolated.
 * Does not resolve when the page is about to reload for that; rejects where that part or site data cannot be had, and one
 * thread must do.
 */
async function settle(): Promise<void> {
  if (import.meta.env.DEV || !isSecureContext || !('serviceWorker' in navigator)) return;
  void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage({ type: 'KEEP_RUNTIME' }));
  if (crossOriginIsolated) {
    sessionStorage.removeItem(ISOLATION_TRIED);
    return;
  }
  await import('./isolation.ts').then(({ ensureIsolation }) => ensureIsolation(ISOLATION_TRIED));
}

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
allowOwnScripts();
ledger.start();
install.start();
updates.start();
// Before anything is drawn. Where its words do not come, the page speaks English.
await Promise.all([
  settle().catch(() => undefined),
  pageLanguageChoice.choose(settings.current.pageLanguage).catch(() => undefined),
]);
mount(App, { target });
