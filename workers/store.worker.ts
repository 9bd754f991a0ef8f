/** Entry of the store worker. */
import { expose } from 'comlink';
import { createStore } from './store/store';

// Only a rejected call says that something failed; what else goes wrong is logged and ends nothing.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  console.warn('store worker:', event.reason);
});

// The page names its worker after its own address: bundled models lie beside the page, not beside this script.
expose(createStore(self.name));
