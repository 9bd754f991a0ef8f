/** Entry of the recorder worker. */
import { expose } from 'comlink';
import { createRecorder } from './record/recorder';

// Only a rejected call says that something failed; what else goes wrong is logged and ends nothing.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  console.warn('recorder worker:', event.reason);
});

expose(createRecorder());
