/** What the page asked of which server, why, and how many bytes it was. Pure. */
import { phrase, t } from '../locale/text.ts';
import type { RequestEntry } from '../../workers/protocol.ts';
import { preciseSize, size } from '../clock.ts';

/** Who made it. */
export type Thread = 'page' | 'engine' | 'media' | 'store' | 'recorder' | 'service worker';
export type Request = RequestEntry & { by: Thread };

/** What the page knows about itself, to explain a request by. */
export type Place = {
  /** Absolute address of the page's folder. */
  base: string;
  /** Model id → its name. */
  models: ReadonlyMap<string, string>;
};

/** Requests of one kind to one host. `why` null: the page cannot explain them. */
export type RequestGroup = {
  host: string;
  why: string | null;
  /** Not the page's own host. */
  abroad: boolean;
  requests: number;
  bytes: number;
  /** Milliseconds since the epoch. */
  lastMs: number;
};

type Account = {
  groups: RequestGroup[];
  requests: number;
  bytes: number;
  /** Requests that a cache or the service worker of this device answered. */
  answeredHere: number;
  sentence: string;
  /** Empty where everything is explained. */
  unexplained: string;
};

/**
 * Whether the browser's cache or the service worker answered it, so that nothing was sent. Of requests to another origin
 * and of failed ones the browser tells no sizes; both count as sent.
 */
export function answeredHere(request: Request, base: string): boolean {
  if (request.transferBytes > 0 || (request.countedBytes ?? 0) > 0) return false;
  return new URL(request.url).origin === new URL(base).origin && (request.viaServiceWorker || request.bodyBytes > 0);
}

export function bytesOf(request: Request): number {
  return Math.max(request.transferBytes, request.countedBytes ?? 0);
}

/** In words, or null: nothing in this page asks for that. */
export function reasonOf({ url, modelId, by }: Request, { base, models }: Place): string | null {
  if (modelId !== null) {
    const name = models.get(modelId) ?? (modelId || t('A model'));
    return url.startsWith(`${base}models/`)
      ? t('{name}, comes with this page', { name })
      : t('{name}, because you asked', { name });
  }
  if (!url.startsWith(base)) return null;
  const path = url.slice(base.length).replace(/[?#].*$/, '');
  if (path === 'sw.js') return t('Looking for a new version');
  if (path.startsWith('demo/')) return t('The clip that comes with the page');
  const own = /^(index\.html|manifest\.webmanifest)?$|^(icons|assets|screenshots)\//.test(path);
  if (!own) return null;
  if (/silero/.test(path)) return t('The voice detector');
  if (/^assets\/(engine|media|store|speakers|ort|transformers)/.test(path)) return t('The engine');
  return by === 'service worker' ? t('The page, to be kept for offline use') : t('The page itself');
}

export function accountOf(all: readonly Request[], place: Place): Account {
  const sent = all.filter((request) => !answeredHere(request, place.base));
  const groups = new Map<string, RequestGroup>();
  const origin = new URL(place.base).origin;
  for (const request of sent) {
    const { host, origin: to } = new URL(request.url);
    const why = reasonOf(request, place);
    const key = `${host} ${why}`;
    const group = groups.get(key) ?? { host, why, abroad: to !== origin, requests: 0, bytes: 0, lastMs: 0 };
    group.requests += 1;
    group.bytes += bytesOf(request);
    group.lastMs = Math.max(group.lastMs, request.atMs);
    groups.set(key, group);
  }
  const sorted = [...groups.values()].sort((a, b) => Number(b.abroad) - Number(a.abroad) || b.bytes - a.bytes);
  return {
    groups: sorted,
    requests: sent.length,
    bytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0),
    answeredHere: all.length - sent.length,
    sentence: sentenceOf(sorted),
    unexplained: unexplainedOf(sorted),
  };
}

function sentenceOf(groups: readonly RequestGroup[]): string {
  const asked = groups.filter(({ abroad, why }) => abroad && why !== null);
  if (groups.some(({ abroad, why }) => abroad && why === null)) return t('Something was asked of another host.');
  if (asked.length > 0) {
    return asked
      .map(({ host, why, bytes }) => t('{size} came from {host}: {why}.', { size: size(bytes), host, why: why ?? '' }))
      .join(' ');
  }
  if (groups.length === 0) return t('Nothing has left this device since you opened the page.');
  const own = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  return t('Nothing of yours has left this device since you opened the page. Its own files came from {host}: {size}.', {
    host: groups[0].host,
    size: size(own),
  });
}

function unexplainedOf(groups: readonly RequestGroup[]): string {
  const strange = groups.filter(({ why }) => why === null);
  if (strange.length === 0) return '';
  const requests = strange.reduce((sum, group) => sum + group.requests, 0);
  const hosts = [...new Set(strange.map(({ host }) => host))].join(', ');
  return t(
    "{n} request to {hosts} can't be explained by this page. A browser extension may have made it.|{n} requests to {hosts} can't be explained by this page. A browser extension may have made them.",
    { n: requests, hosts },
  );
}

/** When a job ran, in milliseconds since the epoch; `endMs` null: it still runs. */
export type JobPeriod = { startMs: number; endMs: number | null };

/** "0 requests during the last job." */
export function jobWords(all: readonly Request[], job: JobPeriod | null, place: Place): string {
  if (job === null) return t('No file has run in this visit yet.');
  const { startMs, endMs } = job;
  const during = all
    .filter(({ atMs }) => atMs >= startMs && atMs <= (endMs ?? Infinity))
    .filter((request) => !answeredHere(request, place.base));
  const head = t(
    endMs === null
      ? phrase('{n} request during the job that runs|{n} requests during the job that runs')
      : phrase('{n} request during the last job|{n} requests during the last job'),
    { n: during.length },
  );
  if (during.length === 0) return `${head}.`;
  const account = accountOf(during, place);
  const whys = account.groups.map(({ why }) => why ?? t('not explained')).join('; ');
  return `${head}, ${preciseSize(account.bytes)}: ${whys}.`;
}
