/**
 * Browsers that Playwright has no part in: Firefox and WebKitGTK as a distribution packages them, driven through the
 * two standards of the W3C, WebDriver BiDi and WebDriver.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One window of a browser whose profile is new and goes with it. Every call rejects with what the browser says. */
export type Remote = {
  /** Name and version as the browser reports them. */
  version: string;
  open(address: string): Promise<void>;
  /** Runs a function in the page; arguments and result pass through JSON. */
  evaluate<T, A extends unknown[]>(task: (...args: A) => T | Promise<T>, ...args: A): Promise<T>;
  /** Presses the first element that the XPath finds with the mouse. */
  click(xpath: string): Promise<void>;
  /** Types on the keyboard into the element that has the focus. */
  type(text: string): Promise<void>;
  /** Chooses one file in the first `input type=file` that the XPath finds. */
  choose(xpath: string, path: string): Promise<void>;
  close(): Promise<void>;
};

/** A function and its arguments as the text of a function without arguments that gives a promise of JSON. */
export function asSource(task: (...args: never[]) => unknown, args: unknown[]): string {
  return `async () => JSON.stringify((await (${task.toString()})(...${JSON.stringify(args)})) ?? null)`;
}

/** A text as the key presses of an input source, in the JSON that both standards share. */
export function keysOf(text: string): object {
  const actions = [...text].flatMap((value) => [
    { type: 'keyDown', value },
    { type: 'keyUp', value },
  ]);
  return { type: 'key', id: 'keyboard', actions };
}

/** Keys without a character, by the standards. */
export const END = '\uE010';
export const ENTER = '\uE007';

/** Folders and processes that a browser leaves behind. */
export class Leftovers {
  readonly #processes: ChildProcess[] = [];
  readonly #folders: string[] = [];

  folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'earshot-browser-'));
    this.#folders.push(path);
    return path;
  }

  /** As `spawn` of node:child_process, in a group of its own; `env` adds to this process's. A pipe has to be read. */
  spawn(
    command: string,
    args: string[],
    options: { env?: Record<string, string>; stdio?: ('ignore' | 'pipe')[] } = {},
  ): ChildProcess {
    const child = spawn(command, args, {
      stdio: options.stdio ?? 'ignore',
      env: { ...process.env, ...options.env },
      // A group of its own, so that the browser's content processes end with it.
      detached: true,
    });
    this.#processes.push(child);
    return child;
  }

  async remove(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      if (child.pid === undefined) continue;
      const gone = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit');
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The whole group has ended already.
      }
      await gone;
    }
    for (const path of this.#folders) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The first match of a pattern's group in what a process prints. Rejects when it ends, or says nothing for so long. */
export function printed(child: ChildProcess, pipe: 1 | 2 | 3, pattern: RegExp, timeoutMs = 60_000): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (what: string) => {
      clearTimeout(timer);
      reject(new Error(`${child.spawnfile} ${what}: ${text}`));
    };
    const timer = setTimeout(() => fail('did not start'), timeoutMs);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
    // Goes on reading afterwards: a process that nobody listens to would stop at a full pipe.
    child.stdio[pipe]!.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-10_000);
      const found = pattern.exec(text);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1]);
    });
  });
}
