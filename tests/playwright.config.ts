/**
 * One runner for everything: `unit` needs no browser, `page` and `offline` use the production build on a machine without
 * a GPU, `browsers` use it in other browsers, `gpu` adds WebGPU on the software adapter. `npm test` builds first; on its own this expects `dist/` and
 * `tests/.out/harness/`.
 */
import { defineConfig } from 'playwright/test';
import { launchOptions } from './chromium.mjs';

const withoutGpu = launchOptions({ gpu: false });

export default defineConfig({
  testDir: '.',
  outputDir: '.out/results',
  reporter: [['./reporter.mjs']],
  forbidOnly: true,
  // Two cores and one transcription at a time: a second worker would only disturb the first.
  workers: 1,
  fullyParallel: false,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: { launchOptions: withoutGpu, trace: 'off', video: 'off', screenshot: 'only-on-failure' },
  projects: [
    { name: 'unit', testMatch: 'unit/**/*.spec.ts' },
    // What drives a browser on a busy machine gets a second try; the reporter names every test that needed it.
    // The service worker has its own project; elsewhere its 30 MB precache would only slow each fresh context down.
    { name: 'page', testMatch: 'page/**/*.spec.ts', retries: 1, use: { serviceWorkers: 'block' } },
    { name: 'offline', testMatch: 'offline/**/*.spec.ts', retries: 1 },
    // Firefox and WebKitGTK, driven without Playwright; skipped where they are missing.
    { name: 'browsers', testMatch: 'browsers/**/*.spec.ts', retries: 1 },
    {
      name: 'gpu',
      testMatch: 'gpu/**/*.spec.ts',
      retries: 1,
      // The software adapter takes 2 to 9 s for an encoder pass and about 0.3 s a token.
      timeout: 300_000,
      use: { serviceWorkers: 'block', launchOptions: launchOptions({ gpu: true }) },
    },
  ],
});
