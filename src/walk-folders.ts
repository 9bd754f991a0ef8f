/** The files inside folders that were dropped. */
import type { Given, LeftOut } from './given-files.ts';

/** `unread`: files and folders that the browser could not open. */
type Found = { inside: Given[]; unread: LeftOut[] };

/** All files in these folders and the folders in them. */
export async function walkFolders(folders: readonly FileSystemDirectoryEntry[]): Promise<Found> {
  const found: Found = { inside: [], unread: [] };
  for (const folder of folders) await walk(folder, folder.name, found);
  return found;
}

/** @param path of the folder @param found added to: what is in it, and what of it could not be read */
async function walk(folder: FileSystemDirectoryEntry, path: string, found: Found): Promise<void> {
  for (const entry of await childrenOf(folder, path, found)) {
    const at = `${path}/${entry.name}`;
    if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, at, found);
    else await takeFile(entry as FileSystemFileEntry, at, found);
  }
}

/**
 * `readEntries` gives at most a hundred at a time, and an empty list when it has no more. A folder that may not be read
 * gives what it gave until then.
 */
async function childrenOf(folder: FileSystemDirectoryEntry, path: string, found: Found): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[] | null>((resolve) =>
      reader.readEntries(resolve, () => resolve(null)),
    );
    if (some === null) found.unread.push({ path, unread: true });
    if (some === null || some.length === 0) return all;
    all.push(...some);
  }
}

/** A file that went away while the folder was walked is left out; the others are not lost with it. */
function takeFile(entry: FileSystemFileEntry, path: string, found: Found): Promise<void> {
  return new Promise((resolve) =>
    entry.file(
      (file) => resolve(void found.inside.push({ path, file })),
      () => resolve(void found.unread.push({ path, unread: true })),
    ),
  );
}
