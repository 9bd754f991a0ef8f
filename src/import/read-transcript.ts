/** A transcript that somebody has: which kind it is, by its content, and what is in it. Pure. */
import type { Imported } from './imported.ts';
import { readJson } from './read-json.ts';
import { readSrt } from './read-srt.ts';
import { readVtt } from './read-vtt.ts';
import { spanOf } from './timeline.ts';

/** Names that a transcript may have. A drop of anything else is not even opened. */
export const TRANSCRIPT_NAME = /\.(srt|vtt|json|txt)$/i;
/** A hundred hours of words with their times are 60 MB of JSON. */
export const MOST_BYTES = 200 * 1024 * 1024;

const HEAD_CHARACTERS = 20_000;
/** So many lines are looked at for a first time. */
const HEAD_LINES = 50;

/** The kind of a text, by its beginning; null: none that is known. */
export function kindOf(text: string): 'srt' | 'vtt' | 'json' | null {
  const head = text
    .slice(0, HEAD_CHARACTERS)
    .replace(/^\ufeff/, '')
    .trimStart();
  if (/^WEBVTT(?:[ \t\r\n]|$)/.test(head)) return 'vtt';
  if (/^[[{]/.test(head) && !/^\[\d/.test(head)) return 'json';
  return hasTimes(head) ? 'srt' : null;
}

function hasTimes(head: string): boolean {
  return head.split(/\r\n|\n|\r/, HEAD_LINES).some((line) => spanOf(line) !== null);
}

/**
 * @returns null: no transcript. Damaged ones give what is whole, and their faults; none throws.
 */
export function* readTranscript(text: string): Generator<void, Imported | null> {
  switch (kindOf(text)) {
    case 'vtt':
      return yield* readVtt(text);
    case 'srt':
      return yield* readSrt(text);
    case 'json': {
      let value: unknown;
      try {
        value = JSON.parse(text.replace(/^\ufeff/, ''));
      } catch {
        // Subtitles may begin with a brace, too: a position stands in one.
        return hasTimes(text.slice(0, HEAD_CHARACTERS)) ? yield* readSrt(text) : null;
      }
      return yield* readJson(value);
    }
    case null:
      return null;
  }
}

/** Text of a file, whatever it was saved as: a byte order mark says it, then UTF-8, then the code page of old Windows. */
export function decodedText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
