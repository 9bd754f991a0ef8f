/**
 * WebKitGTK over WebDriver (https://www.w3.org/TR/webdriver2/): Debian's WebKitWebDriver starts MiniBrowser in an
 * ephemeral session, which keeps its storage in memory, as a private window of Safari does. WebKitGTK needs a display.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { asSource, keysOf, Leftovers, printed, type Remote } from './remote.ts';

/** Key of an element in WebDriver's JSON, by the standard. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** @param paths as `findWebKit` gives them @param downloads folder for what the page saves */
export async function startWebKit(
  { driver, miniBrowser, xvfb }: { driver: string; miniBrowser: string; xvfb: string },
  downloads: string,
): Promise<Remote> {
  const leftovers = new Leftovers();
  try {
    const screen = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'];
    const display = leftovers.spawn(xvfb, screen, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    // GLib's own table of a person's folders says where downloads go.
    const home = leftovers.folder();
    writeFileSync(join(home, 'user-dirs.dirs'), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
    const env = { DISPLAY: `:${await printed(display, 3, /(\d+)\n/)}`, XDG_CONFIG_HOME: home };
    const port = await freePort();
    leftovers.spawn(driver, [`--port=${port}`], { env });
    const driverAt = `http://127.0.0.1:${port}`;
    await ready(driverAt);
    const { sessionId, capabilities } = await ask<{
      sessionId: string;
      capabilities: { browserName: string; browserVersion: string };
    }>(`${driverAt}/session`, 'POST', {
      capabilities: {
        alwaysMatch: {
          'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
          timeouts: { script: 60_000, pageLoad: 60_000 },
        },
      },
    });
    const send: Send = (method, path, body) => ask(`${driverAt}/session/${sessionId}/${path}`, method, body);
    return remote(send, `${capabilities.browserName} ${capabilities.browserVersion}`, leftovers);
  } catch (error) {
    await leftovers.remove();
    throw error;
  }
}

/** A command of the session and its value. */
type Send = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<T>;

/** Rejects with the driver's error and message. */
async function ask<T>(address: string, method: string, body?: object): Promise<T> {
  const response = await fetch(address, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** A port that nobody listens on at this moment; the driver cannot choose one itself and say which. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Until the driver answers; it says nothing when it listens. */
async function ready(address: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return void (await ask(`${address}/status`, 'GET'));
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function remote(send: Send, version: string, leftovers: Leftovers): Remote {
  async function find(xpath: string): Promise<string> {
    const element = await send<Record<string, string>>('POST', 'element', { using: 'xpath', value: xpath });
    return element[ELEMENT];
  }

  return {
    version,
    async open(address) {
      await send('POST', 'url', { url: address });
    },
    async evaluate(task, ...args) {
      const script = `
        const tell = arguments[0];
        (${asSource(task, args)})().then((json) => tell({ json }), (error) => tell({ error: String(error) }));`;
      const { json, error } = await send<{ json: string; error?: string }>('POST', 'execute/async', {
        script,
        args: [],
      });
      if (error !== undefined) throw new Error(error);
      return JSON.parse(json) as never;
    },
    async click(xpath) {
      await send('POST', `element/${await find(xpath)}/click`, {});
    },
    async type(text) {
      await send('POST', 'actions', { actions: [keysOf(text)] });
    },
    async choose(xpath, path) {
      await send('POST', `element/${await find(xpath)}/value`, { text: path });
    },
    async close() {
      await send('DELETE', '').catch(() => undefined);
      await leftovers.remove();
    },
  };
}
