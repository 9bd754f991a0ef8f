/** The files of what an earlier visit did not finish, from where they lay. No part of the first load. */
import { clock } from '../clock.ts';
import { t } from '../locale/text.ts';
import type { News, Telling } from '../messages/message.ts';
import { fileAgain, handleOf } from './file-handles.ts';
import { lineOf } from './file-name.ts';
import { lengthOf, type Job } from './job.ts';
import { keyOf, unfinishedOf } from './news.ts';

/** The queue, as far as it is needed. */
type Place = {
  jobs: () => readonly Job[];
  /** Resolves when they are in the list. */
  add: (files: readonly File[]) => Promise<void>;
  /** Opens the picker of files. */
  choose: () => void;
  /** Says what is not finished; null: nothing is any more. */
  say: (tell: Telling | null) => void;
};

/** A job, and the browser's own handle of its file. */
type Way = { job: Job; handle: FileSystemFileHandle };

/** Of those files of which the browser has kept a handle. */
async function waysBack(jobs: readonly Job[]): Promise<Way[]> {
  const handles = await Promise.all(jobs.map(handleOf));
  return jobs.flatMap((job, index): Way[] => {
    const handle = handles[index];
    return handle === null ? [] : [{ job, handle }];
  });
}

/** Inside a press, in which the browser may ask. @returns those that may be read and are as they were */
async function broughtBack(ways: readonly Way[]): Promise<File[]> {
  const files: File[] = [];
  for (const { job, handle } of ways) {
    const again = await fileAgain(handle, job, true);
    if (again.type === 'file') files.push(again.file);
  }
  return files;
}

/**
 * Inside a press: the file of a job from where it lay. Where there is no way to it, or it is not to be read, or is another one
 * by now, it is asked for.
 * @param add resolves when it is in the list
 * @param then called when the job has its file
 */
export async function bringBack(
  job: Job,
  add: Place['add'],
  say: (tell: Telling) => void,
  then: () => void,
): Promise<void> {
  const files = await broughtBack(await waysBack([job]));
  if (files.length === 0) {
    const name = lineOf(job.name);
    return say(() => ({
      key: keyOf(job.id),
      sentence: t("Earshot doesn't keep your files. Add {name} again to go on.", { name }),
    }));
  }
  await add(files);
  then();
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
  const fresh = one && progress.doneSeconds === 0;
  const stopped = { name: lineOf(name), time: clock(progress.doneSeconds, lengthOf(cut[0]) ?? 0) };
  const pick = { label: one ? t('Choose the file') : t('Choose the files'), run: choose };
  if (goOn !== null)
    return {
      key: 'unfinished',
      sentence: fresh
        ? t('Nothing of {name} was heard yet. It can be heard now.', stopped)
        : one
          ? t('{name} stopped at {time}, and can go on from there.', stopped)
          : t('{n} files were not finished. Each can go on from where it stopped.', { n: cut.length }),
      ...(fresh ? {} : { more: t('All words so far are kept.') }),
      actions: [{ label: t('Go on'), primary: true, run: goOn }, pick],
    };
  return {
    key: 'unfinished',
    sentence: fresh
      ? t('Nothing of {name} was heard yet. Add it again to hear it.', stopped)
      : one
        ? t('{name} stopped at {time}. Add it again, and it goes on from there.', stopped)
        : t('{n} files were not finished. Add them again, and each goes on from where it stopped.', { n: cut.length }),
    more: fresh ? t('Earshot keeps no files.') : t('All words so far are kept. The files themselves are not.'),
    actions: [{ ...pick, primary: true }],
  };
}

/** By a press where the browser has kept the way to a file; by choosing it again where not, or where that has failed. */
export async function offerToGoOn({ jobs, add, choose, say }: Place): Promise<void> {
  const offer = (goOn: (() => void) | null) => {
    const all = jobs();
    const first = unfinishedNews(all, choose, goOn);
    say(first && (() => unfinishedNews(all, choose, goOn) ?? first));
  };
  const ways = await waysBack(unfinishedOf(jobs()));
  const goOn = async () => {
    await add(await broughtBack(ways));
    offer(null);
  };
  offer(ways.length > 0 ? () => void goOn() : null);
}
