/**
 * A transcript in a file of the library: our own JSON (src/export/transcript-json.ts), and beside it what only the library
 * knows. Read back, nothing in it is trusted: a file may come from anywhere. Pure.
 */
import type { MediaFacts } from '../../workers/protocol.ts';
import { jsonInSteps } from '../export/json-in-steps.ts';
import { filing } from '../export/transcript-json.ts';
import { parsingJson } from '../import/parse-json.ts';
import { readJson } from '../import/read-json.ts';
import { mapping } from '../mapping.ts';
import { makingJob } from '../queue/imported-job.ts';
import { firstWords, type Header } from '../queue/saved.ts';
import type { Job } from '../queue/job.ts';
import type { Translation } from '../queue/translations.ts';
import { portable, readPortable, type PortableTranslation } from '../translation/portable.ts';

/** The name of the first file in an archive of the library, by which it is known. */
export const MANIFEST = 'earshot-library.json';
/** Folder of the transcripts in it. */
export const FOLDER = 'transcripts/';

/** No title and no name is longer. */
const LONGEST_NAME = 500;

export function manifest(transcripts: number): string {
  return `${JSON.stringify({ format: 'earshot-library', version: 1, transcripts }, null, 2)}\n`;
}

/** @param added milliseconds since 1970 @param translation of the job, as it is kept on this device */
export function* libraryFile(job: Job, added: number, translation: Translation | null = null): Generator<void, string> {
  const carried = portable(job.cues, translation);
  const library = {
    ...{ id: job.id, added, title: job.title, lastModified: job.lastModified },
    ...(carried !== null && { translation: carried }),
  };
  return `${yield* jsonInSteps({ ...(yield* filing(job)), library }, 0)}\n`;
}

/** What makes two transcripts the same, whatever their titles are: the words, their times and who says them. */
export function* sameness(job: Job): Generator<void, string> {
  const { language, speakers, cues } = yield* filing(job);
  const names = new Map(speakers?.map(({ id, name }) => [id, name]));
  const said = yield* mapping(cues, ({ speaker, edited: _, ...cue }) =>
    JSON.stringify({ ...cue, speaker: names.get(speaker ?? '') ?? speaker }),
  );
  return [JSON.stringify([job.name, language]), ...said].join('\n');
}

/** Whether a record may be of the same transcript: cheap to tell, so that few have to be read whole. */
export function isLike(header: Pick<Header, 'name' | 'first'>, job: Job): boolean {
  return header.name === job.name && (header.first === undefined || header.first === firstWords(job.cues));
}

type Rec = Record<string, unknown>;
const record = (value: unknown): Rec => (typeof value === 'object' && value !== null ? (value as Rec) : {});
const text = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, LONGEST_NAME) : null);
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;

/**
 * @param text of a file in the archive @param newId for a job whose own id cannot be read
 * @returns null: it is no transcript of ours, or has no words
 */
export function* readLibraryFile(
  content: string,
  newId: () => string,
): Generator<void, { job: Job; added: number; translation: PortableTranslation | null } | null> {
  let value: unknown;
  try {
    value = yield* parsingJson(content);
  } catch {
    return null;
  }
  const imported = yield* readJson(value);
  if (imported === null || imported.kind !== 'earshot' || imported.cues.length === 0) return null;
  const [own, source] = [record(record(value)['library']), record(record(value)['file'])];
  const name = text(source['name']) ?? 'transcript.json';
  const lastModified = number(own['lastModified']) ?? 0;
  const id = text(own['id']);
  const file = new File([], name, { lastModified });
  const job = yield* makingJob(id !== null && /^[\w-]{8,64}$/.test(id) ? id : newId(), imported, file, null);
  return {
    job: {
      ...job,
      ...{ name, title: text(own['title']) ?? '', size: number(source['bytes']) ?? 0, lastModified },
      languageProbability: Math.min(1, number(record(value)['languageProbability']) ?? 1),
      ...{ facts: factsIn(source['facts']), notice: null },
    },
    added: number(own['added']) ?? Date.now(),
    translation: yield* readPortable(own['translation']),
  };
}

function factsIn(value: unknown): MediaFacts | null {
  const facts = record(value);
  const [container, codec] = [text(facts['container']), text(facts['codec'])];
  const [sampleRate, channels] = [number(facts['sampleRate']), number(facts['channels'])];
  if (container === null || codec === null || sampleRate === null || channels === null) return null;
  return { container, codec, seconds: number(facts['seconds']), sampleRate, channels, video: facts['video'] === true };
}
