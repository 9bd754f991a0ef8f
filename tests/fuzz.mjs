/** `npm run fuzz -- [files] [seed]`: builds, then reads thousands of damaged files (tests/page/media-fuzz.spec.ts). */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const [files = '5000', seed = String(Math.floor(Date.now() / 86_400_000))] = process.argv.slice(2);
const cwd = dirname(dirname(fileURLToPath(import.meta.url)));
const shell = process.platform === 'win32';
const steps = [
  ['vite', 'build', '--logLevel', 'warn'],
  ['vite', 'build', '-c', 'tests/harness/vite.config.ts'],
  ['playwright', 'test', '-c', 'tests/playwright.config.ts', '--project=page', 'tests/page/media-fuzz.spec.ts'],
];
console.log(`${files} files, seed ${seed}`);
for (const step of steps) {
  const env = { ...process.env, FUZZ_FILES: files, FUZZ_SEED: seed };
  const { status } = spawnSync('npx', step, { cwd, stdio: 'inherit', shell, env });
  if (status !== 0) process.exit(status ?? 1);
}
