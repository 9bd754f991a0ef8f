/** Brings the files of one model that are missing. The caller holds the model's lock. */
import { ABORTED, fault, type DownloadProgress } from '../protocol';
import { addressOf, type CatalogueModel, type ModelFile } from './model-files';
import type { ChunkDatabase } from './chunks';
import { fetchInto, throwIfAborted, type RetryPolicy } from './download';
import { FileSink } from './file-sink';
import { Pace } from './pace';
import { makeSureOfRoom, withRoomSaid } from './room';
import { bytesOf, committed, evictStale, keyOf } from './shelf';

/** Two at a time: the small files' round trips hide behind a large one; more only splits the same line. */
const PARALLEL_FILES = 2;
/** Progress goes out ten times a second at most. */
const PROGRESS_MS = 100;

type DownloadSource = {
  database: ChunkDatabase;
  model: CatalogueModel;
  baseUrl: string;
  hubUrl: string;
  fetch: typeof fetch;
  retry: RetryPolicy;
};

type OnProgress = (progress: DownloadProgress) => void;

/**
 * @returns bytes that came over the network; 0 means everything was here
 * Rejects with DownloadFailed, DownloadBlocked, ModelDamaged, StorageFull or AbortError.
 */
export async function fetchMissing(
  signal: AbortSignal,
  source: DownloadSource,
  files: ModelFile[],
  onProgress: OnProgress,
): Promise<number> {
  const { database, model } = source;
  await evictStale(database, model);
  let stored = await committed(database, model, files);
  let networkBytes = 0;
  // Twice: the person can clear the site's data while files are on their way.
  for (let pass = 1; pass <= 2 && stored.length < files.length; pass += 1) {
    networkBytes += await fetchFiles(signal, source, files, stored, onProgress);
    stored = await committed(database, model, files);
  }
  if (stored.length < files.length) throw fault('DownloadFailed', 'The browser threw the stored files away.');
  const pace = new Pace(model.id, files);
  for (const file of files) pace.set(file.path, file.bytes, 'checked');
  onProgress(pace.progress(performance.now()));
  return networkBytes;
}

async function fetchFiles(
  signal: AbortSignal,
  source: DownloadSource,
  files: ModelFile[],
  stored: ModelFile[],
  onProgress: OnProgress,
): Promise<number> {
  const { database, model } = source;
  const missing = files.filter((file) => !stored.includes(file));
  const pace = new Pace(model.id, files);
  for (const file of stored) pace.set(file.path, file.bytes, 'checked');
  let networkBytes = 0;
  let toldMs = -Infinity;
  const report = (now: boolean) => {
    const nowMs = performance.now();
    if (!now && nowMs - toldMs < PROGRESS_MS) return;
    toldMs = nowMs;
    onProgress(pace.progress(nowMs));
  };

  const sinks: FileSink[] = [];
  for (const file of missing) {
    const sink = await FileSink.open(database, keyOf(model, file.path), file);
    sinks.push(sink);
    pace.set(file.path, sink.loadedBytes, 'waiting');
    throwIfAborted(signal);
  }
  report(true);
  const bytesToCome = () => bytesOf(missing) - sinks.reduce((total, sink) => total + sink.loadedBytes, 0);
  await makeSureOfRoom(bytesToCome());
  try {
    await inParallel(signal, PARALLEL_FILES, missing, async (file, index, either) => {
      await fetchOne(either, source, file, sinks[index], (bytes, sink) => {
        networkBytes += bytes;
        sinks[index] = sink;
        pace.arrive(bytes, performance.now());
        pace.set(file.path, sink.loadedBytes, 'loading');
        report(false);
      });
      pace.set(file.path, file.bytes, 'checked');
      report(true);
    });
  } catch (error) {
    report(true);
    throw await withRoomSaid(error, bytesToCome());
  }
  return networkBytes;
}

/** Bytes that are wrong as a whole are thrown away and fetched once more; then the server's file is wrong. */
async function fetchOne(
  signal: AbortSignal,
  { database, model, baseUrl, hubUrl, fetch, retry }: DownloadSource,
  file: ModelFile,
  opened: FileSink,
  onBytes: (bytes: number, sink: FileSink) => void,
): Promise<void> {
  const key = keyOf(model, file.path);
  const request = {
    address: addressOf(model, file.path, baseUrl, hubUrl),
    totalBytes: file.bytes,
    credentials: credentialsFor(model.source === 'bundled' ? baseUrl : hubUrl, baseUrl),
    fetch,
    retry,
  };
  const first = await attempt(opened);
  if (!first) return;
  const second = await attempt(await FileSink.fresh(database, key, file));
  if (second) throw second;

  /** Null: verified and kept. */
  async function attempt(sink: FileSink): Promise<Error | null> {
    const outcome = await fetchInto(signal, sink, request, (bytes) => onBytes(bytes, sink));
    if (outcome === 'whole') {
      return (await sink.commit()) ? null : fault('ModelDamaged', `${file.path}: not the SHA-256 it should have.`);
    }
    await database.evict(key);
    return outcome.restart;
  }
}

/** What lies on the page's own origin may sit behind the site's login; nobody else gets a cookie. */
export const credentialsFor = (address: string, baseUrl: string): RequestCredentials =>
  new URL(address).origin === new URL(baseUrl).origin ? 'same-origin' : 'omit';

/** `task` over all items, `width` at a time. The first failure stops the others softly and is the one thrown. */
async function inParallel<T>(
  signal: AbortSignal,
  width: number,
  items: T[],
  task: (item: T, index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) {
      if (either.aborted) return;
      try {
        await task(item, index, either);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  if (signal.aborted) throw fault(ABORTED);
  if (failures.length > 0) throw failures[0];
}
