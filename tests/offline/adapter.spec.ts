import { expect, test, withGpu } from '../browser.ts';
import { kept, settled } from './kept.ts';

test.use(withGpu);

test('where there is an adapter, one WebGPU build of ORT is kept besides the CPU build', async ({ app }) => {
  await app.open();
  await settled(app, 4);
  const builds = (await kept(app)).filter((url) => url.includes('ort-wasm') && url.endsWith('.wasm'));
  // Chromium 156 has WebAssembly.Suspending.
  expect(builds.filter((url) => url.includes('.jspi-'))).toHaveLength(1);
  expect(builds.filter((url) => url.includes('.asyncify-'))).toHaveLength(0);
});
