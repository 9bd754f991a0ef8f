/**
 * What a browser spec stands on: the production build and the harness on a local server that sends the headers a good
 * host sends, a page that notes every request and every error, and the recordings that live outside the repository.
 *
 * ```ts
 * import { test, expect } from '../browser.ts';
 * test('…', async ({ app }) => {
 *   await app.open('?model=whisper-digits-10s&backend=cpu');
 *   await app.getByLabel('Add files').setInputFiles(fixture('windows/synthetic_en_10s_0.wav'));
 * });
 * test('…', async ({ harness }) => {
 *   await harness.evaluate(async () => {
 *     const media = await window.harness.load<typeof import('../harness/media.ts')>('media');
 *   });
 * });
 * ```
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base, type Browser, type Page, type TestType } from 'playwright/test';
import { launchOptions } from './chromium.mjs';
import { headersForAll, serve, type Site } from './serve.mjs';

export { expect };

const here = dirname(fileURLToPath(import.meta.url));
export const repository = dirname(here);
export const dist = join(repository, 'dist');
const harnessBuild = join(here, '.out', 'harness');

/** Path of a file in tests/fixtures. */
export function fixture(path: string): string {
  return join(here, 'fixtures', path);
}

/** Path of a file that lives beside the repository (`../shared`), or null where it is not on this machine. */
export function shared(path: string): string | null {
  const found = join(repository, '..', 'shared', path);
  return existsSync(found) ? found : null;
}

/** As `shared`, and skips the test, saying why, where the file is missing. Call it inside the test. */
export function needsShared(runner: Pick<TestType<object, object>, 'skip'>, path: string): string {
  const found = shared(path);
  runner.skip(found === null, `../shared/${path} is not on this machine`);
  return found ?? '';
}

/** `test.use(withoutGpu)`: a machine whose browser offers no adapter, inside the gpu project. */
export const withoutGpu = { launchOptions: launchOptions({ gpu: false }) };
/** `test.use(withGpu)`: the software adapter, inside the page or offline project. */
export const withGpu = { launchOptions: launchOptions({ gpu: true }) };

/** A page on the production build. Not opened yet: `open` comes first. */
export type App = Page & {
  /** Goes to the page with these query parameters (`?model=…`). */
  open(query?: string): Promise<void>;
  /** Every address asked for, by the page and its workers, in order; blob: and data: left out. */
  requestLog: string[];
  /** console.error, uncaught errors and CSP violations. Must be empty at the end: a test that provokes one takes it out. */
  consoleErrors: string[];
  /** Prefixes of addresses outside the page's own that this test expects. Any other fails it. */
  allowed: string[];
};

type Fixtures = { app: App; harness: Page };
type WorkerFixtures = { site: Site; harnessSite: Site };

/** The headers of public/_headers, as the build wrote them. */
export function hostHeaders(): Record<string, string> {
  const path = join(dist, '_headers');
  if (!existsSync(path)) throw new Error('dist/ is missing: `npm test` builds it, or run `npm run build`');
  return headersForAll(readFileSync(path, 'utf8'));
}

/** Notes what a page asks for and complains of. Call before its first navigation. */
export function watch(page: Page): Pick<App, 'requestLog' | 'consoleErrors'> {
  const requestLog: string[] = [];
  const consoleErrors: string[] = [];
  page.context().on('request', (request) => {
    if (/^https?:/.test(request.url())) requestLog.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => consoleErrors.push(error.stack ?? error.message));
  return { requestLog, consoleErrors };
}

/** The addresses beyond this machine that a page of the harness will have asked for. Call before its navigation. */
function strangersOf(page: Page, site: Site): () => string[] {
  const { requestLog } = watch(page);
  return () => requestLog.filter((url) => !url.startsWith(site.url) && !url.startsWith('http://127.0.0.1:'));
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  /** The production build on its own origin. */
  site: [
    async ({}, use) => {
      const site = await serve(dist, { headers: hostHeaders() });
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],

  /** The harness on its own origin, with the same headers. */
  harnessSite: [
    async ({}, use) => {
      if (!existsSync(join(harnessBuild, 'index.html'))) {
        throw new Error(
          'the harness is not built: `npm test` does it, or `npx vite build -c tests/harness/vite.config.ts`',
        );
      }
      const site = await serve(harnessBuild, { headers: hostHeaders() });
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ site }, use) => {
    await use(site.url);
  },

  app: async ({ page, site }, use) => {
    const app: App = Object.assign(page, {
      ...watch(page),
      allowed: [] as string[],
      open: async (query = '') => {
        await page.goto(site.url + query);
      },
    });
    await use(app);
    // Said of every test, not of one: nothing leaves the origin unless the test asked for it, and nothing complains.
    const strangers = app.requestLog.filter((url) => ![site.url, ...app.allowed].some((own) => url.startsWith(own)));
    expect(strangers, 'requests to another origin').toEqual([]);
    expect(app.consoleErrors, 'errors on the console').toEqual([]);
  },

  /** A page on the harness, opened: `window.harness.load('media')` gives a module of tests/harness. */
  harness: async ({ page, harnessSite }, use) => {
    const strangers = strangersOf(page, harnessSite);
    await page.goto(harnessSite.url);
    await use(page);
    expect(strangers(), 'requests to another origin').toEqual([]);
  },
});

/**
 * A page on the harness for all tests of a file: what `prepare` does, loading a model for one, is done once.
 * @returns the page, inside a test
 */
export function sharedHarness(prepare: (page: Page) => Promise<unknown>): () => Page {
  let page: Page | null = null;
  let strangers = (): string[] => [];
  test.beforeAll(async ({ browser, harnessSite }: { browser: Browser; harnessSite: Site }) => {
    page = await browser.newPage({ serviceWorkers: 'block' });
    strangers = strangersOf(page, harnessSite);
    await page.goto(harnessSite.url);
    await prepare(page);
  });
  test.afterAll(async () => {
    expect(strangers(), 'requests to another origin').toEqual([]);
    await page?.context().close();
  });
  return () => page!;
}
