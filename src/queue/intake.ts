/** Files out of a drop or a paste; folders are walked. */
import { SOUND_TYPES } from './sound-types.ts';

/** Extensions that may carry sound, for files inside folders: there, nobody pointed at each of them. */
const SOUND = new RegExp(`(${Object.values(SOUND_TYPES).flat().join('|').replaceAll('.', '\\.')})$`, 'i');

export type Intake = { files: File[]; /** Folders that were walked. */ folders: number };

/** Call it inside the drop or paste event: what is dropped is gone when the event is over. */
export function filesOf(transfer: DataTransfer): Promise<Intake> {
  const files: File[] = [];
  const folders: FileSystemDirectoryEntry[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) folders.push(entry as FileSystemDirectoryEntry);
    else {
      const file = item.getAsFile();
      if (file !== null) files.push(file);
    }
  }
  return Promise.all(folders.map(walk)).then((inside) => ({
    files: [...files, ...inside.flat()],
    folders: folders.length,
  }));
}

/** Those of a folder's files that look like sound, sorted as a person reads numbers ("tape 2" before "tape 10"). */
export function soundFiles(files: Iterable<File>): File[] {
  return [...files]
    .filter((file) => /^(audio|video)\//.test(file.type) || SOUND.test(file.name))
    .filter((file) => !file.name.startsWith('.'))
    .sort((a, b) => path(a).localeCompare(path(b), undefined, { numeric: true }));
}

function path(file: File): string {
  return file.webkitRelativePath || file.name;
}

async function walk(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const entries = await childrenOf(folder);
  const inside = await Promise.all(
    entries.map((entry) =>
      entry.isDirectory ? walk(entry as FileSystemDirectoryEntry) : fileOf(entry as FileSystemFileEntry),
    ),
  );
  return soundFiles(inside.flat());
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
function fileOf(entry: FileSystemFileEntry): Promise<File[]> {
  return new Promise((resolve) =>
    entry.file(
      (file) => resolve([file]),
      () => resolve([]),
    ),
  );
}
