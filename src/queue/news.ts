/** What the queue has to tell a person, in words. Pure. */
import type { FaultName } from '../../workers/protocol.ts';
import { clock, duration } from '../clock.ts';
import type { WhyCpu } from '../engine/backend-answer.ts';
import {
  CPU_MODEL,
  faultWords,
  NO_GPU,
  SILENT_GPU,
  SLOWER_GPU,
  SOFTWARE_GPU,
  takeoverWords,
  WRONG_GPU,
} from '../faults.ts';
import type { Action, News } from '../messages/message.ts';
import { lineOf } from './file-name.ts';
import { lengthOf, type Job } from './job.ts';
import type { Step } from './run.ts';

const WHY_CPU: Record<WhyCpu, string> = {
  'cpu-model': CPU_MODEL,
  'no-gpu': NO_GPU,
  'software-gpu': SOFTWARE_GPU,
  'wrong-results': WRONG_GPU,
  'silent-gpu': SILENT_GPU,
  'slower-gpu': SLOWER_GPU,
};

/** The key of what is said about one file in the list. */
export function keyOf(jobId: string): string {
  return `file ${jobId}`;
}

export function demoFailedNews(error: unknown): News {
  return {
    key: 'demo',
    kind: 'fault',
    sentence: 'The clip could not be fetched.',
    more: 'Check the network and try again.',
    detail: error instanceof Error ? error.message : String(error),
  };
}

export function fileMissingNews({ id, name }: Job): News {
  return { key: keyOf(id), sentence: `Earshot doesn't keep your files. Add ${lineOf(name)} again to go on.` };
}

/** What an earlier visit did not finish and this tab may go on with. */
export function unfinishedOf(jobs: readonly Job[]): Job[] {
  return jobs.filter((job) => job.phase === 'cancelled' && job.fileMissing && !job.elsewhere);
}

/**
 * What an earlier visit did not finish, in one offer; null: nothing.
 * @param choose opens the picker of files
 * @param goOn goes on with the files where they lay; null: the browser has kept no way to them
 */
export function unfinishedNews(
  jobs: readonly Job[],
  choose: () => void,
  goOn: (() => void) | null = null,
): News | null {
  const cut = unfinishedOf(jobs);
  if (cut.length === 0) return null;
  const [{ name, progress }] = cut;
  const one = cut.length === 1;
  const stopped = `${lineOf(name)} stopped at ${clock(progress.doneSeconds, lengthOf(cut[0]) ?? 0)}`;
  const pick = { label: one ? 'Choose the file' : 'Choose the files', run: choose };
  if (goOn !== null)
    return {
      key: 'unfinished',
      sentence: one
        ? `${stopped}, and can go on from there.`
        : `${cut.length} files were not finished. Each can go on from where it stopped.`,
      more: 'All words so far are kept.',
      actions: [{ label: 'Go on', primary: true, run: goOn }, pick],
    };
  return {
    key: 'unfinished',
    sentence: one
      ? `${stopped}. Add it again, and it goes on from there.`
      : `${cut.length} files were not finished. Add them again, and each goes on from where it stopped.`,
    more: 'All words so far are kept. The files themselves are not.',
    actions: [{ ...pick, primary: true }],
  };
}

export function openElsewhereNews({ id, name }: Job): News {
  return {
    key: keyOf(id),
    sentence: `${lineOf(name)} is open in another tab, so it is not transcribed a second time.`,
    more: 'Go on in that tab, or close it: then it goes on here.',
  };
}

/** @param undo puts it back */
export function removedNews({ id, name }: Job, undo: () => void): News {
  return {
    key: `removed ${id}`,
    sentence: `${lineOf(name)} and its transcript are off the list.`,
    actions: [{ label: 'Undo', run: undo }],
  };
}

export function whyCpuNews(why: WhyCpu): News {
  return { key: 'gpu', sentence: WHY_CPU[why] };
}

/** The CPU went on where the GPU had stopped. */
export function takeoverNews(job: Job, step: Extract<Step, { type: 'took-over' }>, tryAgain: Action): News {
  const at = step.atSeconds > 0 ? clock(step.atSeconds, lengthOf(job) ?? 0) : null;
  const { sentence, next } = takeoverWords(step.name, at, job.cues.length);
  return {
    key: 'gpu',
    kind: step.name === 'NoGpu' ? 'news' : 'fault',
    sentence,
    more: next,
    detail: step.detail,
    actions: [tryAgain],
  };
}

export function modelFaultNews(name: FaultName, detail: string): News {
  const { sentence, next } = faultWords(name);
  return { key: 'model', kind: 'fault', sentence, more: next, detail };
}

export function notKeptNews(fault: Error): News {
  return {
    key: 'disk',
    sentence: "This browser doesn't let Earshot keep transcripts here: export them before you close the tab.",
    detail: fault.message,
  };
}

/** The model that comes with the page is only in memory. */
export function modelNotKeptNews(): News {
  return {
    key: 'model-disk',
    sentence: 'This browser keeps no models here: this one runs from memory and comes with the page again next time.',
  };
}

/** Several files were done one after the other; one file says itself that it is done. */
export function allDoneNews(files: number, soundSeconds: number, wallSeconds: number): News {
  return {
    key: 'all-done',
    kind: 'ok',
    sentence: `${files} files are done: ${duration(soundSeconds)} of sound in ${duration(wallSeconds)}.`,
  };
}
