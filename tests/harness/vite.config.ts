/** Builds the harness the way the page is built: same targets, same worker format, same ORT resolution. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { bundling } from '../../vite.config.ts';

const here = dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  ...bundling,
  root: here,
  publicDir: join(here, '../../public'),
  build: { ...bundling.build, outDir: join(here, '../.out/harness'), emptyOutDir: true },
  logLevel: 'warn',
});
