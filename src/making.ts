/** What a transcript was made with, kept with it: a person who comes back months later can tell, and do it again. Pure. */
import type { Backend, JobRequest, LoadReport, Task } from '../workers/protocol.ts';

export type Making = {
  /** When it began, in milliseconds since 1970; also what a cue that was heard again knows it by. */
  at: number;
  /** Of Earshot. */
  version: string;
  /** Catalogue id. */
  model: string;
  /** Of the weights on the disk: "b8", "q4". */
  form: string;
  backend: Backend;
  /** ISO code that was chosen; null: it was detected. */
  language: string | null;
  task: Task;
  skipSilence: boolean;
  words: boolean;
  languagePerWindow: boolean;
  glossary: string;
  /** Seconds of the file that were heard again; missing: it was heard as a whole. */
  part?: { start: number; end: number };
};

type Settings = Pick<JobRequest, 'language' | 'task' | 'skipSilence' | 'words' | 'languagePerWindow' | 'glossary'>;

/** @param when its time and the version of Earshot */
export function makingOf(request: Settings, load: LoadReport, when: Pick<Making, 'at' | 'version'>): Making {
  const { language, task, skipSilence, words, languagePerWindow, glossary } = request;
  return {
    ...{ ...when, model: load.modelId, form: load.form, backend: load.backend },
    ...{ language, task, skipSilence, words, languagePerWindow, glossary },
  };
}

/** With one more, unless the last one was the same but for its time: a job that goes on after a reload was made once. */
export function withMaking(made: readonly Making[], making: Making): readonly Making[] {
  const last = made.findLast(({ part }) => part === undefined);
  const isSame = last !== undefined && JSON.stringify({ ...last, at: 0 }) === JSON.stringify({ ...making, at: 0 });
  return isSame ? made : [...made, making];
}
