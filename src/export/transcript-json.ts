/** The whole transcript for another program. `version` changes when a field changes its meaning or goes away. */
import type { Backend, Cue, JobReport, MediaFacts, Word } from '../../workers/protocol.ts';
import type { EditableCue, Seam } from '../queue/job.ts';
import { madeOf } from '../made-of.ts';
import type { Making } from '../making.ts';
import { flatMapping } from '../mapping.ts';
import { atOnce } from '../slices.ts';
import type { ExportedJob } from './exported.ts';
import { jsonInSteps } from './json-in-steps.ts';
import { speakersOf, type Speaker } from './speakers.ts';

/** Times in seconds from the start of the file, probabilities in [0, 1]. */
export type TranscriptFile = {
  format: 'earshot-transcript';
  version: 1;
  file: { name: string; bytes: number; facts: MediaFacts | null };
  /** ISO code; null when nothing was heard. */
  language: string | null;
  languageProbability: number;
  /** Catalogue id; null when nothing ran. */
  model: string | null;
  /** The backend it started on; `seams` says where another took over. */
  backend: Backend | null;
  seams: Seam[];
  report: JobReport | null;
  /**
   * The settings that the words were made with, in the order they were: `at` in milliseconds since 1970; `part` where only
   * these seconds were heard again, whose cues have that `at` as `again`. Missing where another program made it.
   */
  made?: Making[];
  /** What those are called whom the cues name; missing where no cue names anyone. `joined`: whom a person has made one with them, by id. */
  speakers?: Speaker[];
  /**
   * Empty cues are left out. `language` only where it is not the file's. Of an `edited` text the `words` that a person wrote have the
   * probability 1, and times between those of their neighbours. `alsoSpeaking`: who else speaks meanwhile, by id. `heard`: what was heard before the person's own spellings were put in.
   */
  cues: {
    start: number;
    end: number;
    text: string;
    edited: boolean;
    language?: string;
    speaker?: string;
    alsoSpeaking?: string[];
    doubt?: NonNullable<Cue['doubt']>;
    again?: number;
    heard?: NonNullable<EditableCue['heard']>;
    words?: Word[];
  }[];
};

export function transcriptFile(job: ExportedJob): TranscriptFile {
  return atOnce(filing(job));
}

/** The same, step by step. */
export function* filing(job: ExportedJob): Generator<void, TranscriptFile> {
  const made = madeOf(job.made ?? [], job.cues);
  const behind = job.cues.flatMap(({ alsoSpeaking = [] }) => alsoSpeaking.map((speaker) => ({ speaker })));
  const joined = new Map(job.speakers?.map((speaker) => [speaker.id, speaker.joined]));
  const people = speakersOf([...job.cues, ...behind], job.speakers).map((speaker) => {
    const others = joined.get(speaker.id);
    return others === undefined ? speaker : { ...speaker, joined: others };
  });
  const cues = yield* flatMapping(job.cues, (cue) => (cue.text.trim() === '' ? [] : [cueOf(cue, job.language)]));
  return {
    format: 'earshot-transcript',
    version: 1,
    file: { name: job.name, bytes: job.size, facts: job.facts },
    language: job.language,
    languageProbability: job.languageProbability,
    model: job.load?.modelId ?? null,
    backend: job.load?.backend ?? null,
    seams: [...job.seams],
    report: job.report,
    ...(made.length > 0 && { made }),
    ...(people.length > 0 && { speakers: people }),
    cues,
  };
}

/** @param ofFile the language of the file: it is not said again */
function cueOf(
  { start, end, text, edited, language, speaker, alsoSpeaking, doubt, again, heard, words }: EditableCue,
  ofFile: string | null,
): TranscriptFile['cues'][number] {
  return {
    ...{ start, end, text, edited },
    ...(language === ofFile ? {} : { language }),
    ...(speaker === undefined ? {} : { speaker }),
    ...(alsoSpeaking === undefined ? {} : { alsoSpeaking }),
    ...(doubt === undefined ? {} : { doubt }),
    ...(again === undefined ? {} : { again }),
    ...(heard === undefined ? {} : { heard }),
    ...(words === undefined ? {} : { words }),
  };
}

export function* transcriptJson(job: ExportedJob): Generator<void, string> {
  return `${yield* jsonInSteps(yield* filing(job))}\n`;
}
