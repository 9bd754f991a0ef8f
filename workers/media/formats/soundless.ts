/** Files that people drop by mistake and that hold no sound, told by their first bytes. */
import { lettersAt } from './bytes';

type Mark = [at: number, letters: string, name: string];

const PICTURES: Mark[] = [
  [0, '\x89PNG\r\n', 'a picture'],
  [0, '\xff\xd8\xff', 'a picture'],
  [0, 'GIF8', 'a picture'],
  [8, 'WEBP', 'a picture'],
  [0, 'II*\0', 'a picture'],
  [0, 'MM\0*', 'a picture'],
  ...['heic', 'heix', 'mif1', 'avif'].map((brand): Mark => [4, `ftyp${brand}`, 'a picture']),
];
const OTHERS: Mark[] = [
  [0, '%PDF-', 'a PDF document'],
  [0, 'PK\x03\x04', 'a zip archive or an office document'],
  [0, '\x1f\x8b', 'a packed file'],
  [0, 'Rar!', 'a packed file'],
  [0, '7z\xbc\xaf', 'a packed file'],
  [0, 'MZ', 'a program'],
  [0, '\x7fELF', 'a program'],
];
/** Of a text so many bytes are looked at. */
const TEXT_BYTES = 4096;

function told(view: DataView, marks: Mark[]): string | null {
  const mark = marks.find(([at, letters]) => lettersAt(view, at, letters.length) === letters);
  return mark === undefined ? null : `soundless: ${mark[2]}`;
}

/** @returns the message of an UnsupportedFormat; null: no picture */
export function pictureIn(head: DataView): string | null {
  return told(head, PICTURES);
}

/**
 * Asked once nobody has found sound: an archive may lie before a stream, and a text may be the tag of one.
 * @param head the first bytes of the file
 * @returns the message of an UnsupportedFormat; null: what it holds is not known
 */
export function soundless(head: Uint8Array): string | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return told(view, OTHERS) ?? (isText(head.subarray(0, TEXT_BYTES)) ? 'soundless: a text' : null);
}

/** UTF-8, or UTF-16 with its mark, without the control characters that no text has. */
function isText(bytes: Uint8Array): boolean {
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
  try {
    // The last character may be cut in two: as a stream that goes on, this is no error.
    const text = new TextDecoder(wide ?? 'utf-8', { fatal: true }).decode(bytes, { stream: true });
    return text.length > 0 && !/[\0-\x08\x0e-\x1a\x1c-\x1f\ufffd]/.test(text);
  } catch {
    return false;
  }
}
