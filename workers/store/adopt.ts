/** What another model has on this disk byte for byte is not fetched a second time. */
import { slices } from './bytes';
import type { CatalogueModel, ModelFile } from './model-files';
import { chunksOf, committed, keyOf } from './shelf';
import type { ChunkDatabase } from './chunks';
import { throwIfAborted } from './download';
import { FileSink } from './file-sink';

/**
 * Copies the missing ones of `files` from other models that have them, such as the tokenizer that every multilingual
 * Whisper shares. A copy is hashed on its way like everything else; what cannot be read is left to the network.
 * Under the lock of `model` only. Rejects with StorageFull or AbortError.
 */
export async function adoptTwins(
  signal: AbortSignal,
  database: ChunkDatabase,
  models: CatalogueModel[],
  model: CatalogueModel,
  files: ModelFile[],
): Promise<void> {
  const here = await committed(database, model, files);
  for (const file of files) {
    if (here.includes(file)) continue;
    const chunks = await twinOf(database, models, model, file);
    if (chunks === null) continue;
    const key = keyOf(model, file.path);
    const sink = await FileSink.fresh(database, key, file);
    try {
      for await (const bytes of slices(signal, new Blob(chunks))) await sink.write(bytes);
      await sink.commit();
    } catch (error) {
      throwIfAborted(signal);
      if (error instanceof Error && error.name === 'StorageFull') throw error;
      await database.evict(key);
    }
  }
}

/** The chunks of these very bytes under another model; null: none has them whole. */
async function twinOf(
  database: ChunkDatabase,
  models: CatalogueModel[],
  model: CatalogueModel,
  file: ModelFile,
): Promise<Blob[] | null> {
  for (const other of models) {
    const twin = other.files.find(({ sha256, bytes }) => sha256 === file.sha256 && bytes === file.bytes);
    if (twin === undefined || other.id === model.id) continue;
    const chunks = await chunksOf(database, other, twin);
    if (chunks !== null && chunks !== 'damaged') return chunks;
  }
  return null;
}
