/** What the run of a job has to tell a person, in words. No part of the first load. Pure. */
import type { WhyCpu } from '../engine/backend-answer.ts';
import { duration } from '../clock.ts';
import { NO_GPU, SOFTWARE_GPU } from '../faults.ts';
import { phrase, t, type Phrase } from '../locale/text.ts';
import type { News } from '../messages/message.ts';

const CPU_MODEL = phrase('This model runs on the CPU only, so the CPU does the work.');
const WRONG_GPU = phrase('Your GPU gives wrong results in the test, so Earshot uses the CPU.');
const SILENT_GPU = phrase('Your GPU does not answer in the test, so Earshot uses the CPU.');
const SLOWER_GPU = phrase('In the self-test your CPU was faster than your GPU, so Earshot uses the CPU.');

const WHY_CPU: Record<WhyCpu, Phrase> = {
  'cpu-model': CPU_MODEL,
  'no-gpu': NO_GPU,
  'software-gpu': SOFTWARE_GPU,
  'wrong-results': WRONG_GPU,
  'silent-gpu': SILENT_GPU,
  'slower-gpu': SLOWER_GPU,
};

export function whyCpuNews(why: WhyCpu): News {
  return { key: 'gpu', sentence: t(WHY_CPU[why]) };
}

/** The model that comes with the page is only in memory. */
export function modelNotKeptNews(): News {
  return {
    key: 'model-disk',
    sentence: t(
      'This browser keeps no models here: this one runs from memory and comes with the page again next time.',
    ),
  };
}

/** Several files were done one after the other; one file says itself that it is done. */
export function allDoneNews(files: number, soundSeconds: number, wallSeconds: number): News {
  return {
    key: 'all-done',
    kind: 'ok',
    sentence: t('{files} files are done: {time} of sound in {time2}.', {
      files,
      time: duration(soundSeconds),
      time2: duration(wallSeconds),
    }),
  };
}
