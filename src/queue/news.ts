/** What the queue has to tell a person, in words. Pure. */
import { t } from '../locale/text.ts';
import type { News } from '../messages/message.ts';
import { lineOf } from './file-name.ts';
import type { Job } from './job.ts';

/** The key of what is said about one file in the list. */
export function keyOf(jobId: string): string {
  return `file ${jobId}`;
}

/** What an earlier visit did not finish and this tab may go on with. */
export function unfinishedOf(jobs: readonly Job[]): Job[] {
  return jobs.filter((job) => job.phase === 'cancelled' && job.fileMissing && !job.elsewhere);
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
