/**
 * What the person added to the places models come from: the address of a mirror, models of the hub by id. Kept across
 * visits in a database of their own; the service worker reads the mirror here too.
 */
import { get, set, update } from 'idb-keyval';
import { fault } from '../protocol';
import type { CatalogueModel } from './catalogue';
import { Database } from './database';

const MIRROR = 'mirror';
const ADDED = 'added';

const database = new Database('earshot-sources', 'sources');

/** Absolute, with a slash at its end; null: the hub itself. */
export async function keptMirror(): Promise<string | null> {
  return (await database.run((use) => get<string | null>(MIRROR, use))) ?? null;
}

export function keepMirror(address: string | null): Promise<void> {
  return database.run((use) => set(MIRROR, address, use));
}

/** Models the person added by hub id, oldest first. */
export async function addedModels(): Promise<CatalogueModel[]> {
  return (await database.run((use) => get<CatalogueModel[]>(ADDED, use))) ?? [];
}

/** A model of the same id is replaced. */
export function addModel(model: CatalogueModel): Promise<void> {
  return change((models) => [...models.filter(({ id }) => id !== model.id), model]);
}

export function removeModel(modelId: string): Promise<void> {
  return change((models) => models.filter(({ id }) => id !== modelId));
}

/** In one transaction: another tab may change the list too. */
function change(next: (models: CatalogueModel[]) => CatalogueModel[]): Promise<void> {
  return database.run((use) => update<CatalogueModel[]>(ADDED, (models) => next(models ?? []), use));
}

/**
 * The address of a mirror as it is kept.
 * @param address as a person types it; relative to the page too
 * Throws DownloadFailed in words for one that cannot be a mirror.
 */
export function mirrorAddress(address: string, baseUrl: string): string {
  const typed = address.trim();
  // "mirror.example/hub" alone would be a folder of the page.
  const base = /^\.{0,2}\//.test(typed) ? baseUrl : undefined;
  if (!URL.canParse(typed, base)) throw fault('DownloadFailed', NO_ADDRESS);
  const url = new URL(typed, base);
  const own = url.origin === new URL(baseUrl).origin;
  const local = url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !own && !local) throw fault('DownloadFailed', NO_ADDRESS);
  if (url.username !== '' || url.password !== '')
    throw fault('DownloadFailed', 'The address of a mirror cannot hold a name and a password.');
  return `${url.origin}${url.pathname.replace(/\/*$/, '/')}`;
}

const NO_ADDRESS = 'The address of a mirror begins with https://, or with ./ for a folder of this page.';
