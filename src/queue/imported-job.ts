/** A transcript that was read from a file, as a job of the queue: finished, with or without its recording. Pure. */
import { t } from '../locale/text.ts';
import type { MediaFacts } from '../../workers/protocol.ts';
import {
  editableCuesOf,
  inOrder,
  newJob,
  withChanges,
  type CueChanges,
  type EditableCue,
  type HeardWindow,
  type Job,
} from './job.ts';
import { lineOf } from './file-name.ts';
import { LANGUAGE_CODES } from '../settings/languages.ts';
import type { Imported } from '../import/imported.ts';
import { atOnce } from '../slices.ts';

/** Cues are kept as windows, which the engine fills with half a minute of speech; so many are a record of a usual size. */
const CUES_A_WINDOW = 200;
/** Windows are placed by samples at the engine's own rate. */
const SAMPLE_RATE = 16_000;
/** What BCP 47 calls a language that is not known. */
const UNKNOWN = 'und';

/** A recording, and what its container says of it. */
export type Sound = { file: File; facts: MediaFacts };

/** The name without its extension, as two files that belong together share it: "Talk.MP3" and "talk.srt". */
export function stemOf(name: string): string {
  return name
    .replace(/\.[^.]*$/, '')
    .normalize('NFC')
    .toLowerCase();
}

/** The stems of recordings that a transcript of this name may be of: "talk.en.srt" is of "talk.mp3", too. */
export function stemsOf(name: string): string[] {
  const stem = stemOf(name);
  const whole = stem.replace(/\.[a-z]{2,3}(?:-[a-z0-9]{2,8})?$/, '');
  return whole === stem || whole === '' ? [stem] : [stem, whole];
}

/** The language that a name ends in ("talk.en.srt"), an ISO code; null: none. */
function languageOfName(name: string): string | null {
  const code = /\.([a-z]{2,3})(?:-[a-z0-9]{2,8})?\.[^.]*$/i.exec(name)?.[1].toLowerCase();
  return code !== undefined && LANGUAGE_CODES.includes(code) ? code : null;
}

/** Scripts that one language alone is written in, or that change how words are found: what must occur, and all letters. */
const SCRIPTS: readonly [mark: RegExp, letters: RegExp, language: string][] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/gu, 'ja'],
  [/\p{Script=Hangul}/u, /[\p{Script=Hangul}\p{Script=Han}]/gu, 'ko'],
  [/\p{Script=Han}/u, /\p{Script=Han}/gu, 'zh'],
  [/\p{Script=Thai}/u, /\p{Script=Thai}/gu, 'th'],
  [/\p{Script=Lao}/u, /\p{Script=Lao}/gu, 'lo'],
  [/\p{Script=Khmer}/u, /\p{Script=Khmer}/gu, 'km'],
  [/\p{Script=Myanmar}/u, /\p{Script=Myanmar}/gu, 'my'],
  [/\p{Script=Tibetan}/u, /\p{Script=Tibetan}/gu, 'bo'],
  [/\p{Script=Hebrew}/u, /\p{Script=Hebrew}/gu, 'he'],
  [/\p{Script=Greek}/u, /\p{Script=Greek}/gu, 'el'],
];

/** The language that the script of most letters of a text tells; null: several languages use it. */
export function languageOfScript(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const isMost = (script: RegExp) => (text.match(script)?.length ?? 0) * 2 > letters;
  return SCRIPTS.find(([mark, script]) => mark.test(text) && isMost(script))?.[2] ?? null;
}

/** It waits for its recording: it came from a file and has none yet. */
export function awaitsSound(job: Job): boolean {
  return job.phase === 'done' && job.fileMissing && job.report === null && job.windows.length > 0;
}

/** As `makingJob`, at once. */
export function jobOf(...of: Parameters<typeof makingJob>): Job {
  return atOnce(makingJob(...of));
}

/**
 * @param file that was read; its name is the job's where there is no recording and the transcript names none
 * @param sound the recording, where it is here
 */
export function* makingJob(id: string, imported: Imported, file: File, sound: Sound | null): Generator<void, Job> {
  const sample = imported.cues.slice(0, 50).map(({ text }) => text);
  const language = imported.language ?? languageOfName(file.name) ?? languageOfScript(sample.join(' '));
  const windows = yield* windowsOf(imported, language ?? UNKNOWN);
  const endSeconds = imported.cues.reduce((latest, { end }) => Math.max(latest, end), 0);
  const seconds = Math.max(endSeconds, sound?.facts.seconds ?? imported.mediaSeconds ?? 0);
  const name = imported.mediaName ?? file.name;
  const heard: EditableCue[] = [];
  for (const window of windows) {
    heard.push(...editableCuesOf(window));
    yield;
  }
  const cues = inOrder(heard);
  yield;
  const edits = editsOf(cues, imported);
  yield;
  const base = newJob(id, sound?.file ?? new File([], name, { lastModified: file.lastModified }));
  return {
    ...withChanges({ ...base, cues }, edits),
    phase: 'done',
    fileMissing: sound === null,
    facts: sound?.facts ?? null,
    windows,
    speakers: imported.speakers,
    made: imported.made ?? [],
    language,
    languageProbability: language === null ? 0 : 1,
    progress: { doneSeconds: seconds, audioSeconds: seconds, speed: 0, secondsLeft: null },
    notice: noticeOf(imported, file.name, sound === null),
  };
}

/** A job that waited for its recording has it. */
export function withSound(job: Job, { file, facts }: Sound): Job {
  const seconds = Math.max(job.progress.doneSeconds, facts.seconds ?? 0);
  return {
    ...job,
    ...{ file, facts, fileMissing: false, notice: null },
    ...{ name: file.name, size: file.size, lastModified: file.lastModified },
    progress: { ...job.progress, doneSeconds: seconds, audioSeconds: seconds },
  };
}

/** So many names are told of; more stand beside the words. */
const NAMES_TOLD = 6;

function noticeOf({ faults, kind, speakers, namesInText }: Imported, name: string, isAlone: boolean): string {
  const read = { name: lineOf(name) };
  const names = speakers.slice(0, NAMES_TOLD).map((speaker) => speaker.name);
  if (speakers.length > NAMES_TOLD) names.push('…');
  return [
    kind === 'txt' ? t('The text of {name}, laid on the words that were heard.', read) : t('Read from {name}.', read),
    namesInText === true ? t('Its texts say who speaks: {names}.', { names: names.join(', ') }) : '',
    faults.length === 0
      ? ''
      : t('{n} place in it could not be read.|{n} places in it could not be read.', { n: faults.length }),
    isAlone ? t('Add the recording of the same name to hear it.') : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** Cues of one language each, in their order; every window begins at a sample of its own. */
function* windowsOf({ cues }: Imported, language: string): Generator<void, HeardWindow[]> {
  const windows: HeardWindow[] = [];
  let from = 0;
  let free = 0;
  while (from < cues.length) {
    const own = cues[from].language ?? language;
    let to = from + 1;
    while (to < cues.length && to - from < CUES_A_WINDOW && (cues[to].language ?? language) === own) to += 1;
    const part = cues.slice(from, to);
    const startSample = Math.max(free, Math.round(part[0].start * SAMPLE_RATE));
    const endSample = Math.max(startSample, ...part.map(({ end }) => Math.round(end * SAMPLE_RATE)));
    free = startSample + 1;
    windows.push({
      ...{ index: windows.length, startSample, endSample, tokens: [] },
      cues: part.map(({ language: _, edited: __, ...cue }) => cue),
      ...{ language: own, languageProbability: 1, noSpeechProbability: 0, averageLogProbability: 0 },
      ...{ compressionRatio: 1, temperature: 0, backend: 'cpu' },
    });
    from = to;
    yield;
  }
  return windows;
}

/** The cues that a person had changed already, with the mark of it. */
function editsOf(cues: readonly EditableCue[], imported: Imported): CueChanges {
  return new Map(
    cues.flatMap((cue, index) => (imported.cues[index]?.edited === true ? [[cue.id, { ...cue, edited: true }]] : [])),
  );
}
