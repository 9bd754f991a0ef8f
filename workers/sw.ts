/**
 * The service worker: keeps the page and ORT's WebAssembly on this device, and gives hosts that cannot set headers
 * the isolation and the policy of those that can. Models are not its business; the model store keeps those.
 *
 * A new version waits until the page says `SKIP_WAITING`, which it says only when the person asks and no job runs.
 */
import { PrecacheController } from 'workbox-precaching';
import { keptMirror } from './store/sources';

declare const self: ServiceWorkerGlobalScope;
/** From vite.config.ts, the same that `_headers` holds. */
declare const HOST_HEADERS: Record<string, string>;

/** Page to service worker. Both are safe to send at any time and more than once. */
type Order = { type: 'SKIP_WAITING' } | { type: 'KEEP_RUNTIME' };

const RUNTIME_CACHE = 'earshot-runtime';
const manifest = self.__WB_MANIFEST.map((entry) =>
  typeof entry === 'string' ? { url: entry, revision: null } : entry,
);
/** ORT: 14 to 28 MB a build and three builds, of which a browser needs one or two. */
const isRuntime = (url: string) => /\/ort-wasm[^/]*\.(wasm|mjs)$/.test(url);
const absolute = (url: string) => new URL(url, self.location.href).href;
const runtimeUrls = manifest.map(({ url }) => absolute(url)).filter(isRuntime);

const shell = new PrecacheController({
  plugins: [{ cacheWillUpdate: async ({ response }) => (response.ok ? withHeaders(response) : null) }],
});
shell.addToCacheList(manifest.filter(({ url }) => !isRuntime(absolute(url))));

self.addEventListener('install', (event) => {
  // The first visit installs the small shell only, so that a page in need of isolation gets it within a second; the
  // runtime follows on KEEP_RUNTIME. A later version replaces one that works offline, so it must be complete first.
  event.waitUntil(Promise.all([shell.install(event), self.registration.active ? keepRuntime() : undefined]));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([shell.activate(event), dropOldRuntime(), self.clients.claim()]));
});

self.addEventListener('message', (event) => {
  const order = event.data as Order | null;
  switch (order?.type) {
    case 'SKIP_WAITING':
      event.waitUntil(self.skipWaiting());
      break;
    case 'KEEP_RUNTIME':
      event.waitUntil(
        // Cut off in the middle: the next visit asks again.
        keepRuntime().catch((error: unknown) => console.warn('ORT could not be kept for offline use', error)),
      );
      break;
    case undefined:
      break;
  }
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // A Range belongs to a media element: the network serves it better than a whole cached file.
  if (request.method !== 'GET' || url.origin !== self.location.origin || request.headers.has('range')) return;
  const key = shell.getCacheKeyForURL(isHome(request, url) ? absolute('index.html') : url.href);
  if (key) event.respondWith(fromCache(key, request).then((response) => letMirrorIn(response, url)));
  else if (runtimeUrls.includes(url.href)) event.respondWith(runtime(request));
  else if (carriesPolicy(request)) event.respondWith(fetch(request).then(withHeaders));
});

/** The page itself, with or without query parameters. */
function isHome(request: Request, url: URL): boolean {
  const { pathname } = new URL(self.registration.scope);
  return request.mode === 'navigate' && (url.pathname === pathname || url.pathname === `${pathname}index.html`);
}

/** Isolation and policy are judged on documents and on scripts that become a worker. */
function carriesPolicy({ destination }: Request): boolean {
  return ['document', 'iframe', 'script', 'worker', 'sharedworker'].includes(destination);
}

/**
 * A worker obeys the policy of its own script. The engine's may also ask the mirror the person has set; nothing else
 * may, and no other origin.
 */
async function letMirrorIn(response: Response, { pathname }: URL): Promise<Response> {
  if (!/\/engine\.worker-[\w-]+\.js$/.test(pathname)) return response;
  const mirror = await keptMirror().catch(() => null);
  if (mirror === null) return response;
  const headers = new Headers(response.headers);
  const policy = HOST_HEADERS['Content-Security-Policy'] ?? '';
  headers.set('Content-Security-Policy', policy.replace("connect-src 'self'", `$& ${new URL(mirror).origin}`));
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** From the cache; from the network when the browser has evicted it. Headers were added when it was stored. */
async function fromCache(key: string, request: Request): Promise<Response> {
  return (await caches.match(key)) ?? withHeaders(await fetch(request));
}

/** A build this browser turned out to need is kept, whatever `neededRuntime` foresaw. */
async function runtime(request: Request): Promise<Response> {
  const cache = await caches.open(RUNTIME_CACHE);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const response = withHeaders(await fetch(request));
  if (response.ok) {
    // A full disk costs the offline use, not this run.
    cache.put(request.url, response.clone()).catch((error: unknown) => console.warn('ORT was not kept', error));
  }
  return response;
}

/**
 * The files of ORT this browser will ask for: always the CPU build (no GPU, or a GPU that fails), and one WebGPU build
 * where there is an adapter, by the same feature test as the engine's.
 */
async function neededRuntime(): Promise<string[]> {
  const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter().catch(() => null) : null;
  const gpuBuild = 'Suspending' in WebAssembly ? '.jspi' : '.asyncify';
  return runtimeUrls.filter((url) => {
    const build = /ort-wasm-simd-threaded(\.[a-z]+)?-/.exec(url)?.[1] ?? '';
    return build === '' || (adapter !== null && build === gpuBuild);
  });
}

let keeping: Promise<void> | null = null;

/** One at a time: every tab asks, and these are tens of megabytes. */
function keepRuntime(): Promise<void> {
  keeping ??= fetchRuntime().finally(() => {
    keeping = null;
  });
  return keeping;
}

/** Fetches what is needed and not here yet. The names carry a hash of the content: what is here is right. */
async function fetchRuntime(): Promise<void> {
  const cache = await caches.open(RUNTIME_CACHE);
  for (const url of await neededRuntime()) {
    if (await cache.match(url)) continue;
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} for ${url}`);
    await cache.put(url, withHeaders(response));
  }
}

async function dropOldRuntime(): Promise<void> {
  const cache = await caches.open(RUNTIME_CACHE);
  const old = (await cache.keys()).filter(({ url }) => !runtimeUrls.includes(url));
  await Promise.all(old.map((request) => cache.delete(request)));
}

function withHeaders(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HOST_HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
