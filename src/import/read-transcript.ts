/** A transcript that somebody has: which kind it is, by its content, and what is in it. Pure. */
import type { Imported } from './imported.ts';
import { parsingJson } from './parse-json.ts';
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
        value = yield* parsingJson(text.replace(/^\ufeff/, ''));
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

/** So many bytes are decoded in one step: a millisecond or two. */
const STEP_BYTES = 1 << 20;

/** Text of a file, whatever it was saved as: a byte order mark says it, then UTF-8, then the code page of old Windows. */
export function* decodingText(bytes: Uint8Array): Generator<void, string> {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return yield* decoding(bytes, new TextDecoder('utf-16le'));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return yield* decoding(bytes, new TextDecoder('utf-16be'));
  try {
    return yield* decoding(bytes, new TextDecoder('utf-8', { fatal: true }));
  } catch {
    return yield* decoding(bytes, new TextDecoder('windows-1252'));
  }
}

/** As `decoder.decode(bytes)`, step by step. */
export function* decoding(bytes: Uint8Array, decoder: TextDecoder): Generator<void, string> {
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += STEP_BYTES) {
    parts.push(decoder.decode(bytes.subarray(from, from + STEP_BYTES), { stream: true }));
    yield;
  }
  return parts.join('') + decoder.decode();
}
