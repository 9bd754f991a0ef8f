import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, defineConfig, type Plugin, type UserConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { OPENED_TYPES } from './src/queue/sound-types.ts';

/**
 * What the page may do, once for every way it is served: `npm start`, a host that reads `_headers`, a host that sends
 * nothing (the `<meta>` in index.html and the service worker).
 * - connect-src: the page itself and the hub the models come from; a mirror on the page's own origin needs nothing more,
 *   one elsewhere is added by the service worker to the policy of the engine's script (workers/sw.ts).
 * - wasm-unsafe-eval: ONNX Runtime is WebAssembly. There is no other eval.
 * - blob: in media-src: the player plays the visitor's own file.
 */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self' https://huggingface.co https://*.huggingface.co https://*.hf.co",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
];

/**
 * Cross-origin isolation gives the CPU path its threads (SharedArrayBuffer). Hosts that cannot set headers get
 * the same from the service worker.
 */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Everything a host should send. `frame-ancestors` counts only in a header, a `<meta>` that has it complains. */
const headers = {
  ...isolation,
  'Content-Security-Policy': [...policy, "frame-ancestors 'none'"].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** The policy as a `<meta>`, and `_headers` in the format of Netlify and Cloudflare Pages. Build only. */
function hosting(): Plugin {
  const lines = (path: string, values: Record<string, string>) =>
    [path, ...Object.entries(values).map(([name, value]) => `  ${name}: ${value}`), ''].join('\n');
  return {
    name: 'earshot-hosting',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: policy.join('; ') },
        injectTo: 'head-prepend',
      },
    ],
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: '_headers',
        source: [
          lines('/*', headers),
          // Names under assets/ carry a hash of the content.
          lines('/assets/*', { 'Cache-Control': 'public, max-age=31536000, immutable' }),
          lines('/sw.js', { 'Cache-Control': 'no-cache' }),
        ].join('\n'),
      });
    },
  };
}

/**
 * transformers.js imports its own ONNX Runtime; in our worker it gets the build the worker has already loaded
 * (workers/whisper/ort-for-transformers.ts): one runtime, no CDN address, whichever of the three builds it is.
 */
function oneRuntime(): Plugin {
  return {
    name: 'earshot-one-runtime',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source !== 'onnxruntime-web/webgpu' || !importer?.includes('@huggingface/transformers')) return null;
      return fileURLToPath(new URL('workers/whisper/ort-for-transformers.ts', import.meta.url));
    },
  };
}

/** How the workers and the page are bundled; the test harness is built the same way. */
export const bundling = {
  // Relative: the build works under any sub-path of a static host.
  base: './',
  // ORT with its glue outside the bundle: embedded glue would start our whole worker bundle again in each of its
  // threads and hang (ENGINE.md 1).
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: { format: 'es', plugins: () => [oneRuntime()] },
  build: { target: 'es2022', assetsInlineLimit: 0 },
} satisfies UserConfig;

/** "0.1.0 (f448996)": without git only the package's own version, so that the same sources give the same build. */
function version(): string {
  const root = fileURLToPath(new URL('.', import.meta.url));
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    // A folder inside somebody else's repository is not of its commit.
    if (git('rev-parse', '--show-prefix') !== '') return version;
    return `${version} (${git('rev-parse', '--short=7', 'HEAD')})`;
  } catch {
    return version;
  }
}

/** Installable and offline: the manifest, and workers/sw.ts with the list of what to keep. */
const pwa = VitePWA({
  strategies: 'injectManifest',
  srcDir: 'workers',
  filename: 'sw.ts',
  // Never autoUpdate: it reloads the page and would kill a running job.
  registerType: 'prompt',
  // The page registers it (virtual:pwa-register): an inline script would need a hole in the policy.
  injectRegister: false,
  injectManifest: {
    globPatterns: ['index.html', 'assets/**', 'icons/*', 'demo/*'],
    dontCacheBustURLsMatching: /^assets\//,
    // ORT's largest build is 28 MB; which builds a browser keeps is decided in workers/sw.ts.
    maximumFileSizeToCacheInBytes: 40 * 1024 * 1024,
  },
  manifest: {
    id: 'earshot',
    name: 'Earshot',
    short_name: 'Earshot',
    description: 'Turns audio and video into text on your own graphics card. Nothing leaves your device.',
    lang: 'en',
    start_url: './',
    scope: './',
    display: 'standalone',
    // --paper by day (src/tokens.css).
    theme_color: '#f0f4ec',
    background_color: '#f0f4ec',
    // The page that is open takes what is opened or shared: a second one would share the GPU with a running job.
    launch_handler: { client_mode: ['focus-existing', 'auto'] },
    file_handlers: [{ action: './', accept: OPENED_TYPES }],
    // workers/sw.ts takes it, src/install/launch.ts gets it.
    share_target: {
      action: './share',
      method: 'POST',
      enctype: 'multipart/form-data',
      params: { files: [{ name: 'files', accept: ['audio/*', 'video/*', ...Object.values(OPENED_TYPES).flat()] }] },
    },
    shortcuts: [
      { name: 'Add files', url: './?add', icons: [{ src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' }] },
      {
        name: 'Engine',
        url: './#engine',
        icons: [{ src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' }],
      },
    ],
    categories: ['productivity', 'utilities', 'accessibility'],
    icons: [
      { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' },
      { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png' },
      { src: 'icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
      { src: 'icons/icon.svg', sizes: 'any', type: 'image/svg+xml' },
    ],
    screenshots: [
      {
        src: 'screenshots/wide.png',
        sizes: '1280x800',
        type: 'image/png',
        form_factor: 'wide',
        label: 'A finished transcript beside the queue',
      },
      {
        src: 'screenshots/narrow.png',
        sizes: '780x1688',
        type: 'image/png',
        form_factor: 'narrow',
        label: 'A finished transcript on a phone',
      },
    ],
  },
});

export default defineConfig({
  ...bundling,
  plugins: [svelte(), hosting(), pwa],
  define: { HOST_HEADERS: JSON.stringify(headers), VERSION: JSON.stringify(version()) },
  // No policy while developing: Vite's own client needs more than it allows.
  server: { headers: isolation },
  preview: { headers, port: 4173, strictPort: true },
});
