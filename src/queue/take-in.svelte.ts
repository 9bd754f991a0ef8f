/**
 * Takes what a person has given to where it belongs: recordings to the queue, models to the store, and of the rest it is
 * said that it was left out. Not a part of the first load.
 */
import { engine } from '../engine.svelte.ts';
import { t } from '../locale/text.ts';
import { archives } from './archives.ts';
import { mayConcern, takeTranscripts } from './take-transcripts.ts';
import { messages } from '../messages/messages.svelte.ts';
import { models } from '../models/models.svelte.ts';
import type { Dropped } from '../given-files.ts';
import { intakeOf, intakeOfDrop, pickedBy, type Intake } from './intake.ts';
import { lineOf } from './file-name.ts';
import { leftOutNews } from './left-out.ts';
import { pickFiles } from './pick-files.ts';
import { queue } from './queue.svelte.ts';
import { openKept, rememberAll } from './relink.ts';

/** What was dropped or pasted. */
export async function takeDropped(dropped: Dropped): Promise<void> {
  await take(await intakeOfDrop(dropped));
}

/** @param folder the picker was one of folders: nobody pointed at each file */
export function takePicked(files: readonly File[], folder: boolean): void {
  void take(pickedBy(files, folder));
}

/** Opens the browser's picker, inside a press. What is picked by it is there again after a reload. */
export async function pick(): Promise<void> {
  const files = await pickFiles();
  if (files !== null) await take(intakeOf(files, [], [], 0));
}

async function take(given: Intake): Promise<void> {
  messages.withdraw('intake');
  const { rest, empty, strange } = mayConcern(given.files, queue.jobs)
    ? await takeTranscripts(given.files, {
        jobs: () => queue.jobs,
        open: (file) => engine.open(file, new AbortController().signal),
        add: (job) => queue.addFinished(job),
        change: (id, change) => queue.amend(id, change),
        newId: () => crypto.randomUUID(),
      })
    : { rest: given.files, empty: [], strange: [] };
  // Where nothing can be kept, nothing is known of earlier visits, and the database may not even answer.
  if (queue.keeping)
    await openKept(rest, { jobs: () => queue.jobs, open: (id) => queue.open(id), drop: (id) => queue.drop(id) });
  void rememberAll(given.files);
  const intake = { ...given, files: rest };
  queue.add(
    intake.files.map(({ file }) => file),
    intake.files.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/')))),
  );
  if (empty.length > 0) {
    messages.sayUntil('OK', () => ({
      key: 'import',
      sentence: t('There are no words in {names}.', { names: empty.map(lineOf).join(', ') }),
    }));
  }
  if (strange.length > 0) {
    const names = strange.map(lineOf).join(', ');
    messages.sayUntil('OK', () => ({
      key: 'script',
      sentence: t('The text of {names} is not what was heard in the recording of that name.', { names }),
      more: t('A script is laid on a recording only where at least half of its words were heard.'),
    }));
  }
  // Where transcripts or models came, it is not true that there was nothing.
  const news = rest.length < given.files.length && given.leftOut.length === 0 ? null : leftOutNews(intake);
  if (news !== null) messages.sayUntil('OK', () => leftOutNews(intake) ?? news);
  void models.importUnasked(await archives.takeTheirs(intake.model));
}
