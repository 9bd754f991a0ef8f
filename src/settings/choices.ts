/** What a person can set, how it is kept, and how an address presets it. Pure. */
import { DEFAULT_JOB, type BackendChoice, type JobRequest, type Task } from '../../workers/protocol.ts';
import { PAGE_LANGUAGES, type PageLanguage } from '../locale/text.ts';
import { LANGUAGE_CODES } from './languages.ts';

export type Choices = {
  model: string;
  backend: BackendChoice;
  /** ISO code; empty: detect. */
  language: string;
  task: Task;
  skipSilence: boolean;
  words: boolean;
  /** Several languages in one recording. Counts only while the language is detected. */
  languagePerWindow: boolean;
  /** Left and right of a stereo recording are heard each on its own, as in a phone call with one speaker a side. */
  speakerPerChannel: boolean;
  /** Long recordings stop after their first minute, and go on when the person has seen it. */
  tryFirst: boolean;
  /** Speakers are told apart by their voices, beside the transcription. */
  tellSpeakers: boolean;
  /** Voices may be kept on this device, and are looked for in other recordings. */
  knownVoices: boolean;
  /** What the page itself speaks; empty: what the browser prefers. */
  pageLanguage: PageLanguage | '';
  /** Names and spellings. */
  glossary: string;
  /** When the last file is done: a notification where the page is not in front, and a sound. */
  notify: boolean;
  chime: boolean;
  /** Minutes without work until the model leaves memory; 0: never. */
  modelIdleMinutes: number;
  /** Minutes without work until the engine's worker is ended; 0: never. */
  engineIdleMinutes: number;
};

/** What can be chosen, in the order of the list. 0: never. */
export const IDLE_MINUTES = [2, 5, 10, 30, 60, 0] as const;

/** The model of the demonstration: bundled, quick, and hears digits only. */
export const DEMO_MODEL = 'whisper-digits-10s';
export const DEFAULT_MODEL = 'whisper-base';

export const DEFAULT_CHOICES: Choices = {
  model: DEFAULT_MODEL,
  backend: 'auto',
  language: '',
  task: DEFAULT_JOB.task,
  skipSilence: DEFAULT_JOB.skipSilence,
  words: DEFAULT_JOB.words,
  languagePerWindow: DEFAULT_JOB.languagePerWindow,
  speakerPerChannel: false,
  tryFirst: false,
  tellSpeakers: false,
  knownVoices: false,
  pageLanguage: '',
  glossary: DEFAULT_JOB.glossary,
  notify: false,
  chime: false,
  modelIdleMinutes: 2,
  engineIdleMinutes: 10,
};

function isIdleMinutes(value: unknown): value is number {
  return IDLE_MINUTES.some((minutes) => minutes === value);
}

function isPageLanguage(value: unknown): value is Choices['pageLanguage'] {
  return value === '' || PAGE_LANGUAGES.some((language) => language === value);
}

/** Only what is of the right kind; everything else stays as it is by default. */
export function validChoices(value: unknown): Partial<Choices> {
  if (typeof value !== 'object' || value === null) return {};
  const { model, backend, language, task, skipSilence, words, languagePerWindow, glossary, ...idle } = value as Record<
    string,
    unknown
  >;
  const {
    modelIdleMinutes,
    engineIdleMinutes,
    speakerPerChannel,
    tryFirst,
    notify,
    chime,
    tellSpeakers,
    knownVoices,
    pageLanguage,
  } = idle;
  return {
    ...(typeof model === 'string' && model !== '' && { model }),
    ...((backend === 'auto' || backend === 'gpu' || backend === 'cpu') && { backend }),
    ...(typeof language === 'string' && (language === '' || LANGUAGE_CODES.includes(language)) && { language }),
    ...((task === 'transcribe' || task === 'translate') && { task }),
    ...(typeof skipSilence === 'boolean' && { skipSilence }),
    ...(typeof words === 'boolean' && { words }),
    ...(typeof languagePerWindow === 'boolean' && { languagePerWindow }),
    ...(typeof speakerPerChannel === 'boolean' && { speakerPerChannel }),
    ...(typeof tryFirst === 'boolean' && { tryFirst }),
    ...(typeof tellSpeakers === 'boolean' && { tellSpeakers }),
    ...(typeof knownVoices === 'boolean' && { knownVoices }),
    ...(isPageLanguage(pageLanguage) && { pageLanguage }),
    ...(typeof glossary === 'string' && { glossary }),
    ...(typeof notify === 'boolean' && { notify }),
    ...(typeof chime === 'boolean' && { chime }),
    ...(isIdleMinutes(modelIdleMinutes) && { modelIdleMinutes }),
    ...(isIdleMinutes(engineIdleMinutes) && { engineIdleMinutes }),
  };
}

/** `?model=whisper-digits-10s&backend=cpu&language=en&task=transcribe`. */
export function choicesOfQuery(search: string): Partial<Choices> {
  const query = Object.fromEntries(new URLSearchParams(search));
  const { model, backend, language, task } = query;
  return validChoices({ model, backend, language: language === 'detect' ? '' : language, task });
}

export function requestOf(choices: Choices): Omit<JobRequest, 'fromSample' | 'heardLanguage' | 'bookmark'> {
  const { fromSample: _, heardLanguage: __, bookmark: ___, ...rest } = DEFAULT_JOB;
  return {
    ...rest,
    language: choices.language === '' ? null : choices.language,
    task: choices.task,
    skipSilence: choices.skipSilence,
    // A cue is cut between two of its words where the speaker changes.
    words: choices.words || choices.tellSpeakers,
    languagePerWindow: choices.languagePerWindow && choices.language === '',
    glossary: choices.glossary.trim(),
  };
}
