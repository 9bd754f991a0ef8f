import { mount } from 'svelte';
import App from './App.svelte';
import './tokens.css';
import './app.css';
import { ensureIsolation } from './isolation.ts';
import { updates } from './updates.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
updates.start();
await ensureIsolation();
mount(App, { target });
