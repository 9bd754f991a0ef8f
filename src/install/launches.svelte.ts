/** Brings what the operating system opens the page with, or another app shares, to the queue. Not part of the first load. */
import { t } from '../locale/text.ts';
import { SHARED_CACHE } from '../../workers/protocol.ts';
import { messages } from '../messages/messages.svelte.ts';
import { lineOf } from '../queue/file-name.ts';
import { queue } from '../queue/queue.svelte.ts';
import { listenForLaunches, type Launch } from './launch.ts';

/** Listens for launches into this tab, now and later. Call it when the queue can take files. */
export function startLaunches(page: Pick<Launch, 'askForFiles' | 'openEngine'>): void {
  listenForLaunches({
    ...page,
    sharedCache: SHARED_CACHE,
    add: (files) => queue.add(files),
    offer: askAboutShared,
    sharedInVain: () =>
      messages.sayUntil('OK', () => ({
        key: 'intake',
        sentence: t('The browser had no room for what was shared. Add the file here instead.'),
      })),
  });
}

/** Any site can share a file, so nothing is done with it before the person has said yes. */
function askAboutShared(names: string[], answer: (yes: boolean) => Promise<File[]>): void {
  const decide = (yes: boolean) => {
    messages.withdraw('shared');
    void answer(yes).then((files) => queue.add(files));
  };
  messages.say(() => ({
    key: 'shared',
    sentence:
      names.length === 1
        ? t('{name} was shared with Earshot.', { name: lineOf(names[0]) })
        : t('{n} files were shared with Earshot.', { n: names.length }),
    more: t('Were you the one who shared? Then transcribe; otherwise throw it away.'),
    detail: names.length === 1 ? '' : names.map(lineOf).join('\n'),
    actions: [
      { label: t('Transcribe'), primary: true, run: () => decide(true) },
      { label: t('Throw away'), run: () => decide(false) },
    ],
  }));
}
