import { mount } from 'svelte';
import { allowOwnScripts } from '../workers/protocol.ts';
import App from './App.svelte';
import './tokens.css';
import './app.css';
import './controls.css';
import { install } from './install/install.svelte.ts';
import { ensureIsolation } from './isolation.ts';
import { ledger } from './network/ledger.svelte.ts';
import { updates } from './updates.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
allowOwnScripts();
ledger.start();
install.start();
updates.start();
await ensureIsolation();
mount(App, { target });
