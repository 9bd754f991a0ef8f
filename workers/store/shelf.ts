/** What of a model is on the disk. */
import { shelfOf, type CatalogueModel, type ModelFile } from './model-files';
import { chunkLength, type ChunkDatabase, type Marker } from './chunks';

export const keyOf = (model: CatalogueModel, path: string) => `${shelfOf(model)}@${model.revision}/${path}`;

/** Of all keys those of this model: every revision, every chunk, finished or not. */
export const keysOf = (model: Pick<CatalogueModel, 'id' | 'shelf'>, all: string[]) =>
  all.filter((key) => key.startsWith(`${shelfOf(model)}@`));

/** All that is needed to run a model; with the optional files of these paths. */
export const neededFiles = (model: CatalogueModel, optional: string[] = []) =>
  model.files.filter((file) => !file.optional || optional.includes(file.path));

export const bytesOf = (files: ModelFile[]) => files.reduce((total, file) => total + file.bytes, 0);

/** Those of `files` that are stored and were verified against what the catalogue says today. */
export async function committed(
  database: ChunkDatabase,
  model: CatalogueModel,
  files: ModelFile[],
): Promise<ModelFile[]> {
  const markers = await database.markers(files.map((file) => keyOf(model, file.path)));
  return files.filter((file, index) => matches(markers[index], file));
}

/**
 * The chunks of a verified file.
 * @returns null when there is no such file; `damaged` when a chunk is missing or has the wrong length
 */
export async function chunksOf(
  database: ChunkDatabase,
  model: CatalogueModel,
  file: ModelFile,
): Promise<Blob[] | 'damaged' | null> {
  const key = keyOf(model, file.path);
  const marker = await database.marker(key);
  if (!marker || !matches(marker, file)) return null;
  const chunks = await database.chunks(key, marker.chunks);
  const whole = chunks.filter(
    (chunk, index): chunk is Blob => chunk?.size === chunkLength(file.bytes, index, marker.chunkBytes),
  );
  return whole.length === marker.chunks ? whole : 'damaged';
}

/** Deletes what this version of the page can never use: other revisions of the model, files it no longer has. */
export async function evictStale(database: ChunkDatabase, model: CatalogueModel): Promise<void> {
  const current = new Set(model.files.map((file) => keyOf(model, file.path)));
  const stale = keysOf(model, await database.keys()).filter((key) => !current.has(key.replace(/#\d+$/, '')));
  if (stale.length > 0) await database.delete(stale);
}

/** Notes in the marker of each of these verified files that its bytes were read again and hashed just now. */
export async function noteChecked(database: ChunkDatabase, model: CatalogueModel, files: ModelFile[]): Promise<void> {
  const keys = files.map((file) => keyOf(model, file.path));
  const markers = await database.markers(keys);
  const checkedAt = Date.now();
  await database.setMarkers(
    files.flatMap((file, index): [string, Marker][] => {
      const marker = markers[index];
      return marker && matches(marker, file) ? [[keys[index], { ...marker, checkedAt }]] : [];
    }),
  );
}

/**
 * When the bytes of all these files were last known to be right, milliseconds since the epoch. A file that came later
 * than the last check was hashed as it came.
 * @returns null when none was ever checked since it came
 */
export async function lastCheck(
  database: ChunkDatabase,
  model: CatalogueModel,
  files: ModelFile[],
): Promise<number | null> {
  const known = await storedMarkers(database, model, files);
  return known.some((marker) => marker.checkedAt !== undefined) ? oldest(known) : null;
}

/** As `lastCheck`, and a file that was never checked counts from when it came; null: none of these is stored. */
export async function knownRight(
  database: ChunkDatabase,
  model: CatalogueModel,
  files: ModelFile[],
): Promise<number | null> {
  const known = await storedMarkers(database, model, files);
  return known.length > 0 ? oldest(known) : null;
}

async function storedMarkers(database: ChunkDatabase, model: CatalogueModel, files: ModelFile[]): Promise<Marker[]> {
  const markers = await database.markers(files.map((file) => keyOf(model, file.path)));
  return markers.filter((marker) => marker !== undefined);
}

const oldest = (markers: Marker[]) => Math.min(...markers.map((marker) => marker.checkedAt ?? marker.savedAt));

const matches = (marker: Marker | undefined, file: ModelFile) =>
  marker !== undefined && marker.sha256 === file.sha256 && marker.bytes === file.bytes;
