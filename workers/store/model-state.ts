/** What the page is told of a model: what it is, and what of it is on this device. */
import type { ModelState } from '../protocol';
import type { CatalogueModel } from './model-files';
import type { ChunkDatabase } from './chunks';
import { bytesOf, committed, keyOf, lastCheck, neededFiles } from './shelf';

/**
 * @param keys all of the database's
 * @param hubUrl where models of the hub come from
 */
export async function stateOf(
  database: ChunkDatabase,
  model: CatalogueModel,
  keys: string[],
  hubUrl: string,
): Promise<ModelState> {
  const needed = neededFiles(model);
  // What is only held in memory is not on this device.
  const stored = database.keeps ? await committed(database, model, needed) : [];
  const missing = database.keeps ? needed.filter((file) => !stored.includes(file)) : [];
  const partial = await Promise.all(missing.map((file) => database.chunkBytes(keyOf(model, file.path), keys)));
  return {
    id: model.id,
    name: model.name,
    source: model.source,
    weightBytes: bytesOf(needed.filter((file) => file.path.endsWith('.onnx'))),
    totalBytes: bytesOf(needed),
    storedBytes: bytesOf(stored),
    partialBytes: partial.reduce((total, bytes) => total + bytes, 0),
    ready: stored.length === needed.length,
    host: model.source === 'hub' ? new URL(hubUrl).host : 'this page',
    multilingual: model.multilingual,
    backends: model.backends,
    trust: model.added ? 'hub' : 'pinned',
    checkedAt: await lastCheck(database, model, stored),
    custom: model.added === true,
    licence: model.licence,
    listed: model.unlisted !== true,
    ...(model.note !== undefined && { note: model.note }),
  };
}
