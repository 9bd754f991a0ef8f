/** A stored model as files for saving to disk: `importFiles` of the store takes them back. */
import { fault, type DiskFile } from '../protocol';
import { sumsOf } from './bytes';
import { committed } from './shelf';
import type { StoredModels } from './stored-models';
import { zipOf, type ZipEntry } from './zip-write';

/**
 * Every stored file of a model.
 * Rejects with ModelMissing when the model is not ready, ModelDamaged when a part of it is gone.
 */
export async function exportFiles(stored: StoredModels, modelId: string): Promise<DiskFile[]> {
  const model = await stored.model(modelId);
  if (!(await stored.ready(modelId))) throw fault('ModelMissing', modelId);
  const here = await committed(stored.database, model, model.files);
  return Promise.all(
    here.map(async ({ path }) => ({ path: `${modelId}/${path}`, blob: await stored.blob(modelId, path) })),
  );
}

/**
 * The same as one zip archive. Each byte is read and hashed before.
 * @param heal fetches again what is damaged; asked once
 * Rejects as `exportFiles` and as `heal`.
 */
export async function exportZip(
  signal: AbortSignal,
  stored: StoredModels,
  modelId: string,
  heal: () => Promise<unknown>,
): Promise<Blob> {
  let entries = await wholeEntries(signal, stored, modelId);
  if (entries === null) {
    await heal();
    entries = await wholeEntries(signal, stored, modelId);
  }
  if (entries === null) throw fault('ModelDamaged', modelId);
  return zipOf(entries);
}

/** Null: something is damaged. */
async function wholeEntries(signal: AbortSignal, stored: StoredModels, modelId: string): Promise<ZipEntry[] | null> {
  const { files: known } = await stored.model(modelId);
  const files = await exportFiles(stored, modelId).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ModelDamaged') return null;
    throw error;
  });
  if (files === null) return null;
  const entries: ZipEntry[] = [];
  for (const { path, blob } of files) {
    const { sha256, crc32 } = await sumsOf(signal, blob);
    if (!known.some((file) => file.sha256 === sha256)) return null;
    entries.push({ path, blob, crc32 });
  }
  return entries;
}
