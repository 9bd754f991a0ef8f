/** Firefox over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/), which it speaks without a driver in between. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { asSource, keysOf, Leftovers, printed, type Remote } from './remote.ts';

/** Nothing of the browser's own on the line or in the way, as a test's machine has it. */
const PREFERENCES = {
  'app.update.disabledForTesting': true,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
  'browser.aboutwelcome.enabled': false,
  'extensions.update.enabled': false,
  'services.settings.server': 'data:,',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  // A file that is saved goes to this folder without a question.
  'browser.download.folderList': 2,
  'browser.download.always_ask_before_handling_new_types': false,
};

/** @param path of Firefox @param downloads folder for what the page saves */
export async function startFirefox(path: string, downloads: string): Promise<Remote> {
  const leftovers = new Leftovers();
  try {
    const profile = leftovers.folder();
    const preferences = { ...PREFERENCES, 'browser.download.dir': downloads };
    const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
    writeFileSync(join(profile, 'user.js'), lines.join('\n'));
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'];
    const child = leftovers.spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const address = await printed(child, 2, /WebDriver BiDi listening on (ws:\/\/\S+)/);
    const line = await connect(`${address}/session`);
    const { capabilities } = await line<{ capabilities: { browserName: string; browserVersion: string } }>(
      'session.new',
      { capabilities: {} },
    );
    // In the tab that Firefox opens by itself the address has the focus, and no element of a page is told of its own.
    const { context } = await line<{ context: string }>('browsingContext.create', { type: 'tab' });
    return remote(line, context, `${capabilities.browserName} ${capabilities.browserVersion}`, leftovers);
  } catch (error) {
    await leftovers.remove();
    throw error;
  }
}

/** A command of the protocol and its result. */
type Line = <T>(method: string, params: object) => Promise<T>;

async function connect(address: string): Promise<Line> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let last = 0;
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('message', (text: Buffer) => {
    const { id, result, error, message } = JSON.parse(text.toString()) as {
      id?: number;
      result?: unknown;
      error?: string;
      message?: string;
    };
    const command = waiting.get(id ?? -1);
    waiting.delete(id ?? -1);
    if (error === undefined) command?.resolve(result as never);
    else command?.reject(new Error(`${error}: ${message}`));
  });
  socket.once('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox has gone.'));
  });
  return (method, params) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
}

function remote(line: Line, context: string, version: string, leftovers: Leftovers): Remote {
  type Node = { sharedId: string };

  async function find(xpath: string): Promise<Node> {
    const locator = { type: 'xpath', value: xpath };
    const { nodes } = await line<{ nodes: Node[] }>('browsingContext.locateNodes', {
      context,
      locator,
      maxNodeCount: 1,
    });
    if (nodes.length === 0) throw new Error(`There is no ${xpath} on the page.`);
    return { sharedId: nodes[0].sharedId };
  }

  const act = (source: object) => line('input.performActions', { context, actions: [source] });

  return {
    version,
    async open(address) {
      await line('browsingContext.navigate', { context, url: address, wait: 'complete' });
    },
    async evaluate(task, ...args) {
      type Answer = { result: { value: string }; exceptionDetails?: { text: string } };
      const { result, exceptionDetails } = await line<Answer>('script.callFunction', {
        functionDeclaration: asSource(task, args),
        target: { context },
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return JSON.parse(result.value) as never;
    },
    async click(xpath) {
      const element = await find(xpath);
      await line('script.callFunction', {
        functionDeclaration: `(element) => element.scrollIntoView({ block: 'center', behavior: 'instant' })`,
        arguments: [element],
        target: { context },
        awaitPromise: false,
      });
      const move = { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element } };
      const press = [
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      await act({ type: 'pointer', id: 'mouse', actions: [move, ...press] });
    },
    async type(text) {
      await act(keysOf(text));
    },
    async choose(xpath, path) {
      await line('input.setFiles', { context, element: await find(xpath), files: [path] });
    },
    close: () => leftovers.remove(),
  };
}
