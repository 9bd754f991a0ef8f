/**
 * Workers that crash, hang or die at a moment that a test chooses, a machine that sleeps, and files that cannot be read: the
 * shipped page and workers, with a few lines before them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright/test';

/** A condition on what a worker is about to send, as code. `said`: what a callback of the page is called with. */
const WHEN = {
  'loading the model': "said?.phase === 'uploading'",
  'looking for speech': "message?.type === 'pull' && ++count === 2",
  'preparing a window': "message?.type === 'mel'",
  'encoding a window': 'message?.mel !== undefined',
  'writing the words': "said?.type === 'partial'",
  'writing the second window': "said?.type === 'window' && ++count === 2",
  'telling of a window': "said?.type === 'window'",
  'opening the file': 'message?.value?.container !== undefined',
  'decoding the file': "message?.type === 'pcm' && ++count === 2",
} as const;
/** What happens to the worker then, as code. */
const DO = {
  crashes: "setTimeout(() => { throw new Error('crashed on purpose'); })",
  hangs: 'for (;;);',
  'dies without a word': 'return self.close()',
  'falls asleep': 'fallAsleep()',
} as const;

export type Moment = keyof typeof WHEN;
export type Harm = keyof typeof DO;
type Kind = 'engine' | 'media' | 'store';

const preludes = new WeakMap<Page, { of: RegExp; code: () => string }[]>();

/** Runs code first of all in each worker of these kinds that is started from now on, in the order in which it was given. */
async function first(app: Page, kinds: string, code: () => string): Promise<void> {
  const given = { of: new RegExp(`/(${kinds})\\.worker-`), code };
  const others = preludes.get(app);
  if (others !== undefined) return void others.push(given);
  const all = [given];
  preludes.set(app, all);
  await app.route(/\/\w+\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const before = all.filter(({ of }) => of.test(route.request().url())).map((one) => `{${one.code()}}`);
    await route.fulfill({ response, body: before.join('') + (await response.text()) });
  });
}

/** The first so many workers of this kind meet the fault once each; those after them are as they were shipped. */
export async function poison(app: Page, worker: Kind, when: Moment, what: Harm, workers = 1): Promise<void> {
  let started = 0;
  const code = `
    let over = false;
    let count = 0;
    const harming = (post) => function (message, ...rest) {
      const said = message?.argumentList?.[0]?.value;
      if (!over && (${WHEN[when]})) { over = true; console.log('harmed'); ${DO[what]}; }
      return post.call(this, message, ...rest);
    };
    MessagePort.prototype.postMessage = harming(MessagePort.prototype.postMessage);
    self.postMessage = harming(self.postMessage);`;
  await first(app, worker, () => ((started += 1) <= workers ? code : ''));
}

/**
 * What `fallAsleep()` in the page or in a worker does to all of them: three hours go by in which nobody works, every timer
 * that was due meanwhile fires at once, and the clock on the wall is set back ten years. Each says how many timers fired.
 */
const SLEEP = `
  const HOURS = 3 * 3600_000;
  const YEARS = 10 * 365 * 24 * 3600_000;
  const who = /(\\w+)\\.worker-/.exec(location.pathname)?.[1] ?? 'page';
  const { Date: Clock, performance, setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const now = performance.now.bind(performance);
  let slept = 0;
  let set = 0;
  performance.now = () => now() + slept;
  globalThis.Date = new Proxy(Clock, {
    construct: (_, given, target) => Reflect.construct(Clock, given.length > 0 ? given : [Clock.now() + set], target),
    get: (_, name) => (name === 'now' ? () => Clock.now() + set : Clock[name]),
  });
  const due = new Map();
  globalThis.setTimeout = (task, ms = 0, ...given) => {
    const run = () => { if (due.delete(id)) task(...given); };
    const id = setTimeout(run, ms);
    due.set(id, { at: now() + ms, run });
    return id;
  };
  globalThis.setInterval = (task, ms = 0, ...given) => {
    const run = () => {
      if (!due.has(id)) return;
      due.set(id, { at: now() + ms, run });
      task(...given);
    };
    const id = setInterval(run, ms);
    due.set(id, { at: now() + ms, run });
    return id;
  };
  globalThis.clearTimeout = (id) => { due.delete(id); clearTimeout(id); };
  globalThis.clearInterval = (id) => { due.delete(id); clearInterval(id); };
  const wake = () => {
    const missed = [...due.values()].filter(({ at }) => at <= now() + HOURS).sort((a, b) => a.at - b.at);
    slept += HOURS;
    set += HOURS - YEARS;
    for (const { run } of missed) setTimeout(run);
    console.log('slept ' + who + ' ' + missed.length);
  };
  const machine = new BroadcastChannel('machine');
  machine.onmessage = wake;
  globalThis.fallAsleep = () => { machine.postMessage('sleep'); wake(); };`;

/** The page and its workers are of a machine that can be put to sleep: by `fallAsleep()` in any of them. */
export async function sleepy(app: Page): Promise<void> {
  await app.addInitScript({ content: `{${SLEEP}}` });
  await first(app, 'engine|media|store', () => SLEEP);
}

/** Which reads of a file fail, as code: `from` and `to` in bytes, of those that were given to `slice`. */
const READS = {
  'opening the file': 'true',
  'decoding the beginning': 'to - from > 65536',
  'decoding the middle': 'from > 2 * 262144 && to - from > 65536',
  'decoding the last window': 'from > 3 * 262144 && to - from > 65536',
} as const;
export type Read = keyof typeof READS;

const drive = (strikes: string) => `
    const { slice, arrayBuffer } = Blob.prototype;
    const ranges = new WeakMap();
    let struck = false;
    let gone = false;
    const drive = new BroadcastChannel('drive');
    let known;
    const told = new Promise((resolve) => { known = resolve; });
    drive.onmessage = ({ data }) => {
      if (data === 'known') return known();
      struck = true;
      gone = data === 'out';
      if (gone && 'document' in globalThis) drive.postMessage('known');
    };
    const tell = (news) => { drive.postMessage(news); drive.onmessage({ data: news }); };
    globalThis.plugIn = () => tell('in');
    Blob.prototype.slice = function (from = 0, to = this.size, ...type) {
      const part = slice.call(this, from, to, ...type);
      if (this instanceof File) ranges.set(part, [from, to]);
      return part;
    };
    Blob.prototype.arrayBuffer = async function () {
      const [from, to] = ranges.get(this) ?? [];
      if (!struck && from !== undefined && (${strikes})) { console.log('harmed'); tell('out'); await told; }
      if (gone && from !== undefined) throw new DOMException('the drive is gone', 'NotFoundError');
      return arrayBuffer.call(this);
    };`;

/**
 * From a certain read of the media worker on, files can be read neither there nor in the page, as if their drive had been
 * unplugged, until `plugIn()` is called in the page. The read fails once the page cannot read either: a drive is gone for all
 * at the same moment.
 */
export async function unplug(app: Page, when: Read): Promise<void> {
  await app.addInitScript({ content: `{${drive('false')}}` });
  await first(app, 'media', () => drive(READS[when]));
}

/** All processes that this one has started, and those that they have. Linux only. */
function descendants(): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid): [pid: number, parent: number][] => {
      try {
        const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
        return [[Number(pid), Number(parent)]];
      } catch {
        return []; // it has just ended
      }
    });
  const found = new Set([process.pid]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return [...found];
}

/** The browser's own process, by a profile that it alone has. Linux only. */
function browserOf(profile: string): number {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.includes(`--user-data-dir=${profile}`) && !command.includes('--type=');
      } catch {
        return false; // it has just ended
      }
    });
  if (found.length !== 1) throw new Error(`${found.length} browsers have this profile`);
  return Number(found[0]);
}

/** Ends the browser of a profile at once, without a word to any of its processes. Linux only. */
export async function killBrowser(profile: string, context: BrowserContext): Promise<void> {
  const closed = context.waitForEvent('close');
  process.kill(browserOf(profile), 'SIGKILL');
  await closed;
}

/** @param code runs in the page when the window of this number is given to the database: `this` is the store */
export async function whenWindowIsPut(app: Page, number: number, code: string): Promise<void> {
  const content = `{
    const { put } = IDBObjectStore.prototype;
    let windows = 0;
    IDBObjectStore.prototype.put = function (value, key) {
      const request = put.call(this, value, key);
      if (typeof key === 'string' && key.includes('/') && ++windows === ${number}) { ${code} }
      return request;
    };
  }`;
  await app.addInitScript({ content });
}

/** Stops the browser with all its processes for so long, as a machine that sleeps does. @returns how many processes */
export async function suspend(ms: number): Promise<number> {
  const stopped = descendants();
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  try {
    // This time is the fault itself.
    await new Promise((resolve) => setTimeout(resolve, ms));
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
  }
  return stopped.length;
}
