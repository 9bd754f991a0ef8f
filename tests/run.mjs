/**
 * `npm test`: types, lint, both builds, then every test. Arguments go on to Playwright
 * (`npm test -- --project unit`). The last line is always `N passed, N failed`, a step that failed counting as one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const counts = join(here, '.out', 'counts.json');
const failedSteps = [];

/** Runs one step in the repository's root; true when it went well. */
function step(title, command, args) {
  console.log(`\n── ${title}`);
  const begun = Date.now();
  // A shell only on Windows, where npm and npx are .cmd files.
  const shell = process.platform === 'win32';
  const { status } = spawnSync(command, args, { cwd: dirname(here), stdio: 'inherit', shell });
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  if (status !== 0) failedSteps.push(title);
  return status === 0;
}

step('types', 'npm', ['run', '--silent', 'check']);
step('lint', 'npm', ['run', '--silent', 'lint']);
const built =
  step('build', 'npx', ['vite', 'build', '--logLevel', 'warn']) &&
  step('harness build', 'npx', ['vite', 'build', '-c', 'tests/harness/vite.config.ts']);

let tests = { passed: 0, failed: 0, skipped: 0 };
let browser = true;
try {
  console.log(`\nBrowser: ${ensureChromium()}`);
} catch (error) {
  console.log(`\n${error.message}`);
  failedSteps.push('browser');
  browser = false;
}

if (built && browser) {
  rmSync(counts, { force: true });
  console.log('\n── tests');
  const args = ['playwright', 'test', '-c', 'tests/playwright.config.ts', ...process.argv.slice(2)];
  const { status } = spawnSync('npx', args, {
    cwd: dirname(here),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (existsSync(counts)) tests = JSON.parse(readFileSync(counts, 'utf8'));
  // Playwright can end badly without a failed test: no test matched, a crash, an interruption.
  if (status !== 0 && tests.failed === 0) failedSteps.push(`playwright (exit ${status})`);
} else {
  console.log('\nThe tests did not run: they need the build and a browser.');
}

for (const title of failedSteps) console.log(`Failed step: ${title}`);
const failed = tests.failed + failedSteps.length;
console.log(`${tests.passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`);
process.exitCode = failed === 0 && tests.passed > 0 ? 0 : 1;
