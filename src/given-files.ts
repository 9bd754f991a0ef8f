/** Files as a drop, a paste or a picker gives them. */

/**
 * `path` with its folders, `/` between them. `handle`: where the file lies, in browsers that tell it; by that its sound is
 * there again after a reload.
 */
export type Given = { path: string; file: File; handle?: Promise<FileSystemHandle | null> | undefined };

/** In no standard library of TypeScript yet (https://wicg.github.io/file-system-access/). */
type HandleItem = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };

/** A file or a folder that was not taken. `unread`: the browser could not open it. */
export type LeftOut = { path: string; unread: boolean };

/** What was dropped, not looked into yet. */
export type Dropped = { files: Given[]; folders: FileSystemDirectoryEntry[] };

/** The folder that a file was given in, with its slash; empty: it was given by itself. */
export function folderOf({ path }: Given): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** A file as its picker gives it. */
export function given(file: File): Given {
  return { path: file.webkitRelativePath || file.name, file };
}

/** Call it inside the drop or paste event: a browser takes everything back when the event is over. */
export function droppedIn(transfer: DataTransfer): Dropped {
  const dropped: Dropped = { files: [], folders: [] };
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const handle = (item as HandleItem).getAsFileSystemHandle?.();
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) dropped.folders.push(entry as FileSystemDirectoryEntry);
    else {
      const file = item.getAsFile();
      if (file !== null) dropped.files.push({ path: file.name, file, handle });
    }
  }
  return dropped;
}
