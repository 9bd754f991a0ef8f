/** Which Whisper base a device goes on with that has the hub's from the time before one came with the page. */
import { engine } from '../engine.svelte.ts';
import { t } from '../locale/text.ts';
import { messages } from '../messages/messages.svelte.ts';
import { settings } from '../settings/settings.svelte.ts';
import { goesOnWithHub, HUB_BASE } from '../settings/model-choice.ts';

/** Set when it was decided once on this device. */
const BASE_DECIDED = 'earshot-base-decided';

/** Decides it once, as soon as the catalogue is known: whoever chooses the other one afterwards has it. */
export function decideBase(): void {
  if (engine.models === null) return;
  try {
    if (localStorage.getItem(BASE_DECIDED) !== null) return;
    localStorage.setItem(BASE_DECIDED, 'yes');
  } catch {
    // Site data is blocked, so nothing of an earlier visit is here either.
    return;
  }
  if (!goesOnWithHub(engine.models, settings.keptModel)) return;
  settings.keep('model', HUB_BASE);
  messages.sayUntil('OK', () => ({
    key: 'base',
    sentence: t('Whisper base now comes with the page, in a smaller form.'),
    more: t('This device goes on with the one it has from the hub. The new one is “Whisper base” under Model.'),
  }));
}
