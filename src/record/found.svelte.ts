/** Says what an earlier visit left of recordings that nobody has stopped. Not a part of the first load. */
import { clock } from '../clock.ts';
import { t } from '../locale/text.ts';
import { messages } from '../messages/messages.svelte.ts';
import { lineOf } from '../queue/file-name.ts';
import { live } from './live.svelte.ts';
import { recordings } from './recordings.svelte.ts';

const KEY = 'found-recording';

/** Offers the newest one; the others stand in the list of recordings. Never rejects. */
export async function offerFound(): Promise<void> {
  await recordings.refresh();
  const found = recordings.shown.find(({ ended }) => !ended);
  if (found === undefined) return;
  const decide = (then: () => Promise<void>) => () => {
    messages.withdraw(KEY);
    live.set(false);
    void recordings.settle(found).then(then);
  };
  messages.say(() => ({
    key: KEY,
    sentence: t('A recording was cut off: {name}.', { name: lineOf(found.name) }),
    more: t('{time} of it are safe on this device.', { time: clock(found.seconds) }),
    actions: [
      { label: t('Transcribe'), primary: true, run: decide(() => recordings.transcribe(found)) },
      { label: t('Save'), run: decide(() => recordings.save(found)) },
      { label: t('Delete'), run: decide(() => recordings.remove(found)) },
      { label: t('Later'), run: decide(() => Promise.resolve()) },
    ],
  }));
}
