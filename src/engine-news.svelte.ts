/** What there is to tell of an engine that has not started, in words. No part of the first load. */
import { ABORTED } from '../workers/protocol.ts';
import { engine } from './engine.svelte.ts';
import { faultWords } from './fault-words.ts';
import { asFault } from './faults.ts';
import { t } from './locale/text.ts';
import { messages } from './messages/messages.svelte.ts';

/** The list of models is long in coming. */
export function tellOfSilence(): void {
  if (engine.models !== null) return;
  messages.say(() => ({
    key: 'engine',
    sentence: t("This browser's storage does not answer, so no model can be read yet."),
    more: t('Files start by themselves when it does. If it stays so, close the browser and open it again.'),
  }));
}

export function tellOfFailure(error: unknown): void {
  const { name, detail } = asFault(error);
  messages.say(() => ({
    key: 'engine',
    kind: 'fault',
    sentence: name === ABORTED ? t('The engine was stopped.') : faultWords(name).sentence,
    more: t('Reload the page. What is transcribed is kept.'),
    detail,
    actions: [{ label: t('Reload'), primary: true, run: () => location.reload() }],
  }));
}
