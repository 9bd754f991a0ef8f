/**
 * Of files that a person has given, those that are transcripts: each becomes a job with its words, beside its recording
 * where that is given, too, or already in the queue. Recordings that a transcript waits for are given to it.
 */
import type { MediaFacts } from '../../workers/protocol.ts';
import { folderOf, type Given } from '../given-files.ts';
import type { Job } from './job.ts';
import { inSlices } from '../slices.ts';
import { aligningText } from '../import/align-text.ts';
import { awaitsSound, makingJob, stemOf, stemsOf, withSound, type Sound } from './imported-job.ts';
import type { Imported } from '../import/imported.ts';
import { decodingText, MOST_BYTES, readTranscript, TRANSCRIPT_NAME } from '../import/read-transcript.ts';

/** A text of which less than this share was heard is another text. */
const SAME_TEXT = 0.5;

/** The queue and the engine, as far as they are needed. */
export type Place = {
  jobs: () => readonly Job[];
  /** Rejects for what is no recording. */
  open: (file: File) => Promise<MediaFacts>;
  /** Puts a finished job into the list and keeps it. */
  add: (job: Job) => void;
  /** Changes a job and keeps it. */
  change: (id: string, change: (job: Job) => Job) => void;
  newId: () => string;
};

/**
 * What is left for others: recordings, models. `empty`: names of transcripts without a word. `strange`: names of texts that
 * are not what is said in the recording of their name.
 */
export type Taken = { rest: Given[]; empty: string[]; strange: string[] };

/** Whether there is anything here to do, from names alone. */
export function mayConcern(files: readonly Given[], jobs: readonly Job[]): boolean {
  return files.some(({ file }) => TRANSCRIPT_NAME.test(file.name)) || jobs.some(awaitsSound);
}

export async function takeTranscripts(files: readonly Given[], place: Place): Promise<Taken> {
  const read: { given: Given; imported: Imported }[] = [];
  const empty: string[] = [];
  const strange: string[] = [];
  let rest: Given[] = [];
  for (const given of files) {
    const text = await textOf(given.file);
    const imported = text === null ? null : await inSlices(readTranscript(text));
    const script = imported === null && text !== null ? await laidOnSound(text, given.file, place) : null;
    if (script === 'strange') strange.push(given.file.name);
    else if (script !== null) place.add(script);
    else if (imported === null) rest.push(given);
    else if (imported.cues.length === 0) empty.push(given.file.name);
    else read.push({ given, imported });
  }
  for (const { given, imported } of read) {
    const { file } = given;
    const stems = [...stemsOf(file.name), ...(imported.mediaName === null ? [] : [stemOf(imported.mediaName)])];
    const named = rest.filter((one) => stems.includes(stemOf(one.file.name)));
    const beside = named.find((one) => folderOf(one) === folderOf(given)) ?? named.at(0);
    const known = place.jobs().find((job) => !job.fileMissing && stems.includes(stemOf(job.name)));
    const sound = await soundOf(beside?.file ?? known?.file, place);
    // A recording that is given with its words is not heard again.
    if (sound !== null && beside !== undefined) rest = rest.filter((one) => one !== beside);
    place.add(await inSlices(makingJob(place.newId(), imported, file, sound)));
  }
  const left: Given[] = [];
  for (const given of rest) if (!(await giveSound(given.file, place))) left.push(given);
  return { rest: left, empty, strange };
}

/** Null: by its name no transcript, or it cannot be read at all; whoever is next says so. */
async function textOf(file: File): Promise<string | null> {
  if (!TRANSCRIPT_NAME.test(file.name) || file.size > MOST_BYTES) return null;
  try {
    return await inSlices(decodingText(new Uint8Array(await file.arrayBuffer())));
  } catch {
    // The file went away, or memory did not suffice.
    return null;
  }
}

/**
 * A text without times that has the name of a recording whose words were heard: a script, or an older transcript.
 * @returns null: no such recording. 'strange': it is not what is said there.
 */
async function laidOnSound(text: string, file: File, place: Place): Promise<Job | 'strange' | null> {
  if (!/\.txt$/i.test(file.name)) return null;
  const stems = stemsOf(file.name);
  const heard = place
    .jobs()
    .find((job) => job.phase === 'done' && stems.includes(stemOf(job.name)) && job.cues.some((cue) => cue.words));
  if (heard === undefined) return null;
  const words = heard.cues.flatMap((cue) => cue.words ?? []);
  const language = heard.language ?? 'und';
  const { cues, heard: share } = await inSlices(aligningText(text, words, language, heard.progress.doneSeconds));
  if (cues.length === 0 || share < SAME_TEXT) return 'strange';
  const imported: Imported = {
    ...{ kind: 'txt', cues, speakers: [], language: heard.language, mediaName: heard.name, faults: [] },
    mediaSeconds: heard.progress.audioSeconds,
  };
  const sound = heard.fileMissing || heard.facts === null ? null : { file: heard.file, facts: heard.facts };
  return inSlices(makingJob(place.newId(), imported, file, sound));
}

/** A recording for the transcript of its name that waits for one. */
async function giveSound(file: File, place: Place): Promise<boolean> {
  const stem = stemOf(file.name);
  const waiting = place.jobs().find((job) => awaitsSound(job) && stemsOf(job.name).includes(stem));
  if (waiting === undefined) return false;
  const sound = await soundOf(file, place);
  if (sound === null) return false;
  place.change(waiting.id, (job) => withSound(job, sound));
  return true;
}

async function soundOf(file: File | undefined, { open }: Place): Promise<Sound | null> {
  if (file === undefined) return null;
  try {
    return { file, facts: await open(file) };
  } catch {
    // No recording that opens here: the words stand alone, and the file says itself what it lacks.
    return null;
  }
}
