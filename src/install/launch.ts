/**
 * Files that come from outside the page: opened with it from the desktop, or shared to it from another app. And what
 * its shortcuts ask for.
 */
import { SHARED_CACHE } from '../../workers/protocol.ts';

/** What the operating system hands over; in no standard yet (Chromium's Launch Handler). */
type LaunchParams = { targetURL?: string; files?: readonly FileSystemFileHandle[] };
type LaunchQueue = { setConsumer(take: (params: LaunchParams) => void): void };

export type Launch = {
  add: (files: File[]) => void;
  /** The shortcut "Add files". */
  askForFiles: () => void;
  openEngine: () => void;
  /** Something was shared, and the browser had no room for it. */
  sharedInVain: () => void;
};

/** Listens for launches into this tab, now and later. Call it when the queue can take files. */
export function listenForLaunches(launch: Launch): void {
  follow(new URL(location.href), launch);
  void takeShared(launch);
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
 * Takes what was shared, in this visit or in one that ended before it could, into the queue. One tab takes it; it is
 * thrown away only when the queue has it.
 */
async function takeShared({ add }: Launch): Promise<void> {
  if (!('caches' in window) || !('locks' in navigator)) return;
  try {
    await navigator.locks.request('earshot-shared', async () => {
      if (!(await caches.has(SHARED_CACHE))) return;
      const cache = await caches.open(SHARED_CACHE);
      const kept = await cache.keys();
      const files = await Promise.all(kept.map(async (request) => fileOf(await cache.match(request))));
      add(files.filter((file) => file !== null));
      await caches.delete(SHARED_CACHE);
    });
  } catch {
    // Site data is blocked: nothing could be shared either.
  }
}

async function fileOf(kept: Response | undefined): Promise<File | null> {
  if (kept === undefined) return null;
  const [name, lastModified] = ['x-name', 'x-last-modified'].map((header) => kept.headers.get(header) ?? '');
  const blob = await kept.blob();
  return new File([blob], decodeURIComponent(name), { type: blob.type, lastModified: Number(lastModified) });
}
