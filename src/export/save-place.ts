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
async function choosePlace(
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

/** In no standard library of TypeScript yet (https://wicg.github.io/file-system-access/, https://fs.spec.whatwg.org). */
type Place = FileSystemFileHandle & {
  queryPermission?(options: { mode: 'readwrite' }): Promise<PermissionState>;
  requestPermission?(options: { mode: 'readwrite' }): Promise<PermissionState>;
  remove?(): Promise<void>;
};

/** A person may have taken back what they allowed while their dialog was open, or a policy forbids it. */
async function mayWrite(place: Place): Promise<boolean> {
  const now = await place.queryPermission?.({ mode: 'readwrite' });
  const answer = now === 'prompt' ? await place.requestPermission?.({ mode: 'readwrite' }) : now;
  return answer === undefined || answer === 'granted';
}

/**
 * Writes all of it or nothing: what stood there before stays where it does not come to its end, and a file that the dialog has
 * made for it does not stay behind empty.
 * @throws NotAllowedError where the browser may not write there
 */
export async function writeTo(place: Place, blob: Blob): Promise<void> {
  let stream: FileSystemWritableFileStream | null = null;
  try {
    if (!(await mayWrite(place))) throw new DOMException('no permission to write', 'NotAllowedError');
    // The browser writes beside the file and puts that in its place when the stream is closed.
    stream = await place.createWritable();
    await stream.write(blob);
    await stream.close();
  } catch (error) {
    await stream?.abort().catch(() => {});
    await removeEmpty(place);
    throw error;
  }
}

async function removeEmpty(place: Place): Promise<void> {
  try {
    if ((await place.getFile()).size === 0) await place.remove?.();
  } catch {
    // It is not there any more, or may not be touched.
  }
}

/** What became of a file. */
export type Saved =
  | { type: 'there'; name: string }
  | { type: 'closed' } // the person has closed the dialog: nothing was saved
  | { type: 'refused' } // the browser may not write there, or may not ask
  | { type: 'failed'; error: unknown };

/**
 * Saves a file that is made already: one that could not be made leaves nothing where it was to lie. Call it from a press.
 * @param source as in `choosePlace`
 */
export async function saveBeside(name: string, blob: Blob, source: FileSystemHandle | null): Promise<Saved> {
  try {
    const place = await choosePlace(name, blob.type, source);
    if (place === null) return { type: 'closed' };
    await writeTo(place, blob);
    return { type: 'there', name: place.name };
  } catch (error) {
    const isRefused = error instanceof DOMException && ['NotAllowedError', 'SecurityError'].includes(error.name);
    return isRefused ? { type: 'refused' } : { type: 'failed', error };
  }
}
