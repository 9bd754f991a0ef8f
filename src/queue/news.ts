/** What the queue has to tell a person, in words. Pure. */
import { t, type Phrase } from '../locale/text.ts';
import { clock, duration } from '../clock.ts';
import type { WhyCpu } from '../engine/backend-answer.ts';
import { CPU_MODEL, NO_GPU, SILENT_GPU, SLOWER_GPU, SOFTWARE_GPU, WRONG_GPU } from '../faults.ts';
import type { News } from '../messages/message.ts';
import { lineOf } from './file-name.ts';
import { lengthOf, type Job } from './job.ts';

const WHY_CPU: Record<WhyCpu, Phrase> = {
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
    sentence: t('The clip could not be fetched.'),
    more: t('Check the network and try again.'),
    detail: error instanceof Error ? error.message : String(error),
  };
}

export function fileMissingNews({ id, name }: Job): News {
  return {
    key: keyOf(id),
    sentence: t("Earshot doesn't keep your files. Add {name} again to go on.", { name: lineOf(name) }),
  };
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
  const stopped = { name: lineOf(name), time: clock(progress.doneSeconds, lengthOf(cut[0]) ?? 0) };
  const pick = { label: one ? t('Choose the file') : t('Choose the files'), run: choose };
  if (goOn !== null)
    return {
      key: 'unfinished',
      sentence: one
        ? t('{name} stopped at {time}, and can go on from there.', stopped)
        : t('{n} files were not finished. Each can go on from where it stopped.', { n: cut.length }),
      more: t('All words so far are kept.'),
      actions: [{ label: t('Go on'), primary: true, run: goOn }, pick],
    };
  return {
    key: 'unfinished',
    sentence: one
      ? t('{name} stopped at {time}. Add it again, and it goes on from there.', stopped)
      : t('{n} files were not finished. Add them again, and each goes on from where it stopped.', { n: cut.length }),
    more: t('All words so far are kept. The files themselves are not.'),
    actions: [{ ...pick, primary: true }],
  };
}

export function openElsewhereNews({ id, name }: Job): News {
  return {
    key: keyOf(id),
    sentence: t('{name} is open in another tab, so it is not transcribed a second time.', { name: lineOf(name) }),
    more: t('Go on in that tab, or close it: then it goes on here.'),
  };
}

/** @param undo puts it back */
export function removedNews({ id, name }: Job, undo: () => void): News {
  return {
    key: `removed ${id}`,
    sentence: t('{name} and its transcript are off the list.', { name: lineOf(name) }),
    actions: [{ label: t('Undo'), run: undo }],
  };
}

export function whyCpuNews(why: WhyCpu): News {
  return { key: 'gpu', sentence: t(WHY_CPU[why]) };
}

export function notKeptNews(fault: Error): News {
  return {
    key: 'disk',
    sentence: t("This browser doesn't let Earshot keep transcripts here: export them before you close the tab."),
    detail: fault.message,
  };
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
