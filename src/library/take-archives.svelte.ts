/** Files that a person has dropped or picked, of which some are a saved library. */
import type { DiskFile } from '../../workers/protocol.ts';
import { isLibrary } from './archive.ts';
import { library } from './library.svelte.ts';

/** @returns what is left for others */
export async function takeArchives(given: readonly DiskFile[]): Promise<DiskFile[]> {
  const rest: DiskFile[] = [];
  const libraries: { name: string; blob: Blob }[] = [];
  for (const one of given) {
    const isOurs = /\.zip$/i.test(one.path) && (await isLibrary(one.blob).catch(() => false));
    if (isOurs) libraries.push({ name: one.path, blob: one.blob });
    else rest.push(one);
  }
  if (libraries.length > 0) {
    location.hash = '#library';
    await library.take(libraries);
  }
  return rest;
}
