/** A model's files as a person counts them: settings, encoder, decoder. Pure. */
import { t } from '../locale/text.ts';
import type { DownloadProgress, FileState } from '../../workers/protocol.ts';

type Part = { name: string; bytes: number; loadedBytes: number; state: FileState };

export function partsOf(files: DownloadProgress['files']): Part[] {
  const parts = new Map<string, Part>();
  for (const file of files) {
    const name = nameOf(file.path);
    const part = parts.get(name);
    if (part === undefined) {
      parts.set(name, { name, bytes: file.bytes, loadedBytes: file.loadedBytes, state: file.state });
    } else {
      part.bytes += file.bytes;
      part.loadedBytes += file.loadedBytes;
      part.state = together(part.state, file.state);
    }
  }
  return [...parts.values()];
}

function nameOf(path: string): string {
  if (path.includes('encoder')) return t('Encoder');
  if (path.includes('decoder')) return t('Decoder');
  if (path.includes('segmentation')) return t('Who speaks when');
  if (path.includes('embedding')) return t('Voices');
  if (path === 'LICENSE') return t('Licence');
  return t('Tokenizer and settings');
}

function together(a: FileState, b: FileState): FileState {
  return a === b ? a : 'loading';
}
