/**
 * A mirror on another origin, on the production build: the policy lets the store's worker ask it once the service worker
 * has served the worker's script, and lets nothing else ask anything more.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineApi, StoreApi } from '../../workers/protocol.ts';
import { catalogue } from '../../workers/store/catalogue.ts';
import { dist, expect, repository, test, type App } from '../browser.ts';
import { modelOf, startHub, type Hub } from '../page/hub.ts';

const ID = 'someone/digits';

/** The digits model, under a name the page does not know: all of it comes from the mirror. */
async function startMirror(): Promise<Hub> {
  const digits = catalogue.find((model) => model.id === 'whisper-digits-10s')!;
  const paths = digits.files.filter((file) => !file.optional).map((file) => file.path);
  const files = Object.fromEntries(
    paths.map((path) => [path, readFileSync(join(repository, 'public/models', digits.id, path))]),
  );
  return startHub(modelOf('digits', files, { revision: '8'.repeat(40) }), files);
}

type Answer = { value?: unknown; error?: string };

type Script = 'engine' | 'media' | 'store';

/** The address of a worker's script. */
function scriptOf(name: Script): string {
  return `assets/${readdirSync(join(dist, 'assets')).find((file) => file.startsWith(`${name}.worker-`))}`;
}

/** Starts a worker beside the page's own. */
function startWorker(app: App, name: Script): Promise<void> {
  return app.evaluate((script) => {
    Object.assign(window, { worker: new Worker(script, { type: 'module', name: document.baseURI }) });
  }, scriptOf(name));
}

/** Calls the worker that was started last as comlink does; functions among the arguments are listeners that hear nothing. */
function call(app: App, method: keyof EngineApi | keyof StoreApi, ...args: unknown[]): Promise<Answer> {
  return app.evaluate(
    ({ method, args }) => {
      const { worker } = window as unknown as { worker: Worker };
      const ports: MessagePort[] = [];
      const argumentList = args.map((value) => {
        if (value !== 'listener') return { type: 'RAW', value };
        const { port1, port2 } = new MessageChannel();
        ports.push(port1, port2);
        return { type: 'HANDLER', name: 'proxy', value: port2 };
      });
      const id = Math.random().toString();
      return new Promise<Answer>((resolve) => {
        worker.addEventListener('message', (event) => {
          const data = event.data as { id: string; type: string; value: unknown };
          if (data.id !== id) return;
          const thrown = data.type === 'HANDLER' ? (data.value as { value: Error }).value : null;
          resolve(thrown ? { error: `${thrown.name}: ${thrown.message}` } : { value: data.value });
        });
        worker.postMessage({ id, type: 'APPLY', path: [method], argumentList }, ports.slice(1, 2));
      });
    },
    { method, args },
  );
}

/** connect-src of what the service worker gives for an address. */
function connectSource(app: App, address: string): Promise<string> {
  return app.evaluate(async (url) => {
    const policy = (await fetch(url)).headers.get('content-security-policy') ?? '';
    return /connect-src[^;]*/.exec(policy)?.[0] ?? 'none';
  }, address);
}

test('a mirror on another origin is let in by the service worker, for the store alone', async ({ app, site }) => {
  const mirror = await startMirror();
  const origin = new URL(mirror.url).origin;
  app.allowed.push(mirror.url);
  await app.goto(site.url);
  await app.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((controlled) => navigator.serviceWorker.addEventListener('controllerchange', controlled));
    }
  });

  // A worker that was there before may not ask: said in words, at once, and nothing was sent.
  await startWorker(app, 'store');
  expect(await call(app, 'useMirror', mirror.url)).toEqual({ value: undefined });
  expect((await call(app, 'addModel', ID)).error).toContain(`HostNotAllowed: This page may not fetch from ${origin}`);
  expect(mirror.requests).toEqual([]);
  expect(app.consoleErrors.splice(0).filter((line) => !line.includes('Content Security Policy'))).toEqual([]);

  // A fresh one may, and what comes is verified, runs and is kept.
  await startWorker(app, 'store');
  expect((await call(app, 'addModel', ID)).value).toMatchObject({ id: ID, custom: true, trust: 'hub' });
  expect(await call(app, 'download', ID, 'listener')).toEqual({ value: undefined });
  await startWorker(app, 'engine');
  const loaded = await call(app, 'load', { modelId: ID, backend: 'cpu' }, 'listener');
  expect(loaded.value).toMatchObject({ modelId: ID, source: 'indexeddb', windowSeconds: 10 });

  // The store's script carries the mirror's origin, once; the page and the other workers may ask nobody else.
  expect((await connectSource(app, scriptOf('store'))).split(' ').filter((one) => one === origin)).toHaveLength(1);
  for (const other of ['./', scriptOf('media'), scriptOf('engine')])
    expect(await connectSource(app, other), other).toBe("connect-src 'self'");
  const refused = app.evaluate((url) => fetch(url).then(String, String), mirror.url);
  expect(await refused).toContain('TypeError');
  expect(app.consoleErrors.splice(0).filter((line) => !line.includes('Content Security Policy'))).toEqual([]);

  // Without a mirror the policy is what it was.
  await startWorker(app, 'store');
  await call(app, 'useMirror', null);
  expect(await connectSource(app, scriptOf('store'))).not.toContain(origin);
  await mirror.close();
});
