/** What every reader of transcripts gives. */
import { t } from '../locale/text.ts';
import type { Cue } from '../../workers/protocol.ts';
import type { Making } from '../making.ts';
import { flatMapping } from '../mapping.ts';

/** `txt`: a text without times that was laid on the words that were heard. */
type ImportKind = 'earshot' | 'whisper' | 'whisperx' | 'srt' | 'vtt' | 'txt';

/** `cues`: sorted, none empty, 0 ≤ start ≤ end. `language` of a cue only where the file says it. */
export type Imported = {
  kind: ImportKind;
  cues: (Cue & { language?: string; edited?: boolean; again?: number; heard?: Pick<Cue, 'text' | 'words'> })[];
  /** What the cues' `speaker` are called. */
  speakers: { id: string; name: string; joined?: readonly string[] }[];
  /** They stood in the texts, before a colon. */
  namesInText?: true;
  /** ISO code; null where the file does not say. */
  language: string | null;
  /** The name of the recording, where the file says it. */
  mediaName: string | null;
  /** Seconds of the recording, where the file says it. */
  mediaSeconds: number | null;
  /** What it was made with, where it is one of ours. */
  made?: Making[];
  faults: ImportFault[];
};

/** A place that could not be read; what stands before and behind it was. `line` counts from 1; JSON has none. */
type ImportFault = { line: number | null; what: string };

/** More faults than anybody reads; the rest is counted. */
const MOST_FAULTS = 20;

/** Keeps the first faults and how many more there were. */
export class Faults {
  readonly #list: ImportFault[] = [];
  #more = 0;

  add(line: number | null, what: string): void {
    if (this.#list.length < MOST_FAULTS) this.#list.push({ line, what });
    else this.#more += 1;
  }

  get list(): ImportFault[] {
    return this.#more === 0
      ? this.#list
      : [...this.#list, { line: null, what: t('and {more} more', { more: this.#more }) }];
  }
}

/** A time of a day and more is a misread one: no recording is that long. Seconds. */
const LONGEST = 100 * 3600;

/** Cues that can be shown, in order, from cues as they were read; step by step. */
export function* settling(cues: Imported['cues'], faults: Faults): Generator<void, Imported['cues']> {
  let untimed = 0;
  const good = yield* flatMapping(cues, (cue) => {
    const { start, end, text } = cue;
    if (text.trim() === '') return [];
    if (!(start >= 0 && start <= LONGEST && Number.isFinite(end))) {
      untimed += 1;
      return [];
    }
    const last = Math.min(LONGEST, Math.max(start, end));
    const words = cue.words?.filter((word) => word.start >= 0 && word.end >= word.start && word.end <= LONGEST);
    const { words: _, ...rest } = cue;
    return [{ ...rest, end: last, ...(words !== undefined && words.length > 0 && { words }) }];
  });
  if (untimed > 0) faults.add(null, t('{untimed} of the cues have no time that can be', { untimed }));
  return good.every((cue, index) => index === 0 || good[index - 1].start <= cue.start)
    ? good
    : good.sort((a, b) => a.start - b.start);
}

/** Names as they are found, each with an id. */
export class Cast {
  readonly #ids = new Map<string, string>();

  /** @returns the id for a name; undefined for an empty one */
  id(name: string): string | undefined {
    const shown = name.replace(/\s+/gu, ' ').trim();
    if (shown === '') return undefined;
    if (!this.#ids.has(shown)) this.#ids.set(shown, `speaker-${this.#ids.size + 1}`);
    return this.#ids.get(shown);
  }

  get speakers(): Imported['speakers'] {
    return [...this.#ids].map(([name, id]) => ({ id, name }));
  }
}
