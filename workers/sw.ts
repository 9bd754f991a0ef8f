/**
 * The service worker: keeps the page and ORT's WebAssembly on this device, and gives hosts that cannot set headers
 * the isolation and the policy of those that can. Models are not its business; the model store keeps those.
 *
 * A new version waits until the page says `SKIP_WAITING`, which it says only when the person asks and no job runs.
 */
import { PrecacheController } from 'workbox-precaching';
import { takeCharge } from './charge';
import { requestEntries, SHARED_CACHE, type Kept, type KeptPart, type ServiceOrder } from './protocol';
import { outsiders } from './store/sources';

declare const self: ServiceWorkerGlobalScope;
/** From vite.config.ts, the same that `_headers` holds. */
declare const HOST_HEADERS: Record<string, string>;

const RUNTIME_CACHE = 'earshot-runtime';
const ADAPTER_ANSWER_MS = 5000;
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

let inCharge = true;

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([dropOld(), charge()]));
});

self.addEventListener('message', (event) => {
  const order = event.data as ServiceOrder | null;
  const answer = (found: unknown) => event.ports[0]?.postMessage(found);
  switch (order?.type) {
    case 'SKIP_WAITING':
      event.waitUntil(self.skipWaiting());
      break;
    case 'KEEP_RUNTIME':
      event.waitUntil(
        // Cut off in the middle: the next visit asks again.
        Promise.all([keepRuntime(order.gpu), dropOld()]).catch((error: unknown) =>
          console.warn('ORT could not be kept for offline use', error),
        ),
      );
      break;
    case 'WHAT_IS_KEPT':
      event.waitUntil(whatIsKept(order.gpu, order.measure).then(answer));
      // Asked every few seconds: what could not be done when this version became active may be possible now.
      if (!inCharge) event.waitUntil(charge());
      break;
    case 'REQUESTS':
      answer(requestEntries());
      break;
    case undefined:
      break;
  }
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(showPage());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === 'POST' && url.href === absolute('share')) event.respondWith(keepShared(request));
  // A Range belongs to a media element: the network serves it better than a whole cached file.
  if (request.method !== 'GET' || url.origin !== self.location.origin || request.headers.has('range')) return;
  const key = shell.getCacheKeyForURL(isHome(request, url) ? absolute('index.html') : url.href);
  const own = key ?? (url.href.startsWith(absolute('assets/')) ? url.href : undefined);
  if (runtimeUrls.includes(url.href)) event.respondWith(runtime(request));
  else if (own) event.respondWith(fromCache(own, request).then((response) => letOutsidersIn(response, url)));
  else if (carriesPolicy(request)) event.respondWith(fetch(request).then(withHeaders));
});

async function charge(): Promise<void> {
  inCharge = await takeCharge(self.clients);
}

/** Brings a page to the front that is open. */
async function showPage(): Promise<void> {
  const [page] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (page !== undefined) await page.focus();
  else await self.clients.openWindow(self.registration.scope);
}

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
 * A worker obeys the policy of its own script. The store's may also ask the hub once the person has chosen a model of it,
 * or the mirror that was set in its place; nothing else may, and no other origin. The engine's, in which graphs and
 * tokenizers of other people run, can reach nobody.
 */
async function letOutsidersIn(response: Response, { pathname }: URL): Promise<Response> {
  if (!/\/store\.worker-[\w-]+\.js$/.test(pathname)) return response;
  const origins = await outsiders().catch(() => []);
  if (origins.length === 0) return response;
  const headers = new Headers(response.headers);
  const policy = HOST_HEADERS['Content-Security-Policy'] ?? '';
  headers.set('Content-Security-Policy', policy.replace("connect-src 'self'", `$& ${origins.join(' ')}`));
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/**
 * From the cache; from the network when the browser has evicted it. Headers were added when it was stored. Also files
 * of an earlier version, for the pages that were built with them: on the host they may be gone.
 */
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
 * @param gpu the page has seen an adapter; a service worker may not be shown any
 */
async function neededRuntime(gpu: boolean): Promise<string[]> {
  const adapter = gpu || (await adapterSeen());
  const gpuBuild = 'Suspending' in WebAssembly ? '.jspi' : '.asyncify';
  return runtimeUrls.filter((url) => {
    const build = /ort-wasm-simd-threaded(\.[a-z]+)?-/.exec(url)?.[1] ?? '';
    return build === '' || (adapter && build === gpuBuild);
  });
}

/**
 * A GPU process in trouble may never answer. An order that waits for it would keep this worker at work, and a worker at work
 * cannot be followed by its next version.
 */
async function adapterSeen(): Promise<boolean> {
  if (!('gpu' in navigator)) return false;
  const none = new Promise<null>((resolve) => setTimeout(() => resolve(null), ADAPTER_ANSWER_MS));
  return (await Promise.race([navigator.gpu.requestAdapter().catch(() => null), none])) !== null;
}

let keeping: Promise<void> | null = null;

/** One at a time: every tab asks, and these are tens of megabytes. */
function keepRuntime(gpu = false): Promise<void> {
  keeping ??= fetchRuntime(gpu).finally(() => {
    keeping = null;
  });
  return keeping;
}

/** Fetches what is needed and not here: not yet, or not any more. */
async function fetchRuntime(gpu: boolean): Promise<void> {
  const cache = await caches.open(RUNTIME_CACHE);
  for (const url of await neededRuntime(gpu)) await keep(cache, url);
  // The shell came with the installation; only a browser that is short of room throws parts of it away.
  if (!self.registration.active) return;
  const kept = await caches.open(shell.strategy.cacheName);
  for (const [url, key] of shell.getURLsToCacheKeys()) await keep(kept, url, key);
}

async function keep(cache: Cache, url: string, key = url): Promise<void> {
  if (await cache.match(key)) return;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  await cache.put(key, withHeaders(response));
}

/** What another app shares is kept until the page has it in its queue: a tab that dies meanwhile loses nothing. */
async function keepShared(request: Request): Promise<Response> {
  let kept = 'yes';
  try {
    const form = await request.formData();
    const cache = await caches.open(SHARED_CACHE);
    for (const file of form.getAll('files')) {
      if (typeof file === 'string') continue;
      const headers = {
        'Content-Type': file.type,
        'X-Name': encodeURIComponent(file.name),
        'X-Last-Modified': String(file.lastModified),
      };
      await cache.put(absolute(`share/${crypto.randomUUID()}`), new Response(file, { headers }));
    }
  } catch (error) {
    console.warn('what was shared could not be kept', error);
    kept = 'no';
  }
  return Response.redirect(absolute(`./?shared=${kept}`), 303);
}

/** Looked up each time: the browser may throw anything away, and the person too. */
async function whatIsKept(gpu: boolean, measure: boolean): Promise<Kept> {
  const look = async (keys: string[]): Promise<KeptPart> => {
    const found = await Promise.all(keys.map((key) => caches.match(key)));
    const here = found.filter((response) => response !== undefined);
    const sizes = measure ? await Promise.all(here.map(async (response) => (await response.blob()).size)) : null;
    return { missing: found.length - here.length, bytes: sizes && sizes.reduce((sum, bytes) => sum + bytes, 0) };
  };
  return {
    shell: await look([...shell.getURLsToCacheKeys().values()]),
    runtime: await look(await neededRuntime(gpu)),
    fetching: keeping !== null,
  };
}

/** Throws away what an earlier version kept, once no page is left that may have been built with it. */
async function dropOld(): Promise<void> {
  const { installing, waiting } = self.registration;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  // A newer version keeps its files in the same place. One page is the one that asks: new, or about to be.
  if (installing || waiting || pages.length > 1) return;
  const current = new Set([...shell.getURLsToCacheKeys().values(), ...runtimeUrls]);
  for (const name of [shell.strategy.cacheName, RUNTIME_CACHE]) {
    const cache = await caches.open(name);
    const old = (await cache.keys()).filter(({ url }) => !current.has(url));
    await Promise.all(old.map((request) => cache.delete(request)));
  }
}

function withHeaders(response: Response): Response {
  // A redirect that the browser is to follow itself has the status 0, with which no response can be made.
  if (response.type === 'opaqueredirect') return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HOST_HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
