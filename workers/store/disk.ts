/** Model files that come from the person's disk: folders, single files, zip archives. */
import type { DiskFile, ImportProgress, ImportReport } from '../protocol';
import { hashOf, slices, type OnBytes } from './bytes';
import type { CatalogueModel, ModelFile } from './model-files';
import { bytesOf } from './shelf';
import { isZip, listZip, Refusal, unpack } from './zip-read';

/** Every place among the models where exactly these bytes belong. */
export type Home = { model: CatalogueModel; file: ModelFile };

/** A file on the disk or in an archive there, which can be read from its start more than once, a piece at a time. */
export type Found = {
  path: string;
  bytes: number;
  /** What it takes on the disk, for the progress. */
  diskBytes: number;
  /** Rejects with FileVanished, AbortError or Refusal. */
  read(signal: AbortSignal): AsyncIterable<Uint8Array<ArrayBuffer>>;
};

/** Verifies a file once more on its way and keeps it. */
export type Keep = (home: Home, found: Found, onBytes: OnBytes) => Promise<void>;

/**
 * Keeps each file where the models have these very bytes; what they do not have is left alone and said.
 * Rejects with what `keep` rejects with but FileVanished, and AbortError.
 */
export async function importFrom(
  signal: AbortSignal,
  models: CatalogueModel[],
  given: DiskFile[],
  keep: Keep,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportReport> {
  const report: ImportReport = { stored: [], damaged: [], unknown: [], refused: [] };
  const totalBytes = given.reduce((total, { blob }) => total + blob.size, 0);
  let finishedBytes = 0;
  for (const disk of given) {
    let readBytes = 0;
    /** Each file is read twice: to know it and to keep it. */
    const onHalf = (found: Found) => (bytes: number) => {
      readBytes += (bytes / 2) * (found.diskBytes / found.bytes);
      onProgress({ loadedBytes: finishedBytes + Math.round(Math.min(readBytes, disk.blob.size)), totalBytes });
    };
    const opened = await refusing(report, disk.path, () => openDisk(models, disk));
    report.unknown.push(...(opened?.unknown ?? []));
    report.refused.push(...(opened?.refused ?? []));
    for (const found of opened?.found ?? []) {
      await refusing(report, found.path, async () => {
        const homes = await findHomes(signal, models, found, onHalf(found));
        if (typeof homes === 'string') return void report[homes].push(found.path);
        for (const home of homes) {
          await keep(home, found, onHalf(found));
          report.stored.push({ modelId: home.model.id, path: home.file.path });
        }
      });
    }
    finishedBytes += disk.blob.size;
    onProgress({ loadedBytes: finishedBytes, totalBytes });
  }
  return report;
}

/** Runs `task`; what cannot be read goes to the report, with the reason, and the rest goes on. */
async function refusing<T>(report: ImportReport, path: string, task: () => Promise<T>): Promise<T | null> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof Refusal) report.refused.push({ path, why: error.message });
    else if (error instanceof Error && error.name === 'FileVanished')
      report.refused.push({ path, why: 'It could not be read from the disk. Choose it again.' });
    else throw error;
    return null;
  }
}

type Opened = { found: Found[] } & Pick<ImportReport, 'unknown' | 'refused'>;

/**
 * The file itself, or what of an archive may be a file of a model. Rejects with Refusal when an archive is none that
 * this page can open, holds no model it knows, or unpacks to more than there is to any model.
 */
async function openDisk(models: CatalogueModel[], { path, blob }: DiskFile): Promise<Opened> {
  if (!(await isZip(blob))) {
    if (/\.zip$/i.test(path)) throw new Refusal('This is no zip archive, or its beginning is missing. Copy it again.');
    if (/\.(7z|rar|tar|tgz|gz|bz2|xz|zst)$/i.test(path))
      throw new Refusal('Earshot opens zip archives only. Unpack this one first and choose the folder.');
    const read = (signal: AbortSignal) => slices(signal, blob);
    return { found: [{ path, bytes: blob.size, diskBytes: blob.size, read }], unknown: [], refused: [] };
  }
  const opened: Opened = { found: [], unknown: [], refused: [] };
  const all = models.flatMap((model) => model.files);
  const largest = Math.max(...all.map((file) => file.bytes));
  let weights = 0;
  for (const entry of await listZip(blob)) {
    const name = `${path}/${entry.name}`;
    const meant = meantBy(models, entry.name);
    const files = [...all.filter((file) => file.bytes === entry.bytes), ...(meant ? [meant] : [])];
    if (files.some((file) => file.path.endsWith('.onnx'))) weights += 1;
    if (entry.bytes > largest && entry.bytes > BOMB_RATIO * entry.packedBytes)
      opened.refused.push({
        path: name,
        why: `It would unpack to ${megabytes(entry.bytes)}, more than any file of a model.`,
      });
    else if (files.length > 0)
      opened.found.push({
        path: name,
        bytes: entry.bytes,
        diskBytes: entry.packedBytes,
        read: (signal) => unpack(signal, blob, entry),
      });
    // Finder's shadows of files are no files.
    else if (!/(^|\/)(__MACOSX\/|\.DS_Store$)/.test(entry.name)) opened.unknown.push(name);
  }
  // Settings alone are no model: the small files of other networks are not looked at, nothing of them stays.
  if (weights === 0 && opened.refused.length === 0)
    throw new Refusal('There is no model in this archive that this page knows.');
  if (weights === 0) return { ...opened, found: [] };
  // Whoever packs a model packs each file once, twice at most.
  const unpacked = opened.found.reduce((total, { bytes }) => total + bytes, 0);
  if (unpacked > 2 * bytesOf(all))
    throw new Refusal(`It unpacks to ${megabytes(unpacked)}: more than all models together.`);
  return opened;
}

/**
 * The file that lies in a folder of a model's name, whatever that folder lies in. It decides only what is said of bytes
 * that are no model's: a file is kept for its hash.
 */
function meantBy(models: CatalogueModel[], path: string): ModelFile | undefined {
  return models.flatMap(({ id, files }) => files.filter((file) => `/${path}`.endsWith(`/${id}/${file.path}`))).at(0);
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;

/** Weights hardly shrink; what shrinks so much is made to fill the disk. */
const BOMB_RATIO = 20;

/** Small files may have the length of another by accident, weights do not. */
const ACCIDENT_BYTES = 1_000_000;

/**
 * A file is known by its bytes, not by its name: a renamed or flattened folder works, a hostile path does nothing.
 * Reads the file only when its length is one of the models'.
 * Rejects as `Found.read`.
 */
async function findHomes(
  signal: AbortSignal,
  models: CatalogueModel[],
  found: Found,
  onBytes: OnBytes = () => {},
): Promise<Home[] | 'damaged' | 'unknown'> {
  const sameLength = models.flatMap((model) =>
    model.files.filter((file) => file.bytes === found.bytes).map((file) => ({ model, file })),
  );
  const sha256 = sameLength.length > 0 ? await hashOf(found.read(signal), onBytes) : '';
  const homes = sameLength.filter(({ file }) => file.sha256 === sha256);
  if (homes.length > 0) return homes;
  const name = found.path.split('/').at(-1);
  const meant = sameLength.some(({ file }) => file.bytes >= ACCIDENT_BYTES || file.path.split('/').at(-1) === name);
  return meant || meantBy(models, found.path) ? 'damaged' : 'unknown';
}
