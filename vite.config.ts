import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultClientConditions, defineConfig, type Plugin, type UserConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { OPENED_TYPES } from './src/queue/sound-types.ts';

/**
 * What the page may do, once for every way it is served: `npm start`, a host that reads `_headers`, a host that sends
 * nothing (the `<meta>` in index.html and the service worker).
 * - connect-src: the page itself, where the models that come with it lie too, and a mirror in a folder of it. The hub, or a
 *   mirror elsewhere, is added by the service worker to the policy of the store worker's script when a person has chosen
 *   it (workers/sw.ts).
 * - wasm-unsafe-eval: ONNX Runtime is WebAssembly. There is no other eval.
 * - blob: in media-src: the player plays the visitor's own file.
 * - trusted-types: no text becomes HTML but Svelte's own templates, and none the address of a script but those of the build
 *   (`allowOwnScripts`), so a name, a transcript or a subtitle file that holds markup stays text whatever is done with it.
 */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types default svelte-trusted-html',
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
  // A recording asks for the microphone, and for the sound of a tab. Nothing here ever asks for a camera.
  'Permissions-Policy': 'microphone=(self), display-capture=(self), camera=()',
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
 * (workers/onnx/ort-for-transformers.ts): one runtime, no CDN address, whichever of the three builds it is.
 */
function oneRuntime(): Plugin {
  return {
    name: 'earshot-one-runtime',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source !== 'onnxruntime-web/webgpu' || !importer?.includes('@huggingface/transformers')) return null;
      return fileURLToPath(new URL('workers/onnx/ort-for-transformers.ts', import.meta.url));
    },
  };
}

/**
 * mediabunny 1.61.0 (MPL-2.0, src/matroska/ebml.ts, `resync`) never ends its search for the next element of a damaged
 * Matroska file: of the last eight bytes it looks at none, and asks for them again. One comparison ends it.
 */
function endingSearch(): Plugin {
  return {
    name: 'ending-search',
    transform(code, id) {
      if (!/mediabunny\/.*\/matroska\/ebml\.js$/.test(id.replaceAll('\\', '/'))) return null;
      const fixed = code.replace('slice.length < MAX_VAR_INT_SIZE', 'slice.length <= MAX_VAR_INT_SIZE');
      if (fixed === code) this.error('mediabunny has changed: see whether its resync() ends by itself now');
      return { code: fixed, map: null };
    },
  };
}

/**
 * transformers.js has the address of a CDN for a runtime that nobody gave it. Here it is given one, the policy forbids the
 * other, and with this no address of anybody else's code is in the build at all.
 */
function noCdn(): Plugin {
  return {
    name: 'earshot-no-cdn',
    transform(code, id) {
      if (!/@huggingface\/transformers\/.*\.js$/.test(id.replaceAll('\\', '/')) || !code.includes('cdn.jsdelivr.net'))
        return null;
      return { code: code.replaceAll('https://cdn.jsdelivr.net/', './no-cdn/'), map: null };
    },
  };
}

/** Whether a server can listen there. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: 'localhost' }, () => probe.close(() => resolve(true)));
  });
}

/**
 * `npm start` on a port that is taken: the next free one, said in a sentence. One that was asked for (`npm start --
 * --port 5000`) is not changed behind anyone's back: then the sentence says what to do, and nothing is served.
 */
function freePort(): Plugin {
  const asked = process.argv.some((argument) => /^--port(=|$)/.test(argument));
  return {
    name: 'earshot-free-port',
    async config({ preview }, { isPreview }) {
      const wanted = preview?.port;
      if (!isPreview || wanted === undefined || (await isFree(wanted))) return;
      if (asked) {
        console.error(`Port ${wanted} is taken. Choose another one: npm start -- --port ${wanted + 1}`);
        process.exit(1);
      }
      let port = wanted + 1;
      while (!(await isFree(port))) port += 1;
      console.warn(`Port ${wanted} is taken, so Earshot is served on port ${port}.`);
      return { preview: { port } };
    },
  };
}

/** How the workers and the page are bundled; the test harness is built the same way. */
export const bundling = {
  // Relative: the build works under any sub-path of a static host.
  base: './',
  // ONNX Runtime with its glue outside the bundle: each of its threads starts the script that the glue is in, which would be
  // our whole worker, and the session would hang.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: {
    format: 'es',
    plugins: () => [oneRuntime(), endingSearch(), noCdn()],
    // A script that is loaded later must not import the script its worker was started with: WebKit (2.50) would run that
    // one a second time. What both need is a script of its own.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'ort', test: /\bworkers[\\/]\w+[\\/]ort\.ts$/ }] } },
    },
  },
  // A browser without module preloading (Firefox before 115, Safari before 17) fetches a moment later what it needs.
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // What a late part imports it asks for itself. Lists of all of it would be a twentieth of the first load, and most
      // of what they name is here by then.
      resolveDependencies: (_, dependencies, { hostType }) =>
        hostType === 'js' ? dependencies.filter((name) => name.endsWith('.css')) : dependencies,
    },
  },
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
  plugins: [svelte({ configFile: false }), hosting(), freePort(), pwa],
  define: { HOST_HEADERS: JSON.stringify(headers), VERSION: JSON.stringify(version()) },
  // No policy while developing: Vite's own client needs more than it allows.
  server: { headers: isolation },
  preview: { headers, port: 4173, strictPort: true },
});
