/** Names for files that are exported: what every system takes, whatever the recording's name holds. Pure. */
import { shownName } from '../queue/file-name.ts';

/** What Windows takes for a device, with any extension ("Naming Files, Paths, and Namespaces", Microsoft). */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
/** Characters that Windows or a shell keeps for itself. */
const FORBIDDEN = /[<>:"/\\|?*]/g;
/** File systems take 255 bytes (ext4) or characters (NTFS); the browser may add " (1)". */
const MOST_BYTES = 200;

/** A name that every system takes for a new file: the recording's, with another extension. */
export function exportName(mediaName: string, extension: string): string {
  const { stem } = shownName(mediaName);
  const ending = `.${extension}`;
  const safe = cut(stem.replace(FORBIDDEN, '_'), MOST_BYTES - ending.length).replace(/[. ]+$/, '');
  const name = safe.replace(/^[. ]+/, '') === '' ? 'transcript' : safe;
  return `${DEVICES.test(name) ? '_' : ''}${name}${ending}`;
}

/** As many whole characters, as a person sees them, as fit into so many bytes of UTF-8. */
function cut(text: string, bytes: number): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= bytes) return text;
  let kept = '';
  let size = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    size += encoder.encode(segment).length;
    if (size > bytes) break;
    kept += segment;
  }
  return kept;
}
