/** Whether what is stored of a model is still what was stored: a disk can go bad in silence. */
import type { DownloadProgress } from '../protocol';
import { sha256Of, type OnBytes } from './bytes';
import type { CatalogueModel, ModelFile } from './model-files';
import type { ChunkDatabase } from './chunks';
import { throwIfAborted } from './download';
import { Pace } from './pace';
import { chunksOf } from './shelf';

/** Those of `files` of which a chunk is missing or has the wrong length: found without reading a byte. */
export async function brokenFiles(
  database: ChunkDatabase,
  model: CatalogueModel,
  files: ModelFile[],
): Promise<ModelFile[]> {
  const broken: ModelFile[] = [];
  for (const file of files) if ((await chunksOf(database, model, file)) === 'damaged') broken.push(file);
  return broken;
}

/**
 * Those of `files` whose stored bytes do not have the right SHA-256. Reads every byte.
 * Rejects with AbortError.
 */
export async function wrongFiles(
  signal: AbortSignal,
  database: ChunkDatabase,
  model: CatalogueModel,
  files: ModelFile[],
  onProgress: (progress: DownloadProgress) => void,
): Promise<ModelFile[]> {
  const wrong: ModelFile[] = [];
  const pace = new Pace(model.id, files);
  for (const file of files) {
    let readBytes = 0;
    const right = await isRight(signal, database, model, file, (bytes) => {
      pace.set(file.path, (readBytes += bytes), 'loading');
      pace.arrive(bytes, performance.now());
      onProgress(pace.progress(performance.now()));
    });
    if (!right) wrong.push(file);
    pace.set(file.path, file.bytes, 'checked');
    onProgress(pace.progress(performance.now()));
  }
  return wrong;
}

async function isRight(
  signal: AbortSignal,
  database: ChunkDatabase,
  model: CatalogueModel,
  file: ModelFile,
  onBytes: OnBytes,
): Promise<boolean> {
  const chunks = await chunksOf(database, model, file);
  if (!chunks || chunks === 'damaged') return false;
  try {
    return (await sha256Of(signal, new Blob(chunks), onBytes)) === file.sha256;
  } catch {
    throwIfAborted(signal);
    return false; // the file behind a chunk is gone from the disk
  }
}
