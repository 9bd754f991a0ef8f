/**
 * What the person added to the places models come from: the hub itself, the address of a mirror in its place, models of
 * the hub by id. Kept across visits in a database of their own, where the service worker reads whom it has to let in.
 */
import { fault } from '../protocol';
import { HUB_URL, type CatalogueModel } from './model-files';
import { Database } from './database';

const MIRROR = 'mirror';
const ADDED = 'added';
const HUB_CHOSEN = 'hub-chosen';
/** The hub, and the hosts it redirects to for large files. */
const HUB_ORIGINS = [HUB_URL, 'https://*.huggingface.co', 'https://*.hf.co'];

const database = new Database('earshot-sources', 'sources');

/** Absolute, with a slash at its end; null: the hub itself. */
export async function keptMirror(): Promise<string | null> {
  return (await database.get<string | null>(MIRROR)) ?? null;
}

export function keepMirror(address: string | null): Promise<void> {
  return database.set(MIRROR, address);
}

/** Whether the person has chosen a model of the hub and still has it; undefined: nothing was noted yet. */
export function hubChosen(): Promise<boolean | undefined> {
  return database.get<boolean>(HUB_CHOSEN);
}

export function keepHubChosen(chosen: boolean): Promise<void> {
  return database.set(HUB_CHOSEN, chosen);
}

/**
 * Whom the store's worker may ask besides the page itself, as sources of a policy's connect-src: nobody until a model
 * of the hub was chosen, then the hub or the mirror that is set in its place.
 */
export async function outsiders(): Promise<string[]> {
  const mirror = await keptMirror();
  if (mirror !== null) return [new URL(mirror).origin];
  return (await hubChosen()) === true ? HUB_ORIGINS : [];
}

/** Models the person added by hub id, oldest first. */
export async function addedModels(): Promise<CatalogueModel[]> {
  return (await database.get<CatalogueModel[]>(ADDED)) ?? [];
}

/** A model of the same id is replaced. */
export function addModel(model: CatalogueModel): Promise<void> {
  return change((models) => [...models.filter(({ id }) => id !== model.id), model]);
}

export function removeModel(modelId: string): Promise<void> {
  return change((models) => models.filter(({ id }) => id !== modelId));
}

function change(next: (models: CatalogueModel[]) => CatalogueModel[]): Promise<void> {
  return database.update<CatalogueModel[]>(ADDED, (models) => next(models ?? []));
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
