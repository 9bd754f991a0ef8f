/** The picker that gives handles, so that a file that was picked is there again after a reload. */
import type { Given } from '../given-files.ts';
import { t } from '../locale/text.ts';
import { SOUND_TYPES } from './sound-types.ts';

/** In no standard library of TypeScript yet (https://wicg.github.io/file-system-access/). */
type OpenPicker = (options: {
  multiple: boolean;
  id: string;
  types: { description: string; accept: Record<string, string[]> }[];
}) => Promise<FileSystemFileHandle[]>;

/** @returns null: the person has closed it. Only where `showOpenFilePicker` is there, and inside a press. */
export async function pickFiles(): Promise<Given[] | null> {
  const { showOpenFilePicker: ask } = globalThis as unknown as { showOpenFilePicker: OpenPicker };
  const words = { 'text/plain': ['.txt', '.srt', '.vtt'], 'application/json': ['.json'] };
  try {
    const handles = await ask({
      ...{ multiple: true, id: 'earshot-recordings' },
      types: [{ description: t('Recordings and transcripts'), accept: { ...SOUND_TYPES, ...words } }],
    });
    return await Promise.all(
      handles.map(async (handle) => {
        const file = await handle.getFile();
        return { path: file.name, file, handle: Promise.resolve(handle) };
      }),
    );
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}
