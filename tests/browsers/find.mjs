/**
 * Finds the browsers that Playwright has no part in, and installs Debian's packages of them where that can be done.
 * None of it is needed to build or to test the rest: the tests of a browser that is missing are skipped and say so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/** @param {string[]} paths */
const first = (paths) => paths.find((path) => existsSync(path)) ?? null;

/** Path of Firefox, or null: `EARSHOT_FIREFOX`, or Debian's. One in a snap could not read the profile of a test. */
export const findFirefox = () => first([process.env['EARSHOT_FIREFOX'] ?? '/usr/bin/firefox-esr']);

/**
 * What it takes to drive WebKitGTK, or null where a part of it is missing.
 * @returns {{ driver: string, miniBrowser: string, xvfb: string } | null}
 */
export function findWebKit() {
  const lib = '/usr/lib';
  const folders = existsSync(lib) ? readdirSync(lib).filter((name) => name.endsWith('-linux-gnu')) : [];
  const miniBrowser = first(
    folders.flatMap((folder) =>
      ['webkit2gtk-4.1', 'webkitgtk-6.0'].map((api) => `${lib}/${folder}/${api}/MiniBrowser`),
    ),
  );
  const driver = first(['/usr/bin/WebKitWebDriver']);
  const xvfb = first(['/usr/bin/Xvfb']);
  return driver && miniBrowser && xvfb ? { driver, miniBrowser, xvfb } : null;
}

/** Debian's names of what is missing. */
export function missingPackages() {
  return [...(findFirefox() ? [] : ['firefox-esr']), ...(findWebKit() ? [] : ['webkit2gtk-driver', 'xvfb'])];
}

/** Says what there is, after trying to install the rest. Never throws: no network, no rights and no Debian are ordinary. */
export function ensureOtherBrowsers() {
  if (missingPackages().length > 0 && process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    const install = ['install', '-y', '--no-install-recommends', ...missingPackages()];
    for (const args of [install, ['update'], install]) {
      if (missingPackages().length === 0) break;
      console.log(`Other browsers: trying apt-get ${args.join(' ')}`);
      spawnSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'ignore'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        timeout: 300_000,
      });
    }
  }
  const missing = missingPackages();
  console.log(`Other browsers: ${missing.length === 0 ? 'Firefox and WebKitGTK' : `missing ${missing.join(', ')}`}`);
}
