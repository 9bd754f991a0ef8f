/** Entry of the worker that tells speakers apart. */
import { expose } from 'comlink';
import { createSpeakers } from './speakers/speakers';

// ORT can throw outside an awaited call and still finish: only a rejected call ends a job, strays are logged.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  console.warn('speakers worker:', event.reason);
});

expose(createSpeakers());
