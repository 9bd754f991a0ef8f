/** What is said where transcripts do not reach the disk. Not a part of the first load. Pure. */
import { t } from '../locale/text.ts';
import type { News } from '../messages/message.ts';

/** @param again writes what the disk lacks */
export function notKeptNews(fault: Error, again: () => void): News {
  const detail = fault.message;
  if (fault.name !== 'QuotaExceededError') {
    return {
      ...{ key: 'disk', detail },
      sentence: t("This browser doesn't let Earshot keep transcripts here: export them before you close the tab."),
    };
  }
  return {
    ...{ key: 'disk', detail, kind: 'fault' },
    sentence: t('There is no room left on this device: what is new in your transcripts is not kept yet.'),
    more: t(
      'Delete models or transcripts that you do not need, or other files, then try again. Until then leave this tab open, or export them.',
    ),
    actions: [{ label: t('Try again'), run: again }],
  };
}
