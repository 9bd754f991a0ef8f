/** Parts of the page that are no part of its first load: fetched, or read from this device, when they are needed. */
import { t, type Phrase } from './locale/text.ts';
import { messages } from './messages/messages.svelte.ts';

/**
 * @param name how it is called where it could not be fetched: "The engine panel"
 * @param use called with the part as soon as it is here; never where it does not come, of which a message tells
 */
export function fetchPart<T>(name: Phrase, part: Promise<T>, use: (part: T) => void): void {
  // What is written in the source: it is the same in every language.
  const key = name as unknown as string;
  part.then(
    (fetched) => {
      messages.withdraw(key);
      use(fetched);
    },
    (error: unknown) =>
      messages.sayUntil('OK', () => ({
        key,
        kind: 'fault',
        sentence: t('{name} could not be fetched.', { name: t(name) }),
        more: t('Check the network, then reload the page. What is transcribed is kept.'),
        detail: String(error),
      })),
  );
}
