/**
 * Finds the Chromium the tests run in, or installs one. Nothing needs to be set: `EARSHOT_CHROMIUM` only overrides.
 * Debian's package comes before a download because Playwright's own builds are not reachable from every network.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * The browser's own housekeeping off, so that a request in a test's log is the page's. Chromium's sandbox refuses to
 * start as root.
 */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/**
 * A WebGPU adapter on any machine: the software rasteriser. Checked 2026-11 with Chromium 156, Playwright's headless
 * mode: vendor "google", architecture "swiftshader", 21 features with subgroups and timestamp-query, no shader-f16; the
 * same adapter in dedicated workers. Without these switches `requestAdapter()` gives null there, which is how the
 * other projects test the machine without a GPU.
 */
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

/**
 * Path of a Chromium that is already here.
 * @returns {string | null}
 */
export function findChromium() {
  const wanted = process.env['EARSHOT_CHROMIUM'];
  if (wanted) return existsSync(wanted) ? wanted : null;
  return [chromium.executablePath(), ...SYSTEM].find((path) => existsSync(path)) ?? null;
}

/**
 * Path of a Chromium, installed first when there is none.
 * @returns {string}
 */
export function ensureChromium() {
  const here = findChromium();
  if (here) return here;
  if (process.env['EARSHOT_CHROMIUM']) {
    throw new Error(`EARSHOT_CHROMIUM is set to ${process.env['EARSHOT_CHROMIUM']}, and no file is there.`);
  }
  const attempts = [['npx', ['playwright', 'install', '--with-deps', 'chromium']]];
  if (process.getuid?.() === 0) {
    attempts.push(['apt-get', ['update']], ['apt-get', ['install', '-y', '--no-install-recommends', 'chromium']]);
  } else {
    // --with-deps asks for root; the browser alone may be enough.
    attempts[0] = ['npx', ['playwright', 'install', 'chromium']];
  }
  for (const [command, args] of attempts) {
    console.log(`No Chromium found; trying: ${command} ${args.join(' ')}`);
    spawnSync(command, args, { stdio: 'inherit' });
    const found = findChromium();
    if (found) return found;
  }
  throw new Error(
    'The tests need Chromium and none could be installed. Install it (Debian: apt-get install chromium) ' +
      'or set EARSHOT_CHROMIUM to its path.',
  );
}

/**
 * Playwright's launch options.
 * @param {{ gpu: boolean }} options `gpu`: offer a WebGPU adapter (software)
 */
export function launchOptions({ gpu }) {
  const executablePath = findChromium();
  return { ...(executablePath ? { executablePath } : {}), args: gpu ? [...QUIET, ...WEBGPU] : QUIET };
}
