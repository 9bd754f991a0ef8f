/** The model store in a worker of a real browser, against a hub that cuts, lies, stalls and corrupts. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import type { DownloadProgress, ImportReport, ModelState } from '../../workers/protocol.ts';
import { catalogue } from '../../workers/store/catalogue.ts';
import type { CatalogueModel } from '../../workers/store/model-files.ts';
import { CHUNK_BYTES } from '../../workers/store/chunks.ts';
import type { RetryPolicy } from '../../workers/store/download.ts';
import { expect, fixture, repository, test as base } from '../browser.ts';
import type { DownloadReport, StoreOptions } from '../harness/store.worker.ts';
import { serve, type Site } from '../serve.mjs';
import { modelOf, noise, sha256, startHub, whisperSettings, type Behaviour, type Hub } from './hub.ts';

type Harness = typeof import('../harness/store.ts');
type Caught<T> = { outcome: string; detail: string; value: T | null };

/** Three chunks, two chunks, and a file smaller than one. */
const BIG = 'onnx/encoder_model.onnx';
const SECOND = 'onnx/decoder_model_merged_q4.onnx';
const SMALL = 'config.json';
const files: Record<string, Buffer> = {
  [SMALL]: Buffer.from('{"model_type":"whisper"}'),
  [BIG]: noise(2 * CHUNK_BYTES + 1_234_567, 1),
  [SECOND]: noise(CHUNK_BYTES + 54_321, 2),
};
const model = modelOf('fake', files);
const totalBytes = model.files.reduce((total, file) => total + file.bytes, 0);
const bigBytes = files[BIG].length;
const keyOf = (path: string) => `fake@${model.revision}/${path}`;

/** No patience: the waits between tries are not what is tested. */
const quick: RetryPolicy = { attempts: 3, firstWaitMs: 1, longestWaitMs: 5, stallMs: 15_000 };
/** For a hub that falls silent. A busy machine is now and then, without having stalled. */
const impatient: RetryPolicy = { ...quick, stallMs: 1500 };
/** For a hub that holds its answer back on purpose. */
const patient: RetryPolicy = { ...quick, stallMs: 60_000 };

/** A tab with a store in its worker. */
class Tab {
  constructor(
    readonly page: Page,
    readonly origin: string,
  ) {}

  /** Calls a function of the harness by name, in the tab. */
  #call<T>(name: 'store' | 'disk', method: string, ...args: unknown[]): Promise<T> {
    return this.page.evaluate(
      async ([target, verb, values]) => {
        const harness = await window.harness.load<Harness>('store');
        const owner = (target === 'store' ? harness.store : harness) as unknown as Record<
          string,
          (...values: unknown[]) => Promise<unknown>
        >;
        return owner[verb](...values);
      },
      [name, method, args] as const,
    ) as Promise<T>;
  }

  open = (options: StoreOptions) => this.#call<void>('store', 'open', options);
  states = () => this.#call<ModelState[]>('store', 'states');
  add = (id: string) => this.#call<Caught<ModelState>>('store', 'add', id);
  useMirror = (address: string | null) => this.#call<Caught<null>>('store', 'useMirror', address);
  mirror = () => this.#call<string | null>('store', 'mirror');
  ready = (id = 'fake', optional: string[] = []) => this.#call<boolean>('store', 'ready', id, optional);
  download = (options: { stopAtBytes?: number; optional?: string[] } = {}, id = 'fake') =>
    this.#call<DownloadReport>('store', 'download', id, options);
  cancel = () => this.#call<void>('store', 'cancel');
  delete = (id = 'fake') => this.#call<Caught<null>>('store', 'delete', id);
  verify = (id = 'fake', stopAtBytes?: number, unasked = false) =>
    this.#call<Caught<string[]>>('store', 'verify', id, stopAtBytes, unasked);
  read = (path: string, id = 'fake') =>
    this.#call<Caught<{ bytes: number; sha256: string }>>('store', 'read', id, path);
  importFrom = (sources: { path: string; url: string; flipAt?: number }[], stopAtBytes?: number) =>
    this.#call<Caught<ImportReport>>('store', 'importFrom', sources, stopAtBytes);
  exported = (id = 'fake') => this.#call<Caught<{ path: string; sha256: string }[]>>('store', 'exported', id);
  exportedZip = (id = 'fake') => this.#call<Caught<{ path: string; sha256: string }[]>>('store', 'exportedZip', id);
  viaZip = (id = 'fake') => this.#call<Caught<ImportReport>>('store', 'viaZip', id);
  match = (key: string) => this.#call<{ length: string; sha256: string } | null>('store', 'match', key);
  keys = () => this.#call<string[]>('disk', 'keys');
  remove = (key: string) => this.#call<void>('disk', 'remove', key);
  put = (key: string, value: unknown) => this.#call<void>('disk', 'put', key, value);
  flip = (key: string, at: number) => this.#call<void>('disk', 'flip', key, at);
  sizeOf = (key: string) => this.#call<number>('disk', 'sizeOf', key);
  /** How many wait for the model's lock. */
  waiting = () => this.page.evaluate(async () => (await navigator.locks.query()).pending?.length ?? 0);
  crash = () => this.#call<void>('disk', 'crash');
  deleteDatabase = () => this.#call<void>('disk', 'deleteDatabase');
}

type NewTab = (retry?: RetryPolicy, models?: CatalogueModel[]) => Promise<Tab>;

const test = base.extend<{ hub: Hub; newTab: NewTab; tab: Tab }, { bare: Site }>({
  /** The harness without the page's policy, which (rightly) forbids a hub on the loopback address. */
  bare: [
    async ({}, use) => {
      const root = join(repository, 'tests/.out/harness');
      if (!existsSync(root)) throw new Error('the harness is not built: `npm test` does it');
      const site = await serve(root, { prefix: '/some/path/' });
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],

  hub: async ({}, use) => {
    const hub = await startHub(model, files);
    await use(hub);
    await hub.close();
  },
  newTab: async ({ context, bare, hub }, use) => {
    await use(async (retry = quick, models = [model]) => {
      const page = await context.newPage();
      await page.goto(bare.url);
      const tab = new Tab(page, new URL(bare.url).origin);
      await tab.open({ baseUrl: bare.url, hubUrl: hub.url, models, retry });
      return tab;
    });
  },
  tab: async ({ newTab }, use) => use(await newTab()),
});

/** All that "the model is here" means: ready, and every byte of every file is the right one. */
async function expectWhole(tab: Tab): Promise<void> {
  expect(await tab.ready()).toBe(true);
  for (const file of model.files) {
    expect(await tab.read(file.path)).toMatchObject({ value: { bytes: file.bytes, sha256: file.sha256 } });
  }
}

/** What `path` was asked for with, in order. */
const rangesOf = (hub: Hub, path: string) =>
  hub.requests.filter((request) => request.path === path).map((request) => request.from);

/** The large file stops in its third chunk, until the returned function is called. */
function hold(hub: Hub): () => void {
  let release = () => {};
  const until = new Promise<void>((resolve) => (release = resolve));
  hub.behave = only(BIG, () => ({ type: 'hold', afterBytes: 2 * CHUNK_BYTES + 100_000, until }));
  return release;
}

const only =
  (path: string, behave: (nth: number) => Behaviour): Hub['behave'] =>
  (request, nth) =>
    request.path === path ? behave(nth) : { type: 'serve' };

test('a download fetches each byte once; a second visit fetches none', async ({ hub, tab, newTab }) => {
  expect(await tab.states()).toMatchObject([
    { id: 'fake', source: 'hub', totalBytes, storedBytes: 0, ready: false, host: new URL(hub.url).host },
  ]);
  const report = await tab.download();
  expect(report).toMatchObject({ outcome: 'done', networkBytes: totalBytes });
  expect(hub.bodyBytes()).toBe(totalBytes);
  expect(report.events.at(-1)).toMatchObject({ modelId: 'fake', loadedBytes: totalBytes, totalBytes });
  expect(report.events.at(-1)?.files.every((file) => file.state === 'checked')).toBe(true);
  await expectWhole(tab);
  expect(await tab.states()).toMatchObject([{ storedBytes: totalBytes, partialBytes: 0, ready: true }]);
  // Nothing about the visitor goes along.
  for (const { headers } of hub.requests) {
    expect(headers.cookie).toBeUndefined();
    expect(headers.referer).toBeUndefined();
  }

  const requests = hub.requests.length;
  const later = await newTab();
  expect(await later.download()).toMatchObject({ outcome: 'done', networkBytes: 0 });
  await expectWhole(later);
  expect(hub.requests.length).toBe(requests);
});

test('transformers.js finds a stored file under its whole key, and nothing else', async ({ tab }) => {
  await tab.download();
  const found = { length: String(bigBytes), sha256: sha256(files[BIG]) };
  expect(await tab.match(`/models/fake/${BIG}`)).toEqual(found);
  expect(await tab.match(`https://huggingface.co/fake/resolve/${model.revision}/${BIG}`)).toEqual(found);
  // Another person's model of the same name.
  expect(await tab.match(`/models/someone/fake/${BIG}`)).toBeNull();
  expect(await tab.match(`https://huggingface.co/someone/fake/resolve/main/${BIG}`)).toBeNull();
  expect(await tab.match('/models/fake/onnx/encoder_model_fp16.onnx')).toBeNull();
  expect(await tab.match(`/models/other/${BIG}`)).toBeNull();
});

/** Every twentieth of the large file the line goes dead. */
const cutEvery5Percent = only(BIG, () => ({ type: 'cut', afterBytes: Math.ceil(bigBytes / 20) }));

test('a connection cut at every 5 % is resumed by itself, and no byte is kept twice', async ({ hub, newTab }) => {
  const tab = await newTab({ ...quick, attempts: 6 });
  hub.behave = cutEvery5Percent;
  expect(await tab.download()).toMatchObject({ outcome: 'done', networkBytes: totalBytes });
  const starts = rangesOf(hub, BIG);
  expect(starts.length).toBeGreaterThanOrEqual(20);
  expect(starts[0]).toBeNull();
  expect(starts).toEqual([...starts].sort((a, b) => (a ?? 0) - (b ?? 0)));
  await expectWhole(tab);
});

test('cut at any 5 %, a download that gave up goes on from there after a reload', async ({ hub, newTab }) => {
  const once: RetryPolicy = { ...quick, attempts: 1 };
  hub.behave = cutEvery5Percent;
  let kept = 0;
  for (let visit = 1; visit < 15; visit += 1) {
    const tab = await newTab(once);
    const report = await tab.download();
    expect(report.outcome).toBe('DownloadFailed');
    expect(report.events[0].loadedBytes).toBe(kept);
    expect(await tab.ready()).toBe(false);
    kept = report.events.at(-1)!.loadedBytes;
    await tab.page.close();
  }
  expect(kept).toBeGreaterThan(totalBytes / 3);
  hub.behave = () => ({ type: 'serve' });
  const tab = await newTab(once);
  expect(await tab.download()).toMatchObject({ outcome: 'done', networkBytes: totalBytes - kept });
  await expectWhole(tab);
});

test('a crash in the middle costs at most the chunks in flight', async ({ hub, newTab }) => {
  const first = await newTab(patient);
  hold(hub);
  void first.download().catch(() => 'the worker dies under it');
  await expect.poll(first.keys).toContain(`${keyOf(BIG)}#1`);
  await first.crash();
  await first.page.close();
  hub.behave = () => ({ type: 'serve' });
  const second = await newTab();
  const report = await second.download();
  expect(report.outcome).toBe('done');
  expect(report.networkBytes).toBeLessThanOrEqual(totalBytes - 2 * CHUNK_BYTES);
  expect(rangesOf(hub, BIG)).toEqual([null, 2 * CHUNK_BYTES]);
  await expectWhole(second);
});

test('a server without Range sends all again, and what was kept is not written twice', async ({ hub, newTab }) => {
  const tab = await newTab(patient);
  let cut = () => {};
  const until = new Promise<void>((resolve) => (cut = resolve));
  hub.behave = only(BIG, (nth) =>
    nth === 0
      ? { type: 'cut', afterBytes: Math.floor(bigBytes * 0.6), range: false, until }
      : { type: 'serve', range: false },
  );
  const running = tab.download();
  await expect.poll(tab.keys).toContain(`${keyOf(BIG)}#0`);
  cut();
  const report = await running;
  expect(report.outcome).toBe('done');
  const [first, second, ...more] = rangesOf(hub, BIG);
  expect(first).toBeNull();
  expect(second).toBeGreaterThanOrEqual(CHUNK_BYTES);
  expect(more).toEqual([]);
  const loaded = report.events.map((event) => event.loadedBytes);
  expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  await expectWhole(tab);
});

test.describe('servers that lie about the length', () => {
  test('a short file is asked for again and never taken for whole', async ({ hub, tab }) => {
    hub.behave = only(BIG, () => ({ type: 'short', bytes: 1_000_000 }));
    expect(await tab.download()).toMatchObject({ outcome: 'DownloadFailed' });
    expect(await tab.ready()).toBe(false);
    hub.behave = () => ({ type: 'serve' });
    expect(await tab.download()).toMatchObject({ outcome: 'done' });
    await expectWhole(tab);
  });

  test('a long file is refused, and gone from the disk', async ({ hub, tab }) => {
    hub.behave = only(SECOND, () => ({ type: 'long', extraBytes: 10 }));
    const report = await tab.download();
    expect(report.outcome).toBe('DownloadFailed');
    expect(report.detail).toContain(String(files[SECOND].length));
    expect(rangesOf(hub, SECOND)).toEqual([null, null]);
    expect((await tab.keys()).filter((key) => key.startsWith(keyOf(SECOND)))).toEqual([]);
    hub.behave = () => ({ type: 'serve' });
    expect(await tab.download()).toMatchObject({ outcome: 'done' });
    await expectWhole(tab);
  });
});

test.describe('wrong bytes on the way', () => {
  test('once: thrown away and fetched again by itself', async ({ hub, tab }) => {
    hub.behave = only(BIG, (nth) => (nth === 0 ? { type: 'flip', at: 5_000_000 } : { type: 'serve' }));
    expect(await tab.download()).toMatchObject({ outcome: 'done', networkBytes: totalBytes + bigBytes });
    await expectWhole(tab);
  });

  test('every time: never ready, never handed out, nothing left of it', async ({ hub, tab }) => {
    hub.behave = only(BIG, () => ({ type: 'flip', at: 5_000_000 }));
    expect(await tab.download()).toMatchObject({ outcome: 'ModelDamaged' });
    expect(rangesOf(hub, BIG).length).toBe(2);
    expect(await tab.ready()).toBe(false);
    expect(await tab.read(BIG)).toMatchObject({ outcome: 'ModelMissing' });
    expect(await tab.match(`/models/fake/${BIG}`)).toBeNull();
    expect((await tab.keys()).filter((key) => key.startsWith(keyOf(BIG)))).toEqual([]);
  });
});

test.describe('a web page instead of a file', () => {
  const page = '<!doctype html><title>Sign in</title>';
  const lies: Record<string, Behaviour> = {
    'said to be a page': { type: 'status', status: 200, contentType: 'text/html; charset=utf-8', body: page },
    'said to be bytes': { type: 'status', status: 200, contentType: 'application/octet-stream', body: `\n${page}` },
    'refused by a proxy': { type: 'status', status: 403, contentType: 'text/html', body: page },
    'a captive portal': { type: 'status', status: 511, contentType: 'text/html', body: page },
  };
  for (const [name, lie] of Object.entries(lies)) {
    test(`${name}: DownloadBlocked at once, and it works after signing in`, async ({ hub, tab }) => {
      hub.behave = only(SMALL, () => lie);
      expect(await tab.download()).toMatchObject({ outcome: 'DownloadBlocked' });
      expect(rangesOf(hub, SMALL).length).toBe(1);
      hub.behave = () => ({ type: 'serve' });
      expect(await tab.download()).toMatchObject({ outcome: 'done' });
      await expectWhole(tab);
    });
  }

  test('in place of the rest of a file: what was kept stays', async ({ hub, newTab }) => {
    const tab = await newTab(impatient);
    hub.behave = only(BIG, (nth) => (nth === 0 ? { type: 'stall', afterBytes: 6_000_000 } : lies['said to be bytes']));
    expect(await tab.download()).toMatchObject({ outcome: 'DownloadBlocked' });
    hub.behave = () => ({ type: 'serve' });
    const report = await tab.download();
    expect(report.networkBytes).toBeLessThan(totalBytes - 4_000_000);
    await expectWhole(tab);
  });
});

test.describe('refusals', () => {
  for (const status of [403, 429, 500, 503]) {
    test(`${status} twice, then the file`, async ({ hub, tab }) => {
      hub.behave = only(BIG, (nth) => (nth < 2 ? { type: 'status', status } : { type: 'serve' }));
      expect(await tab.download()).toMatchObject({ outcome: 'done', networkBytes: totalBytes });
      await expectWhole(tab);
    });
  }

  test('500 for ever: DownloadFailed after a bounded number of tries', async ({ hub, tab }) => {
    hub.behave = only(BIG, () => ({ type: 'status', status: 500, contentType: 'text/html', body: '<h1>Bad gateway' }));
    expect(await tab.download()).toMatchObject({ outcome: 'DownloadFailed', detail: expect.stringContaining('500') });
    expect(rangesOf(hub, BIG).length).toBe(quick.attempts);
  });

  test('404: DownloadFailed at once', async ({ hub, tab }) => {
    hub.behave = only(BIG, () => ({ type: 'status', status: 404 }));
    expect(await tab.download()).toMatchObject({ outcome: 'DownloadFailed', detail: expect.stringContaining('404') });
    expect(rangesOf(hub, BIG).length).toBe(1);
  });

  test('a redirect is followed; one to a host without CORS is DownloadFailed', async ({ hub, tab, bare }) => {
    hub.behave = only(BIG, () => ({ type: 'redirect', to: bare.url }));
    expect(await tab.download()).toMatchObject({ outcome: 'DownloadFailed' });
    const second = await startHub(model, files);
    const there = `${second.url}/${model.repo}/resolve/${model.revision}/${BIG}`;
    hub.behave = only(BIG, () => ({ type: 'redirect', to: there }));
    expect(await tab.download()).toMatchObject({ outcome: 'done' });
    expect(second.bodyBytes()).toBe(bigBytes);
    await second.close();
    await expectWhole(tab);
  });

  test('a hub that hangs up, and one that is not there', async ({ hub, tab }) => {
    hub.behave = only(BIG, (nth) => (nth === 0 ? { type: 'hang-up' } : { type: 'serve' }));
    expect(await tab.download()).toMatchObject({ outcome: 'done' });
    await tab.delete();
    await hub.close();
    const report = await tab.download();
    expect(report.outcome).toBe('DownloadFailed');
    expect(report.detail).toContain(new URL(hub.url).host);
  });
});

test('a stalled connection is cut and tried again, and its bytes are kept', async ({ hub, newTab }) => {
  const tab = await newTab(impatient);
  hub.behave = only(BIG, (nth) => (nth === 0 ? { type: 'stall', afterBytes: 5_000_000 } : { type: 'serve' }));
  expect(await tab.download()).toMatchObject({ outcome: 'done', networkBytes: totalBytes });
  expect(rangesOf(hub, BIG)).toEqual([null, 5_000_000]);
  await expectWhole(tab);
});

test('cancel answers within a second and keeps every byte that came', async ({ hub, newTab }) => {
  const tab = await newTab(patient);
  hold(hub);
  const stuck = tab.download();
  await expect.poll(async () => (await tab.states())[0]?.storedBytes).toBe(totalBytes - bigBytes);
  await expect.poll(tab.keys).toContain(`${keyOf(BIG)}#1`);
  const asked = Date.now();
  await tab.cancel();
  const cancelled = await stuck;
  expect(Date.now() - asked).toBeLessThan(1000);
  expect(cancelled.outcome).toBe('AbortError');
  expect(await tab.ready()).toBe(false);

  const kept = cancelled.events.at(-1)!.loadedBytes;
  expect(kept).toBeGreaterThanOrEqual(totalBytes - bigBytes + 2 * CHUNK_BYTES);
  const storedBytes = totalBytes - bigBytes;
  expect(await tab.states()).toMatchObject([{ ready: false, storedBytes, partialBytes: kept - storedBytes }]);
  hub.behave = () => ({ type: 'serve' });
  const report = await tab.download();
  expect(report.events[0].loadedBytes).toBe(kept);
  expect(report).toMatchObject({ outcome: 'done', networkBytes: totalBytes - kept });
  await expectWhole(tab);
});

test.describe('damage on the disk', () => {
  test('a flipped byte is found by verify and healed; the rest is left alone', async ({ hub, tab }) => {
    await tab.download();
    expect(await tab.states()).toMatchObject([{ checkedAt: null }]);
    const before = Date.now();
    expect(await tab.verify()).toMatchObject({ outcome: 'done', value: [] });
    expect((await tab.states())[0].checkedAt).toBeGreaterThanOrEqual(before);
    await tab.flip(`${keyOf(BIG)}#1`, 77);
    expect((await tab.read(BIG)).value?.sha256).not.toBe(sha256(files[BIG]));
    hub.requests.length = 0;
    expect(await tab.verify()).toMatchObject({ outcome: 'done', value: [BIG] });
    expect(hub.bodyBytes()).toBe(bigBytes);
    await expectWhole(tab);
  });

  test('a check that nobody asked for downloads nothing: the damaged file is gone, and asked for when it is missed', async ({
    hub,
    tab,
  }) => {
    await tab.download();
    await tab.flip(`${keyOf(BIG)}#1`, 77);
    hub.requests.length = 0;
    expect(await tab.verify('fake', undefined, true)).toMatchObject({ outcome: 'ModelDamaged', detail: BIG });
    expect(hub.requests).toEqual([]);
    expect(await tab.ready()).toBe(false);
    await tab.download();
    await expectWhole(tab);
  });

  test('verify without a network: the damaged file is gone and the model not ready', async ({ hub, tab }) => {
    await tab.download();
    await tab.flip(`${keyOf(BIG)}#0`, 0);
    hub.behave = () => ({ type: 'hang-up' });
    expect(await tab.verify()).toMatchObject({ outcome: 'DownloadFailed' });
    expect(await tab.ready()).toBe(false);
    expect(await tab.read(BIG)).toMatchObject({ outcome: 'ModelMissing' });
    expect(await tab.read(SECOND)).toMatchObject({ outcome: 'done' });
  });

  test('a missing or short chunk is healed on reading, without fetching what comes before it', async ({ hub, tab }) => {
    await tab.download();
    hub.requests.length = 0;
    await tab.remove(`${keyOf(BIG)}#1`);
    await expectWhole(tab);
    expect(rangesOf(hub, BIG)).toEqual([CHUNK_BYTES]);
    await tab.put(`${keyOf(SECOND)}#0`, 'not a chunk');
    await expectWhole(tab);
    expect(hub.bodyBytes()).toBe(bigBytes - CHUNK_BYTES + files[SECOND].length);
  });

  test('a missing chunk and a flipped byte before it: all of the file is fetched again', async ({ hub, tab }) => {
    await tab.download();
    hub.requests.length = 0;
    await tab.flip(`${keyOf(BIG)}#0`, 9);
    await tab.remove(`${keyOf(BIG)}#1`);
    await expectWhole(tab);
    expect(rangesOf(hub, BIG)).toEqual([CHUNK_BYTES, null]);
  });

  test('what cannot be healed is ModelDamaged, a miss for transformers.js, and not ready', async ({ hub, tab }) => {
    await tab.download();
    await tab.remove(`${keyOf(BIG)}#0`);
    hub.behave = () => ({ type: 'hang-up' });
    expect(await tab.match(`/models/fake/${BIG}`)).toBeNull();
    expect(await tab.read(BIG)).toMatchObject({ outcome: 'ModelDamaged' });
    expect(await tab.read(BIG)).toMatchObject({ outcome: 'ModelMissing' });
    expect(await tab.ready()).toBe(false);
  });

  test('a damaged half of a download is not built upon', async ({ hub, newTab }) => {
    const tab = await newTab(impatient);
    hub.behave = only(BIG, (nth) =>
      nth === 0 ? { type: 'stall', afterBytes: 6_000_000 } : { type: 'status', status: 404 },
    );
    expect(await tab.download()).toMatchObject({ outcome: 'DownloadFailed' });
    await tab.flip(`${keyOf(BIG)}#0`, 3);
    hub.behave = () => ({ type: 'serve' });
    const report = await tab.download();
    expect(report.outcome).toBe('done');
    expect(report.networkBytes).toBeGreaterThan(bigBytes);
    await expectWhole(tab);
  });
});

test('the database deleted in the middle of a download does not stop it', async ({ hub, newTab }) => {
  const tab = await newTab(patient);
  const release = hold(hub);
  const running = tab.download();
  await expect.poll(async () => (await tab.states())[0]?.storedBytes).toBe(totalBytes - bigBytes);
  await expect.poll(tab.keys).toContain(`${keyOf(BIG)}#1`);
  await tab.deleteDatabase();
  release();
  expect((await running).outcome).toBe('done');
  // Whole before anything is read: reading would heal it.
  const stored = (await tab.keys()).filter((key) => key.startsWith(keyOf(BIG))).sort();
  expect(stored).toEqual(['', '#0', '#1', '#2'].map((end) => keyOf(BIG) + end));
  await expectWhole(tab);

  await tab.deleteDatabase();
  expect(await tab.ready()).toBe(false);
  hub.behave = () => ({ type: 'serve' });
  expect(await tab.download()).toMatchObject({ outcome: 'done', networkBytes: totalBytes });
  await expectWhole(tab);
});

test('a full disk is StorageFull whatever chunk meets it; with room again it goes on', async ({ tab }) => {
  const cdp = await tab.page.context().newCDPSession(tab.page);
  const setQuota = (quotaSize?: number) =>
    cdp.send('Storage.overrideQuotaForOrigin', { origin: tab.origin, ...(quotaSize && { quotaSize }) });
  for (const chunks of [0, 1, 2, 3]) {
    await setQuota(chunks * CHUNK_BYTES + 500_000);
    const report = await tab.download();
    expect(report.outcome).toBe('StorageFull');
    expect(report.detail).toMatch(/^\d+ bytes needed/);
    expect(await tab.ready()).toBe(false);
  }
  await setQuota();
  const report = await tab.download();
  expect(report.outcome).toBe('done');
  expect(report.networkBytes).toBeLessThan(totalBytes - 2 * CHUNK_BYTES);
  await expectWhole(tab);
});

test.describe('several tabs', () => {
  test('two at once fetch each byte once, and the second follows the first', async ({ hub, newTab }) => {
    const release = hold(hub);
    const first = await newTab(patient);
    const second = await newTab(patient);
    const firstRun = first.download();
    await expect.poll(() => hub.bodyBytes(BIG)).toBeGreaterThan(0);
    const secondRun = second.download();
    await expect.poll(second.waiting).toBe(1);
    release();
    const [one, other] = await Promise.all([firstRun, secondRun]);
    expect(one).toMatchObject({ outcome: 'done', networkBytes: totalBytes });
    expect(other).toMatchObject({ outcome: 'done', networkBytes: 0 });
    expect(hub.bodyBytes()).toBe(totalBytes);
    expect(other.events.filter((event: DownloadProgress) => event.loadedBytes < totalBytes).length).toBeGreaterThan(0);
    expect(other.events.at(-1)).toMatchObject({ loadedBytes: totalBytes, totalBytes });
    await expectWhole(second);
  });

  test('when the first goes away the second takes over from there', async ({ hub, newTab }) => {
    hold(hub);
    const first = await newTab(patient);
    const second = await newTab(patient);
    void first.download().catch(() => 'the tab is closed under it');
    await expect.poll(second.keys).toContain(`${keyOf(BIG)}#1`);
    const secondRun = second.download();
    await expect.poll(second.waiting).toBe(1);
    hub.behave = () => ({ type: 'serve' });
    await first.page.close();
    const report = await secondRun;
    expect(report.outcome).toBe('done');
    expect(rangesOf(hub, BIG)).toEqual([null, 2 * CHUNK_BYTES]);
    await expectWhole(second);
  });

  test('a waiting tab can be cancelled without disturbing the other', async ({ hub, newTab }) => {
    const release = hold(hub);
    const first = await newTab(patient);
    const second = await newTab(patient);
    const firstRun = first.download();
    await expect.poll(() => hub.bodyBytes(BIG)).toBeGreaterThan(0);
    const secondRun = second.download();
    await expect.poll(second.waiting).toBe(1);
    await second.cancel();
    expect((await secondRun).outcome).toBe('AbortError');
    release();
    expect((await firstRun).outcome).toBe('done');
    expect(hub.bodyBytes()).toBe(totalBytes);
  });
});

test.describe('by disk instead of by network', () => {
  const urlOf = (hub: Hub, path: string) => `${hub.url}/${model.repo}/resolve/${model.revision}/${path}`;

  test('files are known by their bytes, whatever they are called, and go out as they came', async ({ hub, tab }) => {
    expect(await tab.exported()).toMatchObject({ outcome: 'ModelMissing' });
    const imported = await tab.importFrom([
      { path: 'stick/fake/config.json', url: urlOf(hub, SMALL) },
      { path: '../../etc/passwd', url: urlOf(hub, BIG) },
      { path: 'decoder (1).onnx', url: urlOf(hub, SECOND) },
      { path: 'holiday.jpg', url: `${hub.url}/nothing/here` },
    ]);
    expect(imported.value).toEqual({
      stored: [SMALL, BIG, SECOND].map((path) => ({ modelId: 'fake', path })),
      damaged: [],
      unknown: ['holiday.jpg'],
      refused: [],
    });
    hub.requests.length = 0;
    await expectWhole(tab);
    expect(await tab.download()).toMatchObject({ outcome: 'done', networkBytes: 0 });
    expect(hub.requests).toEqual([]);
    const whole = model.files.map((file) => ({ path: `fake/${file.path}`, sha256: file.sha256 }));
    expect((await tab.exported()).value).toEqual(whole);
    expect((await tab.exportedZip()).value).toEqual(whole);

    const back = await tab.viaZip();
    expect(back.value).toEqual({
      stored: model.files.map(({ path }) => ({ modelId: 'fake', path })),
      damaged: [],
      unknown: [],
      refused: [],
    });
    await expectWhole(tab);
    expect(hub.requests).toEqual([]);
  });

  test('an archive never carries damage away: what is wrong is fetched again first', async ({ hub, tab }) => {
    await tab.download();
    await tab.flip(`${keyOf(BIG)}#1`, 77);
    const zip = await tab.exportedZip();
    expect(zip.value).toContainEqual({ path: `fake/${BIG}`, sha256: sha256(files[BIG]) });
    await tab.flip(`${keyOf(BIG)}#1`, 77);
    hub.behave = () => ({ type: 'hang-up' });
    expect(await tab.exportedZip()).toMatchObject({ outcome: 'DownloadFailed' });
    expect(await tab.ready()).toBe(false);
  });

  test('one wrong bit or a short copy is damaged and not kept', async ({ hub, tab }) => {
    hub.behave = only(SECOND, () => ({ type: 'short', bytes: 1000 }));
    const imported = await tab.importFrom([
      { path: 'fake/onnx/encoder_model.onnx', url: urlOf(hub, BIG), flipAt: 5_000_000 },
      { path: 'fake/onnx/decoder_model_merged_q4.onnx', url: urlOf(hub, SECOND) },
    ]);
    expect(imported.value).toEqual({
      stored: [],
      damaged: ['fake/onnx/encoder_model.onnx', 'fake/onnx/decoder_model_merged_q4.onnx'],
      unknown: [],
      refused: [],
    });
    expect(await tab.keys()).toEqual([]);
  });

  test('a disk that fills up during an import is said; with room again the rest is taken', async ({ hub, tab }) => {
    const cdp = await tab.page.context().newCDPSession(tab.page);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: tab.origin, quotaSize: CHUNK_BYTES + 500_000 });
    const all = [SMALL, BIG, SECOND].map((path) => ({ path, url: urlOf(hub, path) }));
    const full = await tab.importFrom(all);
    expect(full).toMatchObject({ outcome: 'StorageFull', detail: expect.stringMatching(/^\d+ bytes needed/) });
    expect(await tab.ready()).toBe(false);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: tab.origin });
    expect((await tab.importFrom(all)).value?.stored.length).toBe(3);
    await expectWhole(tab);
  });

  test('an import and a verification stop when asked, and can be begun again', async ({ hub, tab }) => {
    const all = [SMALL, BIG, SECOND].map((path) => ({ path, url: urlOf(hub, path) }));
    // In the middle of the large file.
    expect(await tab.importFrom(all, CHUNK_BYTES)).toMatchObject({ outcome: 'AbortError' });
    expect(await tab.ready()).toBe(false);
    expect((await tab.importFrom(all)).value?.stored.length).toBe(3);
    expect(await tab.verify('fake', CHUNK_BYTES)).toMatchObject({ outcome: 'AbortError' });
    expect(await tab.states()).toMatchObject([{ ready: true, checkedAt: null }]);
    await expectWhole(tab);
  });

  test('an import finishes what a download began', async ({ hub, tab }) => {
    hub.behave = only(BIG, () => ({ type: 'status', status: 404 }));
    expect(await tab.download()).toMatchObject({ outcome: 'DownloadFailed' });
    hub.behave = () => ({ type: 'serve' });
    const rest = [SMALL, BIG, SECOND].map((path) => ({ path, url: urlOf(hub, path) }));
    expect((await tab.importFrom(rest)).value?.stored.length).toBe(3);
    await expectWhole(tab);
  });
});

test('a mirror takes the place of the hub, is kept, and is believed no more than the hub', async ({
  hub,
  tab,
  newTab,
}) => {
  const mirror = await startHub(model, files);
  expect(await tab.useMirror('mirror.example')).toMatchObject({ outcome: 'DownloadFailed' });
  expect(await tab.mirror()).toBeNull();
  expect(await tab.useMirror(mirror.url)).toMatchObject({ outcome: 'done' });
  hub.behave = () => ({ type: 'hang-up' });
  mirror.behave = only(SECOND, () => ({ type: 'flip', at: 7 }));
  expect(await tab.download()).toMatchObject({ outcome: 'ModelDamaged' });
  mirror.behave = only(SMALL, () => ({ type: 'status', status: 200, contentType: 'text/html', body: '<p>Sign in' }));
  await tab.delete();
  expect(await tab.download()).toMatchObject({ outcome: 'DownloadBlocked' });
  mirror.behave = () => ({ type: 'serve' });

  const later = await newTab();
  expect(await later.mirror()).toBe(`${mirror.url}/`);
  expect(await later.states()).toMatchObject([{ host: new URL(mirror.url).host }]);
  expect(await later.download()).toMatchObject({ outcome: 'done' });
  await expectWhole(later);
  // Healing asks it too.
  await later.flip(`${keyOf(BIG)}#1`, 77);
  expect(await later.verify()).toMatchObject({ outcome: 'done', value: [BIG] });
  expect(hub.requests).toEqual([]);

  await later.useMirror(null);
  await later.delete();
  hub.behave = () => ({ type: 'serve' });
  expect(await later.download()).toMatchObject({ outcome: 'done' });
  expect(hub.bodyBytes()).toBe(totalBytes);
  await mirror.close();
});

test('a model of the hub is added by its name, pinned, verified, kept on the list and taken off it', async ({
  newTab,
}) => {
  const added = {
    ...files,
    ...whisperSettings(),
    'tokenizer.json': noise(3000, 5),
    'tokenizer_config.json': Buffer.from('{ }'),
  };
  const theirs = modelOf('own', added, { revision: '7'.repeat(40) });
  const hub = await startHub(theirs, added);
  const first = await newTab(impatient);
  await first.useMirror(hub.url);

  expect(await first.add('no name')).toMatchObject({ outcome: 'EngineFailed' });
  expect(await first.add('someone/else')).toMatchObject({
    outcome: 'EngineFailed',
    detail: 'The hub has no model called someone/else, or does not show it to everyone.',
  });
  hub.behave = only('tokenizer.json', () => ({ type: 'flip', at: 9 }));
  expect(await first.add('someone/own')).toMatchObject({ outcome: 'ModelDamaged' });
  // Small, says the listing, and then there is no end of it: read up to a bound, and let go.
  const endless = only('tokenizer.json', () => ({ type: 'long', extraBytes: 60_000_000 }));
  hub.behave = endless;
  hub.requests.length = 0;
  expect(await first.add('someone/own')).toMatchObject({
    outcome: 'DownloadFailed',
    detail: expect.stringContaining('sent more than 20000000 bytes of a small file'),
  });
  expect(hub.bodyBytes('tokenizer.json')).toBeLessThan(50_000_000);
  hub.behave = only('tokenizer.json', () => ({ type: 'stall', afterBytes: 10 }));
  expect(await first.add('someone/own')).toMatchObject({
    outcome: 'DownloadFailed',
    detail: expect.stringContaining('No byte came for 1.5 s.'),
  });
  expect((await first.states()).length).toBe(1);

  hub.behave = () => ({ type: 'serve' });
  const state = {
    id: 'someone/own',
    trust: 'hub',
    custom: true,
    ready: false,
    backends: ['gpu', 'cpu'],
    note: 'Added by you, not verified by Earshot.',
  };
  expect((await first.add('someone/own')).value).toMatchObject(state);
  hub.requests.length = 0;

  const later = await newTab();
  expect(await later.states()).toMatchObject([{ id: 'fake' }, state]);
  expect(await later.download({}, 'someone/own')).toMatchObject({ outcome: 'done' });
  // The settings came with the asking.
  expect(hub.requests.map(({ path }) => path).sort()).toEqual([SECOND, BIG].sort());
  for (const [path, bytes] of Object.entries(added)) {
    expect(await later.read(path, 'someone/own')).toMatchObject({ value: { sha256: sha256(bytes) } });
  }
  expect(await later.match('/models/someone/own/tokenizer.json')).not.toBeNull();
  await later.delete('someone/own');
  expect((await later.states()).map(({ id }) => id)).toEqual(['fake']);
  expect(await later.keys()).toEqual([]);
  await hub.close();
});

test('what another model has here byte for byte is copied and checked, not fetched', async ({ hub, newTab }) => {
  const other = modelOf('other', { [BIG]: files[BIG], [SMALL]: Buffer.from('{"model_type":"whisper" }') });
  const theirs = await startHub(other, { [BIG]: files[BIG], [SMALL]: Buffer.from('{"model_type":"whisper" }') });
  const first = await newTab(quick, [model, other]);
  await first.download();
  const tab = await newTab(quick, [model, other]);
  await tab.useMirror(theirs.url);
  expect(await tab.download({}, 'other')).toMatchObject({ outcome: 'done', networkBytes: 25 });
  expect(theirs.requests.map(({ path }) => path)).toEqual([SMALL]);
  expect(await tab.read(BIG, 'other')).toMatchObject({ value: { sha256: sha256(files[BIG]) } });

  // A copy that has gone bad is not believed: then it is fetched.
  await tab.delete('other');
  await tab.flip(`${keyOf(BIG)}#1`, 5);
  expect(await tab.download({}, 'other')).toMatchObject({ outcome: 'done', networkBytes: 25 + bigBytes });
  expect(await tab.read(BIG, 'other')).toMatchObject({ value: { sha256: sha256(files[BIG]) } });
  expect(hub.bodyBytes()).toBe(totalBytes);
  await theirs.close();
});

test('a model that has changed its id finds the files of earlier visits, and leaves them to no other', async ({
  hub,
  newTab,
}) => {
  // In an earlier version of the page the hub's model was called "fake".
  const earlier = await newTab();
  await earlier.download();
  await earlier.page.close();
  hub.requests.length = 0;
  const renamed = { ...model, id: 'fake-hub', shelf: 'fake' };
  const bundled: CatalogueModel = {
    ...catalogue.find(({ id }) => id === 'whisper-digits-10s')!,
    ...{ id: 'fake', shelf: 'fake-bundled' },
  };
  const tab = await newTab(quick, [bundled, renamed]);
  expect(await tab.states()).toMatchObject([
    { id: 'fake', storedBytes: 0, ready: false },
    { id: 'fake-hub', storedBytes: totalBytes, ready: true },
  ]);
  expect(await tab.download({}, 'fake-hub')).toMatchObject({ outcome: 'done', networkBytes: 0 });
  expect(await tab.read(BIG, 'fake-hub')).toMatchObject({ value: { sha256: sha256(files[BIG]) } });
  // The other one's coming and going takes nothing from it. Its folder is not on this host, so it fails half way.
  expect(await tab.download({}, 'fake')).toMatchObject({ outcome: 'DownloadFailed' });
  await tab.delete('fake');
  expect(await tab.ready('fake-hub')).toBe(true);
  await tab.delete('fake-hub');
  expect(await tab.keys()).toEqual([]);
  expect(hub.requests).toEqual([]);
});

test('delete frees everything; another revision of the model goes when this one comes', async ({
  hub,
  tab,
  newTab,
}) => {
  await tab.download();
  const newer = { ...model, revision: 'feedbeef' };
  const later = await newTab(quick, [newer]);
  expect(await later.ready()).toBe(false);
  hub.behave = () => ({ type: 'hang-up' });
  await later.download();
  expect((await later.keys()).filter((key) => key.startsWith('fake@0123abcd'))).toEqual([]);
  hub.behave = () => ({ type: 'serve' });
  await tab.download();
  await tab.delete();
  expect(await tab.keys()).toEqual([]);
  expect(await tab.states()).toMatchObject([{ storedBytes: 0, ready: false }]);
});

test('a bundled model comes from the page itself, under a sub-path too, and then never again', async ({
  newTab,
  bare,
}) => {
  const id = 'whisper-digits-10s';
  const digits = catalogue.find((one) => one.id === id)!;
  const needed = digits.files.filter((file) => !file.optional);
  const tab = await newTab(quick, catalogue);
  bare.log.length = 0;
  expect(await tab.download({}, id)).toMatchObject({ outcome: 'done' });
  expect([...bare.log].sort()).toEqual(needed.map((file) => `/some/path/models/${id}/${file.path}`).sort());
  expect(await tab.ready(id)).toBe(true);
  const state = (await tab.states()).find((one) => one.id === id);
  expect(state).toMatchObject({ ready: true, host: 'this page', source: 'bundled' });

  const extra = digits.files.filter((file) => file.optional);
  const optional = extra.map((file) => file.path);
  expect(await tab.ready(id, optional)).toBe(false);
  expect(await tab.download({ optional }, id)).toMatchObject({
    networkBytes: extra.reduce((total, file) => total + file.bytes, 0),
  });
  expect(await tab.ready(id, optional)).toBe(true);
  for (const { path, sha256: expected } of digits.files) {
    expect(await tab.read(path, id)).toMatchObject({ value: { sha256: expected } });
    expect(sha256(await readFile(join(repository, 'public/models', id, path)))).toBe(expected);
  }

  bare.log.length = 0;
  const later = await newTab(quick, catalogue);
  bare.log.length = 0;
  expect(await later.download({ optional }, id)).toMatchObject({ outcome: 'done', networkBytes: 0 });
  expect(bare.log.filter((path) => path.includes('/models/'))).toEqual([]);
});

test('a bundled file that is cut short goes on where it broke off when the page’s host has it whole', async ({
  newTab,
}) => {
  const id = 'whisper-digits-10s';
  const encoder = catalogue.find((one) => one.id === id)!.files.find(({ path }) => path === BIG)!;
  const tab = await newTab(quick, catalogue);
  const content = await readFile(join(repository, 'public/models', id, BIG));
  const half = Math.floor(encoder.bytes / 2);
  await tab.page
    .context()
    .route(`**/models/${id}/${BIG}`, (route) => route.fulfill({ body: content.subarray(0, half) }));
  expect(await tab.download({}, id)).toMatchObject({
    outcome: 'DownloadFailed',
    detail: `The connection ended after ${half} of ${encoder.bytes} bytes.`,
  });
  expect(await tab.ready(id)).toBe(false);
  const kept = (await tab.states()).find((one) => one.id === id)!;
  expect(kept.partialBytes).toBeGreaterThanOrEqual(half);
  await tab.page.context().unrouteAll();
  expect(await tab.download({}, id)).toMatchObject({
    outcome: 'done',
    networkBytes: kept.totalBytes - kept.storedBytes - (kept.partialBytes ?? 0),
  });
  expect(await tab.read(BIG, id)).toMatchObject({ value: { sha256: encoder.sha256 } });
});

test('a model whose stored bytes went bad is healed while it is loaded, and is not run when it cannot be', async ({
  harness,
}) => {
  const id = 'whisper-digits-10s';
  const digits = catalogue.find((one) => one.id === id)!;
  /** Loads in a fresh worker, after `damage` was done to the disk. */
  const load = (damage: 'none' | 'graph' | 'gone') =>
    harness.evaluate(
      async ([id, revision, damage]) => {
        const engine = await window.harness.load<typeof import('../harness/engine.ts')>('engine');
        const disk = await window.harness.load<Harness>('store');
        engine.restart();
        const key = `${id}@${revision}/onnx/decoder_model_merged_q4.onnx#0`;
        // The graph's first bytes: no ONNX model any more. A flip among the weights only a hash can see.
        if (damage === 'graph') for (let at = 0; at < 4; at += 1) await disk.flip(key, at);
        if (damage === 'gone') await disk.remove(key);
        return engine.load(id, 'cpu').then(
          ({ source }) => source as string,
          (error: Error) => error.name,
        );
      },
      [id, digits.revision, damage] as const,
    );
  expect(await load('none')).toBe('network');
  expect(await load('graph')).toBe('indexeddb');
  expect(await load('gone')).toBe('indexeddb');
  await harness.route('**/models/**', (route) => route.fulfill({ status: 404 }));
  expect(await load('graph')).toBe('DownloadFailed');
});

test('the database deleted in the middle of a job costs the job nothing', async ({ harness }) => {
  const id = 'whisper-digits-10s';
  const heard = await harness.evaluate(
    async ([id, base64]) => {
      const engine = await window.harness.load<typeof import('../harness/engine.ts')>('engine');
      const disk = await window.harness.load<Harness>('store');
      await engine.load(id, 'cpu');
      const deletions: Promise<void>[] = [];
      const { text } = await engine.hear(engine.fileOf(base64, 'clip.wav'), { language: 'en' }, (event) => {
        if (event.type === 'facts') deletions.push(disk.deleteDatabase());
      });
      await Promise.all(deletions);
      const keys = await disk.keys();
      // The next load finds nothing and fetches it again.
      engine.restart();
      return { text, deleted: deletions.length, left: keys.length, next: (await engine.load(id, 'cpu')).source };
    },
    [id, (await readFile(fixture('windows/synthetic_en_10s_0.wav'))).toString('base64')] as const,
  );
  expect(heard).toEqual({
    text: 'two eight six seven zero four four zero',
    deleted: 1,
    left: 0,
    next: 'network',
  });
});
