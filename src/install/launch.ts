/**
 * Files that come from outside the page: opened with it from the desktop, or shared to it from another app. And what
 * its shortcuts ask for.
 */
/** What the operating system hands over; in no standard yet (Chromium's Launch Handler). */
type LaunchParams = { targetURL?: string; files?: readonly FileSystemFileHandle[] };
type LaunchQueue = { setConsumer(take: (params: LaunchParams) => void): void };

export type Launch = {
  /** The cache in which the service worker keeps what was shared until the page has taken it. */
  sharedCache: string;
  add: (files: File[]) => void;
  /**
   * Asks the person about files that were shared: any site can share some, so nothing is done with them before a yes.
   * `answer` takes them off the place where they wait; with a yes it gives those that are still there.
   */
  offer: (names: string[], answer: (yes: boolean) => Promise<File[]>) => void;
  /** The shortcut "Add files". */
  askForFiles: () => void;
  openEngine: () => void;
  /** Something was shared, and the browser had no room for it. */
  sharedInVain: () => void;
};

/** Listens for launches into this tab, now and later. Call it when the queue can take files. */
export function listenForLaunches(launch: Launch): void {
  follow(new URL(location.href), launch);
  void tellShared(launch);
  const { launchQueue } = window as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer((params) => void take(params, launch));
}

async function take({ targetURL, files = [] }: LaunchParams, launch: Launch): Promise<void> {
  const read = await Promise.allSettled(files.map((handle) => handle.getFile()));
  const here = read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (here.length > 0) launch.add(here);
  // A launch into a page that is open does not change its address.
  if (targetURL !== undefined) follow(new URL(targetURL), launch);
}

function follow(address: URL, launch: Launch): void {
  if (address.hash === '#engine' && address.href !== location.href) launch.openEngine();
  if (address.searchParams.get('shared') === 'no') launch.sharedInVain();
  if (address.searchParams.has('add')) launch.askForFiles();
  // Said once: a reload must not ask again.
  const clean = new URL(location.href);
  for (const mark of ['shared', 'add']) clean.searchParams.delete(mark);
  if (clean.href !== location.href) history.replaceState(history.state, '', clean);
}

/**
 * Tells of what was shared, in this visit or in one that ended before it was answered. It waits where the service worker
 * has put it until the person says yes or no; of several tabs that ask, the first answer counts.
 */
async function tellShared({ sharedCache, offer }: Launch): Promise<void> {
  if (!('caches' in window) || !('locks' in navigator)) return;
  try {
    if (!(await caches.has(sharedCache))) return;
    const cache = await caches.open(sharedCache);
    const requests = await cache.keys();
    const kept = await Promise.all(requests.map((request) => cache.match(request)));
    const names = kept.flatMap((response) => (response === undefined ? [] : [nameOf(response)]));
    if (names.length > 0) offer(names, (yes) => settleShared(sharedCache, requests, yes));
  } catch {
    // Site data is blocked: nothing could be shared either.
  }
}

/** @returns the files, after a yes; empty when another tab has had them */
function settleShared(sharedCache: string, requests: readonly Request[], yes: boolean): Promise<File[]> {
  return navigator.locks.request('earshot-shared', async () => {
    const cache = await caches.open(sharedCache);
    const files = yes ? await Promise.all(requests.map(async (request) => fileOf(await cache.match(request)))) : [];
    await Promise.all(requests.map((request) => cache.delete(request)));
    if ((await cache.keys()).length === 0) await caches.delete(sharedCache);
    return files.filter((file) => file !== null);
  });
}

function nameOf(kept: Response): string {
  return decodeURIComponent(kept.headers.get('x-name') ?? '');
}

async function fileOf(kept: Response | undefined): Promise<File | null> {
  if (kept === undefined) return null;
  const lastModified = Number(kept.headers.get('x-last-modified') ?? '');
  const blob = await kept.blob();
  return new File([blob], nameOf(kept), { type: blob.type, lastModified });
}
