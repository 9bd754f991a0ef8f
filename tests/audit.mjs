/**
 * Asks the registry whether a package that reaches visitors has a known fault that is high or critical. Fails on one; says
 * so, and fails nothing, where nobody answers: without a network, or with a registry that has no audit.
 */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What `npm audit --json` said.
 * @param {string} output
 * @returns {{ fine: boolean, words: string }}
 */
export function verdictOf(output) {
  let counts;
  try {
    counts = JSON.parse(output).metadata?.vulnerabilities;
  } catch {
    counts = undefined;
  }
  if (counts === undefined)
    return { fine: true, words: 'The registry gave no answer, so nothing is known of the packages.' };
  const { high = 0, critical = 0, total = 0 } = counts;
  const words = `${total} known faults in packages that reach visitors, ${high + critical} of them high or critical.`;
  return { fine: high + critical === 0, words };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    cwd: dirname(dirname(fileURLToPath(import.meta.url))),
    encoding: 'utf8',
    shell: process.platform === 'win32',
    timeout: 60_000,
  });
  const { fine, words } = verdictOf(stdout ?? '');
  console.log(words);
  if (!fine) console.log('npm audit --omit=dev says which.');
  process.exitCode = fine ? 0 : 1;
}
