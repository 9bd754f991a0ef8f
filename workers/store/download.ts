/** Fetches one file into its sink, through cuts, stalls and servers that cannot resume. */
import { ABORTED, fault } from '../protocol';
import { judge, looksLikePage } from './answer';
import type { FileSink } from './file-sink';
import { policyRefused } from './policy';

export type RetryPolicy = {
  /** Tries in a row that brought less than a hundredth of the file before giving up. */
  attempts: number;
  /** Doubles with each try, up to the longest. */
  firstWaitMs: number;
  longestWaitMs: number;
  /** A connection that brings no byte for so long is cut and tried again. */
  stallMs: number;
};

/** 0.5 + 1 + 2 + 4 + 8 s: rides out a change of network, gives up before a person thinks it hangs. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 6, firstWaitMs: 500, longestWaitMs: 15_000, stallMs: 30_000 };

type FileRequest = {
  address: string;
  totalBytes: number;
  /** The page's own files may sit behind the site's login; the hub never gets a cookie. */
  credentials: RequestCredentials;
  fetch: typeof fetch;
  retry: RetryPolicy;
};

type Outcome = 'whole' | { restart: Error };

/**
 * Ends with all bytes in the sink (not yet committed), or with `restart` when what is stored cannot be this file.
 * Whatever ends it, the bytes that came are on disk.
 * @param onBytes called with the bytes that just came over the network, once they are in the sink
 * Rejects with DownloadFailed, DownloadBlocked, HostNotAllowed, StorageFull or AbortError.
 */
export async function fetchInto(
  signal: AbortSignal,
  sink: FileSink,
  request: FileRequest,
  onBytes: (bytes: number) => void,
): Promise<Outcome> {
  let failures = 0;
  let from = sink.loadedBytes;
  while (sink.loadedBytes < request.totalBytes) {
    throwIfAborted(signal);
    const end = await fetchOnce(signal, sink, request, onBytes);
    if (end === 'whole') break;
    if (end.type === 'restart') return { restart: end.fault };
    // Bounded: every hundredth of the file earns the full number of tries again, nothing less does.
    if ((sink.loadedBytes - from) * 100 >= request.totalBytes) {
      from = sink.loadedBytes;
      failures = 0;
    }
    failures += 1;
    if (failures >= request.retry.attempts) throw end.fault;
    await wait(signal, Math.min(request.retry.longestWaitMs, request.retry.firstWaitMs * 2 ** (failures - 1)));
  }
  return 'whole';
}

type Cut = { type: 'retry' | 'restart'; fault: Error };

async function fetchOnce(
  signal: AbortSignal,
  sink: FileSink,
  request: FileRequest,
  onBytes: (bytes: number) => void,
): Promise<'whole' | Cut> {
  const connection = new AbortController();
  const either = AbortSignal.any([signal, connection.signal]);
  let watch: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(watch);
    watch = setTimeout(() => connection.abort(), request.retry.stallMs);
  };
  alive();
  try {
    const response = await send(either, request, sink.loadedBytes);
    const { headers, status } = response;
    const verdict = judge(
      { status, contentType: headers.get('content-type'), contentRange: headers.get('content-range') },
      sink.loadedBytes,
      request.totalBytes,
    );
    if (verdict.type === 'fail') throw verdict.fault;
    if (verdict.type !== 'read') return verdict;
    if (!response.body) return { type: 'retry', fault: fault('DownloadFailed', 'The answer was empty.') };
    return await readBody(response.body.getReader(), sink, verdict.skipBytes, request.totalBytes, (bytes) => {
      alive();
      onBytes(bytes);
    });
  } catch (error) {
    if (signal.aborted) throw fault(ABORTED);
    if (connection.signal.aborted)
      return { type: 'retry', fault: fault('DownloadFailed', `No byte came for ${request.retry.stallMs / 1000} s.`) };
    if (error instanceof NetworkError)
      return { type: 'retry', fault: fault('DownloadFailed', `${new URL(request.address).host}: ${error.message}`) };
    throw error;
  } finally {
    clearTimeout(watch);
    connection.abort();
    await sink.flush();
  }
}

/** The connection failed: DNS, TLS, CORS, cut, offline. The browser does not say which. */
class NetworkError extends Error {}

async function send(signal: AbortSignal, request: FileRequest, fromByte: number): Promise<Response> {
  try {
    return await request.fetch(request.address, {
      signal,
      credentials: request.credentials,
      // The store is IndexedDB: in the HTTP cache the bytes would lie on the disk a second time, unverified.
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      // A single open-ended range is a safelisted header: no preflight.
      ...(fromByte > 0 && { headers: { range: `bytes=${fromByte}-` } }),
    });
  } catch (error) {
    if (!signal.aborted && (await policyRefused(request.address))) throw mayNot(request.address);
    throw new NetworkError(String(error));
  }
}

const mayNot = (address: string) =>
  fault(
    'HostNotAllowed',
    `This page may not fetch from ${new URL(address).origin} yet. Reload it once. If that does not help, put the models beside the page and name that folder, such as ./mirror/.`,
  );

/**
 * One small answer in one piece: a listing, a model's settings. No byte is read beyond the bound, whatever the server
 * sends or says that it sends.
 * Rejects with DownloadFailed, DownloadBlocked, HostNotAllowed or AbortError; 401 and 404 are answers.
 */
export async function fetchSmall(
  signal: AbortSignal,
  address: string,
  mostBytes: number,
  { credentials, fetch, retry = DEFAULT_RETRY }: Pick<FileRequest, 'credentials' | 'fetch'> & Partial<FileRequest>,
): Promise<{ found: boolean; blob: Blob }> {
  const connection = new AbortController();
  const either = AbortSignal.any([signal, connection.signal]);
  let watch: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(watch);
    watch = setTimeout(() => connection.abort(), retry.stallMs);
  };
  alive();
  try {
    const response = await send(either, { address, totalBytes: 0, credentials, fetch, retry }, 0);
    const { headers, status } = response;
    if (status === 401 || status === 404) return { found: false, blob: new Blob() };
    const verdict = judge({ status, contentType: headers.get('content-type'), contentRange: null }, 0, 0);
    if (verdict.type !== 'read') throw verdict.fault;
    return { found: true, blob: await readAtMost(response, mostBytes, alive, new URL(address).host) };
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof Error && /^Download|^HostNotAllowed$/.test(error.name)) throw error;
    const why = connection.signal.aborted ? `No byte came for ${retry.stallMs / 1000} s.` : String(error);
    throw fault('DownloadFailed', `${new URL(address).host}: ${why}`);
  } finally {
    clearTimeout(watch);
    connection.abort();
  }
}

async function readAtMost(response: Response, mostBytes: number, alive: () => void, host: string): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) return new Blob(parts);
    alive();
    parts.push(value);
    bytes += value.byteLength;
    if (bytes > mostBytes) throw fault('DownloadFailed', `${host} sent more than ${mostBytes} bytes of a small file.`);
  }
}

async function readBody(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  sink: FileSink,
  skipBytes: number,
  totalBytes: number,
  onBytes: (bytes: number) => void,
): Promise<'whole' | Cut> {
  let skip = skipBytes;
  let fresh = sink.loadedBytes === skipBytes;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new NetworkError(String(error));
    });
    if (done) {
      if (sink.loadedBytes === totalBytes) return 'whole';
      const detail = `The connection ended after ${sink.loadedBytes} of ${totalBytes} bytes.`;
      return { type: 'retry', fault: fault('DownloadFailed', detail) };
    }
    if (fresh && value.byteLength > 0) {
      if (looksLikePage(value)) throw fault('DownloadBlocked', 'A web page came instead of the file.');
      fresh = false;
    }
    const past = Math.min(skip, value.byteLength);
    skip -= past;
    const bytes = value.subarray(past);
    if (sink.loadedBytes + bytes.byteLength > totalBytes)
      return { type: 'restart', fault: fault('DownloadFailed', `More than ${totalBytes} bytes came.`) };
    await sink.write(bytes);
    onBytes(value.byteLength);
  }
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw fault(ABORTED);
}

/** Rejects with AbortError when stopped meanwhile. */
function wait(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(fault(ABORTED));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
