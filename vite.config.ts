import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, defineConfig } from 'vite';

/**
 * Cross-origin isolation gives the CPU path its threads (SharedArrayBuffer). Hosts that cannot set headers get
 * the same from the service worker.
 */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // Relative: the build works under any sub-path of a static host.
  base: './',
  plugins: [svelte()],
  // ORT with its glue outside the bundle: embedded glue would start our whole worker bundle again in each of its
  // threads and hang (ENGINE.md 1).
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0 },
  server: { headers: isolation },
  preview: { headers: isolation, port: 4173, strictPort: true },
});
