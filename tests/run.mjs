/**
 * `npm test`: types, lint, audit, both builds, then every test. Arguments go on to Playwright
 * (`npm test -- --project unit`). The last line is always `N passed, N failed`, a step that failed counting as one.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureOtherBrowsers } from './browsers/find.mjs';
import { ensureChromium } from './chromium.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const counts = join(here, '.out', 'counts.json');
/** In the repository's root; a shell only on Windows, where npm and npx are .cmd files. */
const options = { cwd: dirname(here), shell: process.platform === 'win32' };
/** @type {string[]} */
const failedSteps = [];

/**
 * Runs one step and shows what it printed when it is over: another one runs beside it. Resolves with whether it went well.
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<boolean>}
 */
function step(title, command, args) {
  const begun = Date.now();
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const printed = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (/** @type {Buffer} */ data) => printed.push(data));
  return new Promise((resolve) => {
    const end = (/** @type {boolean} */ fine) => {
      process.stdout.write(Buffer.concat(printed));
      console.log(`── ${title}: ${fine ? 'ok' : 'FAILED'} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
      if (!fine) failedSteps.push(title);
      resolve(fine);
    };
    child.once('error', () => end(false));
    child.once('close', (status) => end(status === 0));
  });
}

/**
 * @param {string[]} args
 * @returns what the tests of this run came to
 */
function playwright(args) {
  rmSync(counts, { force: true });
  const command = ['playwright', 'test', '-c', 'tests/playwright.config.ts', ...args];
  const { status } = spawnSync('npx', command, { ...options, stdio: 'inherit' });
  const tests = existsSync(counts)
    ? /** @type {Record<'passed' | 'failed' | 'skipped', number>} */ (JSON.parse(readFileSync(counts, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0 };
  // Playwright can end badly without a failed test: no test matched, a crash, an interruption.
  if (status !== 0 && tests.failed === 0) failedSteps.push(`playwright (exit ${status})`);
  return tests;
}

/**
 * Specs of the page that a second test beside them would spoil: they measure against the sound itself, or the whole of
 * Whisper base runs in them on both cores. The others mostly wait, and run two at a time.
 */
const ALONE = ['hearing', 'long', 'media-clock', 'silero', 'transcript'];

/**
 * @param {(name: string) => boolean} wanted
 * @returns the specs of tests/page whose names, without their endings, are wanted
 */
function pages(wanted) {
  return readdirSync(join(here, 'page'))
    .filter((file) => file.endsWith('.spec.ts') && wanted(file.replace('.spec.ts', '')))
    .map((file) => `page/${file}`);
}

console.log('\n── types and lint, beside the builds');
const builds = async () =>
  (await step('build', 'npx', ['vite', 'build', '--logLevel', 'warn'])) &&
  (await step('harness build', 'npx', ['vite', 'build', '-c', 'tests/harness/vite.config.ts']));
const [built] = await Promise.all([
  builds().then(async (fine) => {
    await step('lint', 'npm', ['run', '--silent', 'lint']);
    return fine;
  }),
  step('types', 'npm', ['run', '--silent', 'check']),
  step('audit', 'node', ['tests/audit.mjs']),
]);

const sum = { passed: 0, failed: 0, skipped: 0 };
let browser = true;
try {
  console.log(`\nBrowser: ${ensureChromium()}`);
  ensureOtherBrowsers();
} catch (error) {
  console.log(`\n${error instanceof Error ? error.message : String(error)}`);
  failedSteps.push('browser');
  browser = false;
}

if (built && browser) {
  console.log('\n── tests');
  const given = process.argv.slice(2);
  const runs =
    given.length > 0
      ? [given]
      : [
          [
            ...['--workers=2', '--project=unit', '--project=page', '--project=offline', '--project=browsers'],
            ...['unit/', 'offline/', 'browsers/', ...pages((name) => !ALONE.includes(name))],
          ],
          // The software GPU keeps both cores busy by itself.
          ['--project=page', '--project=gpu', 'gpu/', ...pages((name) => ALONE.includes(name))],
        ];
  for (const args of runs) {
    const { passed, failed, skipped } = playwright(args);
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
} else {
  console.log('\nThe tests did not run: they need the build and a browser.');
}

for (const title of failedSteps) console.log(`Failed step: ${title}`);
const failed = sum.failed + failedSteps.length;
console.log(`${sum.passed} passed, ${failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exitCode = failed === 0 && sum.passed > 0 ? 0 : 1;
