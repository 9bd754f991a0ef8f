import * as Comlink from 'comlink';
import { createEngine } from './engine';

// ORT can throw outside an awaited call and still finish: only a rejected call ends a job, strays are logged.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  console.warn('engine worker:', event.reason);
});

Comlink.expose(createEngine());
