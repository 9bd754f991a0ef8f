/** Saves a file where a person wants it, in browsers that let a page ask. */

/** In no standard library of TypeScript yet (https://wicg.github.io/file-system-access/). */
type SavePicker = (options: {
  suggestedName: string;
  id: string;
  startIn?: FileSystemHandle;
  types: { description: string; accept: Record<string, string[]> }[];
}) => Promise<FileSystemFileHandle>;

const picker = () => (globalThis as { showSaveFilePicker?: SavePicker }).showSaveFilePicker;

/** This browser lets a person choose the place of a new file. */
export function canChoosePlace(): boolean {
  return picker() !== undefined;
}

/**
 * Asks for a place, beside the recording where its handle is known. Call it from a press: the browser opens no dialog
 * otherwise.
 * @param source the recording's own handle; the dialog opens in its folder
 * @returns null: the person has closed the dialog
 */
export async function choosePlace(
  name: string,
  type: string,
  source?: FileSystemHandle | null,
): Promise<FileSystemFileHandle | null> {
  const ask = picker();
  if (ask === undefined) return null;
  const extension = name.slice(name.lastIndexOf('.'));
  const bare = type.replace(/;.*$/, '');
  try {
    return await ask({
      suggestedName: name,
      // The browser remembers the last folder by this name.
      id: 'earshot-export',
      ...(source && { startIn: source }),
      types: [{ description: extension.slice(1).toUpperCase(), accept: { [bare]: [extension] } }],
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

export async function writeTo(place: FileSystemFileHandle, blob: Blob): Promise<void> {
  const stream = await place.createWritable();
  await stream.write(blob);
  await stream.close();
}
