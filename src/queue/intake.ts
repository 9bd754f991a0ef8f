/** Files out of a drop or a paste; folders are walked. */
import type { DiskFile } from '../../workers/protocol.ts';
import { sortOut, type Given } from '../models/recognise.ts';
import { SOUND_TYPES } from './sound-types.ts';

/** Extensions that may carry sound, for files inside folders: there, nobody pointed at each of them. */
const SOUND = new RegExp(`(${Object.values(SOUND_TYPES).flat().join('|').replaceAll('.', '\\.')})$`, 'i');

/** What was given: files to listen to, files of a model, and how many folders were walked. */
export type Intake = { files: File[]; model: DiskFile[]; folders: number };

/** Call it inside the drop or paste event: what is dropped is gone when the event is over. */
export async function filesOf(transfer: DataTransfer): Promise<Intake> {
  const { direct, inside, folders } = await givenBy(transfer);
  const [alone, walked] = [sortOut(direct), sortOut(inside)];
  return {
    files: [...alone.rest.map(({ file }) => file), ...soundFiles(walked.rest)],
    model: [...alone.model, ...walked.model],
    folders,
  };
}

/** Everything that was dropped, where it is known that it is for the model store. Inside the event, as `filesOf`. */
export async function diskFilesOf(transfer: DataTransfer): Promise<DiskFile[]> {
  const { direct, inside } = await givenBy(transfer);
  return [...direct, ...inside].map(({ path, file }) => ({ path, blob: file }));
}

/** A file as its picker gives it. */
export function given(file: File): Given {
  return { path: file.webkitRelativePath || file.name, file };
}

/** Those of a folder's files that look like sound, sorted as a person reads numbers ("tape 2" before "tape 10"). */
export function soundFiles(files: Iterable<Given>): File[] {
  return [...files]
    .filter(({ file }) => /^(audio|video)\//.test(file.type) || SOUND.test(file.name))
    .filter(({ file }) => !file.name.startsWith('.'))
    .sort((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }))
    .map(({ file }) => file);
}

async function givenBy(transfer: DataTransfer): Promise<{ direct: Given[]; inside: Given[]; folders: number }> {
  const direct: Given[] = [];
  const folders: FileSystemDirectoryEntry[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) folders.push(entry as FileSystemDirectoryEntry);
    else {
      const file = item.getAsFile();
      if (file !== null) direct.push({ path: file.name, file });
    }
  }
  const inside = await Promise.all(folders.map((folder) => walk(folder, folder.name)));
  return { direct, inside: inside.flat(), folders: folders.length };
}

/** @param path of the folder */
async function walk(folder: FileSystemDirectoryEntry, path: string): Promise<Given[]> {
  const entries = await childrenOf(folder);
  const inside = await Promise.all(
    entries.map((entry) => {
      const at = `${path}/${entry.name}`;
      return entry.isDirectory ? walk(entry as FileSystemDirectoryEntry, at) : fileOf(entry as FileSystemFileEntry, at);
    }),
  );
  return inside.flat();
}
/** `readEntries` gives at most a hundred at a time, and an empty list when it has no more. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** A file that went away while the folder was walked is left out; the others are not lost with it. */
function fileOf(entry: FileSystemFileEntry, path: string): Promise<Given[]> {
  return new Promise((resolve) =>
    entry.file(
      (file) => resolve([{ path, file }]),
      () => resolve([]),
    ),
  );
}
