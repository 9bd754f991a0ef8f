/** Reads transcripts that are JSON: ours, openai/whisper's (and what follows it), whisperX's, whisper.cpp's. */
import { t } from '../locale/text.ts';
import type { Doubt, Word } from '../../workers/protocol.ts';
import type { Making } from '../making.ts';
import { Cast, Faults, settling, type Imported } from './imported.ts';

/** So many cues are read in one step. */
const STEP_CUES = 500;

type Rec = Record<string, unknown>;

function record(value: unknown): Rec | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Rec) : null;
}
function list(value: unknown): unknown[] | null {
  return Array.isArray(value) ? (value as unknown[]) : null;
}
function words(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

const DOUBTS: ReadonlySet<string> = new Set<Doubt>([
  ...(['low-probability', 'repetition', 'maybe-no-speech', 'retried-on-cpu', 'wrong-output', 'unheard'] as const),
]);

/**
 * @param value what `JSON.parse` gave
 * @returns null: JSON, but no transcript that is known here
 */
export function* readJson(value: unknown): Generator<void, Imported | null> {
  const file = record(value);
  if (file?.['format'] === 'earshot-transcript') return yield* readOurs(file);
  const cpp = list(file?.['transcription']);
  if (file !== null && cpp !== null) return yield* readSegments('whisper', file, cpp.map(fromCpp));
  // Some programs write the segments alone.
  const segments = list(file?.['segments']) ?? list(value);
  if (segments === null || !segments.some(isSegment)) return null;
  const isX = segments.some((one) => record(one)?.['speaker'] !== undefined) || file?.['word_segments'] !== undefined;
  return yield* readSegments(isX ? 'whisperx' : 'whisper', file ?? {}, segments);
}

function isSegment(value: unknown): boolean {
  const one = record(value);
  return one !== null && number(one['start']) !== null && words(one['text']) !== null;
}

/** whisper.cpp's `-oj`: milliseconds in `offsets`. */
function fromCpp(value: unknown): unknown {
  const one = record(value);
  const offsets = record(one?.['offsets']);
  if (one === null || offsets === null) return value;
  const seconds = (of: unknown) => (number(of) ?? NaN) / 1000;
  return { start: seconds(offsets['from']), end: seconds(offsets['to']), text: one['text'] };
}

function* readOurs(file: Rec): Generator<void, Imported> {
  const faults = new Faults();
  const cues: Imported['cues'] = [];
  const source = record(file['file']) ?? {};
  const people = new Map<string, Imported['speakers'][number]>();
  for (const value of list(file['speakers']) ?? []) {
    const one = record(value) ?? {};
    const [id, name] = [words(one['id']), words(one['name'])];
    const joined = (list(one['joined']) ?? []).map(words).filter((other) => other !== null);
    // An id names one speaker; where a file says otherwise, the first is right.
    if (id !== null && name !== null && !people.has(id))
      people.set(id, { id, name, ...(joined.length > 0 && { joined }) });
  }
  const speakers = [...people.values()];
  for (const [index, value] of (list(file['cues']) ?? []).entries()) {
    if (index % STEP_CUES === STEP_CUES - 1) yield;
    const one = record(value) ?? {};
    const [start, end, text] = [number(one['start']), number(one['end']), words(one['text'])];
    if (start === null || end === null || text === null) {
      faults.add(null, t('cue {index} has no text or no time', { index: index + 1 }));
      continue;
    }
    const heard = wordsIn(one['words'], 'text', 'probability');
    const others = (list(one['alsoSpeaking']) ?? []).flatMap((other) => words(other) ?? []);
    const [language, speaker, doubt] = [words(one['language']), words(one['speaker']), words(one['doubt'])];
    cues.push({
      ...{ start, end, text, edited: one['edited'] === true },
      ...(language !== null && { language }),
      ...(speaker !== null && { speaker }),
      ...(others.length > 0 && { alsoSpeaking: [...new Set(others)] }),
      ...heardIn(one['heard']),
      ...(number(one['again']) !== null && { again: number(one['again'])! }),
      ...(doubt !== null && DOUBTS.has(doubt) && { doubt: doubt as Doubt }),
      ...(heard.length > 0 && { words: heard }),
    });
  }
  return {
    ...{ kind: 'earshot', cues: yield* settling(cues, faults), speakers, language: languageIn(file['language']) },
    mediaName: words(source['name']),
    made: madeIn(file['made']),
    mediaSeconds: number(record(file['report'])?.['audioSeconds']) ?? number(record(source['facts'])?.['seconds']),
    faults: faults.list,
  };
}

/** What was heard before own spellings were put in. */
function heardIn(value: unknown): Pick<Imported['cues'][number], 'heard'> {
  const text = words(record(value)?.['text']);
  if (text === null) return {};
  const timed = wordsIn(record(value)?.['words'], 'text', 'probability');
  return { heard: { text, ...(timed.length > 0 && { words: timed }) } };
}

/** How it was made, as far as it is of this version: one that is not is left out. */
function madeIn(value: unknown): Making[] {
  return (list(value) ?? []).flatMap((item): Making[] => {
    const one = record(item);
    const part = record(one?.['part']);
    const isKnown =
      one !== null &&
      [one['at'], ...(part === null ? [] : [part['start'], part['end']])].every((figure) => number(figure) !== null) &&
      ['version', 'model', 'form', 'backend', 'task', 'glossary'].every((name) => words(one[name]) !== null) &&
      ['skipSilence', 'words', 'languagePerWindow'].every((name) => typeof one[name] === 'boolean');
    return isKnown ? [{ ...(one as unknown as Making), language: words(one['language']) }] : [];
  });
}

function* readSegments(kind: 'whisper' | 'whisperx', file: Rec, segments: unknown[]): Generator<void, Imported> {
  const faults = new Faults();
  const cast = new Cast();
  const cues: Imported['cues'] = [];
  for (const [index, value] of segments.entries()) {
    if (index % STEP_CUES === STEP_CUES - 1) yield;
    const one = record(value) ?? {};
    const [start, text] = [number(one['start']), words(one['text'])];
    const end = number(one['end']);
    if (start === null || text === null) {
      faults.add(null, t('segment {index} has no text or no time', { index: index + 1 }));
      continue;
    }
    const speaker = cast.id(words(one['speaker']) ?? '');
    const heard = wordsIn(one['words'], 'word', kind === 'whisperx' ? 'score' : 'probability');
    cues.push({
      ...{ start, end: end ?? start, text: text.trim() },
      ...(speaker !== undefined && { speaker }),
      ...(heard.length > 0 && { words: heard }),
    });
  }
  const result = record(file['result']);
  return {
    ...{ kind, cues: yield* settling(cues, faults), speakers: cast.speakers },
    language: languageIn(file['language'] ?? result?.['language']),
    ...{ mediaName: null, mediaSeconds: number(file['duration']), faults: faults.list },
  };
}

/** whisperX leaves the times of words out that it could not align (numbers, mostly): those go between their neighbours. */
function wordsIn(value: unknown, text: 'text' | 'word', sure: 'probability' | 'score'): Word[] {
  const found: Word[] = [];
  let untimed: string[] = [];
  for (const item of list(value) ?? []) {
    const one = record(item);
    const said = words(one?.[text])?.trim() ?? '';
    if (one === null || said === '') continue;
    const [start, end] = [number(one['start']), number(one['end'])];
    if (start === null || end === null) {
      untimed.push(said);
      continue;
    }
    const last = found.at(-1);
    if (untimed.length > 0 && last !== undefined) {
      const room = Math.max(0, start - last.end) / untimed.length;
      const from = last.end;
      untimed.forEach((word, index) =>
        found.push({ start: from + room * index, end: from + room * (index + 1), text: word, probability: 0 }),
      );
    } else if (untimed.length > 0) {
      for (const word of untimed) found.push({ start, end: start, text: word, probability: 0 });
    }
    untimed = [];
    const probability = Math.min(1, Math.max(0, number(one[sure]) ?? number(one['probability']) ?? 1));
    found.push({ start, end: Math.max(start, end), text: said, probability });
  }
  const end = found.at(-1)?.end;
  if (end !== undefined) for (const word of untimed) found.push({ start: end, end, text: word, probability: 0 });
  return found;
}

/** Whisper's own API names the language in English; only codes are taken. */
function languageIn(value: unknown): string | null {
  const language = words(value)?.toLowerCase() ?? '';
  return /^[a-z]{2,3}$/.test(language) ? language : null;
}
