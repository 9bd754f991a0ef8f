/** Model files that come from the person's disk, or go there. */
import type { DiskFile } from '../protocol';
import { sha256Of } from './bytes';
import { findByKey, type CatalogueModel, type ModelFile } from './catalogue';

/** Every place in the catalogue where exactly these bytes belong. */
export type Home = { model: CatalogueModel; file: ModelFile };

/**
 * A file is known by its bytes, not by its name: a renamed or flattened folder works, a hostile path does nothing.
 * Reads the file only when its length is one of the catalogue's.
 * Rejects with FileVanished or AbortError.
 */
export async function findHomes(
  signal: AbortSignal,
  models: CatalogueModel[],
  { path, blob }: DiskFile,
): Promise<Home[] | 'damaged' | 'unknown'> {
  const sameLength = models.flatMap((model) =>
    model.files.filter((file) => file.bytes === blob.size).map((file) => ({ model, file })),
  );
  const sha256 = sameLength.length > 0 ? await sha256Of(signal, blob) : '';
  const homes = sameLength.filter(({ file }) => file.sha256 === sha256);
  if (homes.length > 0) return homes;
  return sameLength.length > 0 || findByKey(models, path) ? 'damaged' : 'unknown';
}
