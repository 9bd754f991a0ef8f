import { mount } from 'svelte';
import { allowOwnScripts } from '../workers/protocol.ts';
import App from './App.svelte';
import './tokens.css';
import './app.css';
import './controls.css';
import { install } from './install/install.svelte.ts';
import { ensureIsolation } from './isolation.ts';
import { pageLanguageChoice } from './locale/page-language.svelte.ts';
import { ledger } from './network/ledger.svelte.ts';
import { settings } from './settings/settings.svelte.ts';
import { updates } from './updates.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
allowOwnScripts();
ledger.start();
install.start();
updates.start();
// Before anything is drawn. Where its words do not come, the page speaks English.
await Promise.all([ensureIsolation(), pageLanguageChoice.choose(settings.current.pageLanguage).catch(() => undefined)]);
mount(App, { target });
